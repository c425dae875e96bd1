/**
 * When signals get their turn between actions that are made at once.
 */
import { setImmediate } from 'node:timers/promises';

/** How many small files pass. */
const SMALL_FILES = 32;

/** Freeing so much may take seconds. */
const LARGE_BYTES = 16 * 1024 * 1024;

/** The turns of one run of actions. */
export class Turns {
  #small = 0;

  /** Lets signals be heard before an action that frees so much, where it is time. */
  async before(freedBytes: number): Promise<void> {
    if (freedBytes > LARGE_BYTES || this.#small++ % SMALL_FILES === 0) await setImmediate();
  }
}
