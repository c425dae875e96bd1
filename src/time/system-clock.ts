import { hrtime } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** The clock of this machine. */
export const systemClock: Clock = {
  nowSec: () => Date.now() / 1000,
  // `performance` would be the only use of a module that takes half a millisecond to load.
  monotonicSec: () => Number(hrtime.bigint()) / 1e9,
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
