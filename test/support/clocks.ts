import { setImmediate } from 'node:timers';
import type { Clock } from '../../src/time/clock.ts';
import { systemClock } from '../../src/time/system-clock.ts';

/**
 * The machine's clock, set ahead: nobody can set back the change time of a file, so a file of which a minute has passed
 * is one that is looked at from the future.
 */
export function clockAhead(seconds: number): Clock {
  return { ...systemClock, nowSec: () => systemClock.nowSec() + seconds };
}

/** A clock that only moves when it is told to, or slept on. */
export class FakeClock implements Clock {
  seconds: number;
  /** How long was slept, call by call. */
  readonly sleeps: number[] = [];
  /** Every look at the steady time takes this long. */
  lookSec = 0;

  constructor(seconds = 1_000_000) {
    this.seconds = seconds;
  }

  nowSec(): number {
    return this.seconds;
  }

  monotonicSec(): number {
    this.seconds += this.lookSec;
    return this.seconds;
  }

  async sleep(seconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.sleeps.push(seconds);
    this.seconds += seconds;
  }
}

/** A clock that moves on to the time of the next one who wakes, as soon as nobody has anything left to do. */
export class VirtualClock implements Clock {
  seconds: number;
  readonly #sleepers = new Map<() => void, number>();

  constructor(seconds = 0) {
    this.seconds = seconds;
  }

  nowSec(): number {
    return this.seconds;
  }

  monotonicSec(): number {
    return this.seconds;
  }

  sleep(seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = (): void => {
        this.#sleepers.delete(wake);
        reject(signal.reason);
      };
      const wake = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      if (this.#sleepers.size === 0) setImmediate(() => this.#moveOn());
      this.#sleepers.set(wake, this.seconds + seconds);
    });
  }

  #moveOn(): void {
    const untilSec = Math.min(...this.#sleepers.values());
    if (Number.isFinite(untilSec)) this.seconds = Math.max(this.seconds, untilSec);
    for (const [wake, atSec] of this.#sleepers) {
      if (atSec > this.seconds) continue;
      this.#sleepers.delete(wake);
      wake();
    }
    if (this.#sleepers.size > 0) setImmediate(() => this.#moveOn());
  }
}
