/**
 * One request to Glance: logged in, with a token that is renewed once where it is refused, and tried again while a
 * failure may pass.
 */
import type { HttpResponse, Transport } from '../http/transport.ts';
import { withRetries } from '../http/with-retries.ts';
import type { Access, Session } from '../keystone/session.ts';
import type { Clock } from '../time/clock.ts';

/** What asking takes. */
export interface GlanceOptions {
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
  /** Below the endpoint, with a slash before it; may have a query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Uses the answer, or throws; is called again for an answer to another try. A 401 comes here once it has come twice. */
  read(answer: Answer): Promise<T>;
}

/**
 * Asks.
 *
 * @throws what `read` throws; AuthError, RemoteError, ConfigError of the login; RemoteError of the transport; the
 * signal's reason
 */
export async function askGlance<T>(
  { session, transport, ...patience }: GlanceOptions,
  { path, headers, read }: Question<T>,
  signal: AbortSignal,
): Promise<T> {
  // Outside of the retries: a login has its own.
  let access = await session.access(signal);
  for (let isRenewed = false; ; isRenewed = true) {
    const current = access;
    const url = `${current.imageEndpoint}${path}`;
    const outcome = await withRetries({ ...patience, signal }, async () => {
      const response = await transport.send(
        { method: 'GET', url, headers: { ...headers, ...current.headers } },
        signal,
      );
      if (response.status !== 401 || isRenewed) return { value: await read({ response, access: current }) };
      response.discard();
      return undefined;
    });
    if (outcome !== undefined) return outcome.value;
    access = await session.renewed(current, signal);
  }
}
