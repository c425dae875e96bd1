import { setTimeout } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** The clock of this machine. */
export const systemClock: Clock = {
  nowSec: () => Date.now() / 1000,
  monotonicSec: () => performance.now() / 1000,
  async sleep(seconds, signal) {
    signal.throwIfAborted();
    try {
      await setTimeout(seconds * 1000, undefined, { signal });
    } catch (error) {
      // Node wraps the reason in an AbortError of its own; the caller wants the signal's.
      signal.throwIfAborted();
      throw error;
    }
  },
};
