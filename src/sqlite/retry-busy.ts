/**
 * Waiting for a lock of SQLite without blocking the process: signals are heard while it waits.
 */
import type { Clock } from '../time/clock.ts';
import { isBusy } from './connection.ts';

/** How long to wait for a lock, and what ends the wait early. */
export interface Patience {
  readonly clock: Clock;
  /** Seconds; 0 tries once. */
  readonly timeoutSec: number;
  readonly signal: AbortSignal;
  /** Seconds between two tries; 0.02 unless given. */
  readonly stepSec?: number;
}

// Glance holds its locks for milliseconds: looking often costs little, and a cold download waits behind us no longer.
const STEP_SEC = 0.02;

/**
 * Calls until it is not busy.
 *
 * @throws what the call throws; the last busy error when the time is over; the signal's reason when it is aborted
 */
export async function retryBusy<T>(patience: Patience, call: () => T): Promise<T> {
  const deadline = patience.clock.monotonicSec() + patience.timeoutSec;
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!isBusy(error) || patience.clock.monotonicSec() >= deadline) throw error;
    }
    await patience.clock.sleep(patience.stepSec ?? STEP_SEC, patience.signal);
  }
}
