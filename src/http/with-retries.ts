/**
 * Trying again what may go well a moment later: failures of the network and of busy servers, a bounded number of times.
 */
import { RemoteError } from '../errors/cache-error.ts';
import type { Clock } from '../time/clock.ts';
import { retryDelaySec } from './retry-delay.ts';

/** How often, and how, to try again. */
export interface RetryPolicy {
  /** Retries after the first try; 0 for none. */
  readonly retries: number;
  readonly clock: Clock;
  /** A number in [0, 1), another each time. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /**
   * Hears of each failure that is tried again, before the wait.
   *
   * @param attempt the retry to come: 1, 2, ...
   */
  readonly onRetry?: (error: RemoteError, delaySec: number, attempt: number) => void;
}

/** Counts failures in a row and waits between tries, for work that goes on where it was. */
export class RetryBudget {
  readonly #policy: RetryPolicy;
  #failures = 0;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /**
   * After a failure: waits until it is time for the next try.
   *
   * @throws the error when it will not pass, has come too often, or the server wants to be left alone for longer than
   * a run waits; the signal's reason when it is aborted
   */
  async failed(error: unknown): Promise<void> {
    const { retries, clock, random, signal, onRetry } = this.#policy;
    if (!(error instanceof RemoteError) || !error.isTransient || this.#failures >= retries) throw error;
    const attempt = this.#failures + 1;
    const delaySec = retryDelaySec({ attempt, random: random(), retryAfterSec: error.retryAfterSec });
    if (delaySec === undefined) throw error;
    this.#failures = attempt;
    signal.throwIfAborted();
    onRetry?.(error, delaySec, attempt);
    await clock.sleep(delaySec, signal);
  }

  /** Something came of the last try: failures are counted anew. */
  progressed(): void {
    this.#failures = 0;
  }
}

/**
 * Does work until it succeeds.
 *
 * @throws what the work throws, when it will not pass or has come too often; the signal's reason
 */
export async function withRetries<T>(policy: RetryPolicy, work: () => Promise<T>): Promise<T> {
  const budget = new RetryBudget(policy);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await budget.failed(error);
    }
  }
}
