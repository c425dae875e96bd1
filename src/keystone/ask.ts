/**
 * One request to a service that takes tokens of Keystone: logged in, with a token that is renewed once where it is
 * refused, and tried again while a failure may pass.
 */
import type { HttpRequest, HttpResponse, Transport } from '../http/transport.ts';
import { withRetries } from '../http/with-retries.ts';
import type { Clock } from '../time/clock.ts';
import type { Access, Session } from './session.ts';

/** What asking takes. */
export interface AskOptions {
  readonly session: Session;
  readonly transport: Transport;
  readonly clock: Clock;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** How often a request that failed for a moment is tried again. */
  readonly retries: number;
}

/** An answer, and who got it. */
export interface Answer {
  readonly response: HttpResponse;
  readonly access: Access;
}

/** What to ask, and what to make of the answer. */
export interface Question<T> {
  /** The request, but for the headers that identify the caller. */
  request(access: Access): HttpRequest;
  /** Uses the answer, or throws; is called again for an answer to another try. A 401 comes here once it has come twice. */
  read(answer: Answer): Promise<T>;
}

/**
 * Asks.
 *
 * @throws what `read` throws; AuthError, RemoteError, ConfigError of the login; RemoteError of the transport; the
 * signal's reason
 */
export async function ask<T>(
  { session, transport, ...patience }: AskOptions,
  { request, read }: Question<T>,
  signal: AbortSignal,
): Promise<T> {
  // Outside of the retries: a login has its own.
  let access = await session.access(signal);
  for (let isRenewed = false; ; isRenewed = true) {
    const current = access;
    const asked = request(current);
    const outcome = await withRetries({ ...patience, signal }, async () => {
      const headers = { ...asked.headers, ...current.headers };
      const response = await transport.send({ ...asked, headers }, signal);
      if (response.status !== 401 || isRenewed) return { value: await read({ response, access: current }) };
      response.discard();
      return undefined;
    });
    if (outcome !== undefined) return outcome.value;
    access = await session.renewed(current, signal, asked.url);
  }
}
