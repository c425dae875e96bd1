/**
 * A token that outlives its run, as a port: for people who run one command after the other, and for logins that take a
 * person each time.
 */
import type { IssuedToken } from './token.ts';

/** Keeps the token of one login. */
export interface TokenKeeper {
  /** What is kept and has not expired; its lifetime is what is left of it. */
  readonly kept: IssuedToken | undefined;
  /** Keeps a token until it expires; nothing where it is not known when. Never throws: the run has its token. */
  keep(token: IssuedToken): Promise<void>;
  /** Forgets what is kept: it was refused. Never throws. */
  forget(): Promise<void>;
}
