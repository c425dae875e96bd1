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
