import { CacheError } from '../errors/cache-error.ts';

/** Failures that are the server's, whichever image is asked for. One that stands still takes its time for each. */
const OUTAGES: ReadonlySet<string> = new Set(['REMOTE_UNREACHABLE', 'REMOTE_TLS', 'REMOTE_STALLED']);

/** A server that cannot be reached for one image cannot be for the others: they fail without being tried each. */
export class Outage {
  #error: CacheError | undefined;

  /** What keeps the server from being asked; undefined as long as it answers. */
  get error(): CacheError | undefined {
    return this.#error;
  }

  /** Takes note of a failure, if it is one of the server. */
  note(error: unknown): void {
    if (error instanceof CacheError && OUTAGES.has(error.code)) this.#error = error;
  }
}
