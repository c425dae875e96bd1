/**
 * Holds all transfers of a run together below one rate: a bucket of tokens, one token a byte, which fills steadily and
 * holds a quarter of a second's worth. Takers are served in the order they come, each in portions of a bucket at most,
 * so that none of them waits for longer than the others' portions take.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../time/clock.ts';

/** How much may pass at once after a pause: short enough for a link to bear, long enough for timers to be exact. */
const BURST_SEC = 0.25;

/** Lets bytes pass at a rate. */
export interface RateLimiter {
  /** How much is worth having at hand at once; Infinity where there is no limit. */
  readonly portionBytes: number;
  /**
   * Waits until some bytes may pass.
   *
   * @param bytes how many
   * @throws the signal's reason; some of the bytes may count as passed then
   */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/** Lets everything pass. */
export const UNLIMITED: RateLimiter = {
  portionBytes: Number.POSITIVE_INFINITY,
  async take(_bytes, signal) {
    signal.throwIfAborted();
  },
};

/**
 * A limiter for all transfers of a run.
 *
 * @param bytesPerSec the rate, above 0; undefined for none
 */
export function createRateLimiter(bytesPerSec: number | undefined, clock: Clock): RateLimiter {
  return bytesPerSec === undefined ? UNLIMITED : new TokenBucket(bytesPerSec, clock);
}

class TokenBucket implements RateLimiter {
  readonly #bytesPerSec: number;
  readonly portionBytes: number;
  readonly #clock: Clock;
  /** Resolves when the last taker in line has been served, or has given up. */
  #last: Promise<void> = Promise.resolve();
  #tokens: number;
  #filledSec: number;

  constructor(bytesPerSec: number, clock: Clock) {
    this.#bytesPerSec = bytesPerSec;
    // At least one byte, or nothing would ever pass.
    this.portionBytes = Math.max(1, Math.floor(bytesPerSec * BURST_SEC));
    this.#clock = clock;
    this.#tokens = this.portionBytes;
    this.#filledSec = clock.monotonicSec();
  }

  async take(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    // All takers of a run may listen to one signal, and Node warns of a leak at eleven.
    setMaxListeners(0, signal);
    for (let left = bytes; left > 0; left -= this.portionBytes) {
      await this.#takePortion(Math.min(left, this.portionBytes), signal);
    }
  }

  async #takePortion(bytes: number, signal: AbortSignal): Promise<void> {
    const turn = this.#last.then(() => this.#wait(bytes, signal));
    // The next in line waits for this turn to end, not for its success.
    this.#last = turn.catch(() => undefined);
    // Whoever gives up in line does so at once; its turn is nothing but a step when it comes.
    await unlessAborted(turn, signal);
  }

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (;;) {
      this.#fill();
      const missing = bytes - this.#tokens;
      // Rounding must not make it wait for a fraction of a byte that no clock can show.
      if (missing < 1e-6 * this.portionBytes) break;
      await this.#clock.sleep(missing / this.#bytesPerSec, signal);
    }
    this.#tokens -= bytes;
  }

  #fill(): void {
    const nowSec = this.#clock.monotonicSec();
    this.#tokens = Math.min(this.portionBytes, this.#tokens + (nowSec - this.#filledSec) * this.#bytesPerSec);
    this.#filledSec = nowSec;
  }
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
