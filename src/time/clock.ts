/**
 * Time as a port: planners get plain numbers, everything that waits gets this.
 */

/** The time of day and a way to wait. */
export interface Clock {
  /** Now, epoch seconds with fraction. */
  nowSec(): number;
  /** A steady time for measuring spans, seconds; unlike {@link nowSec} nobody can set it back. */
  monotonicSec(): number;
  /**
   * Waits.
   *
   * @param seconds how long
   * @throws the signal's reason when it is aborted first
   */
  sleep(seconds: number, signal: AbortSignal): Promise<void>;
}
