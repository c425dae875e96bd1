/**
 * A token that outlives its run, as a port: for people who run one command after the other, and for logins that take a
 * person each time.
 */
import type { IssuedToken } from './token.ts';

/** A token of an earlier login. */
export interface KeptToken {
  readonly issued: IssuedToken;
  /** How much of its life has gone, seconds. */
  readonly ageSec: number;
}

/** Keeps the token of one login. None of it throws: a run that cannot keep its token has it all the same. */
export interface TokenKeeper {
  /** What is kept now, unless it has expired. */
  kept(): KeptToken | undefined;
  /**
   * Keeps a token until it expires; nothing where it is not known when.
   *
   * @param ageSec how long ago it was asked for
   */
  keep(issued: IssuedToken, ageSec: number): void;
  /**
   * Forgets a token that was refused. One that somebody else has put in its place stays.
   *
   * @param token secret
   */
  forget(token: string): void;
}
