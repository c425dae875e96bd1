/**
 * One connection to a server, as thin as each engine's package allows: what is the same for all is in server-database.ts.
 */
import type { SqlRow, SqlValue } from './database.ts';
import type { ServerAddress, ServerTarget } from './database-target.ts';
import type { TlsMaterial } from './tls-material.ts';

/** An open connection. Whatever it throws is what the engine's package throws. */
export interface Wire {
  /** Runs a statement, with `?` for each parameter; the rows it gives, if any. One at a time. */
  query(sql: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Ends the connection at once; what waits for an answer fails. */
  destroy(): void;
}

/** What a connection is made with. */
export interface WireOptions {
  readonly target: ServerTarget;
  readonly address: ServerAddress;
  /** Undefined for a connection without TLS. */
  readonly tls: TlsMaterial | undefined;
  readonly user: string;
  /** The longest wait for a lock of another transaction; at least 1. */
  readonly lockTimeoutSec: number;
  /** Ends the attempt to connect when it is aborted; afterwards it means nothing. */
  readonly signal: AbortSignal;
}

/** How an engine is talked to. */
export interface Engine {
  /** Connects, and settles what the statements rely on: UTC, isolation, patience with locks. */
  connect(options: WireOptions): Promise<Wire>;
  /** Whether what `connect` threw says that the server has no TLS, so that one may go on without. */
  hasNoTls(error: unknown): boolean;
}

/**
 * Does what it takes to connect, and closes the socket when that fails or the signal is aborted first.
 *
 * @param destroy closes the socket, whatever goes on on it
 */
export async function connecting<T>(signal: AbortSignal, destroy: () => void, work: () => Promise<T>): Promise<T> {
  signal.addEventListener('abort', destroy, { once: true });
  try {
    const result = await work();
    signal.throwIfAborted();
    return result;
  } catch (error) {
    destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}
