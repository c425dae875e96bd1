/**
 * How long to wait before the same request is sent again: longer each time, and not all clients at once.
 */

/** A server that wants to be left alone for longer is not waited for: the run would hold its locks all that time. */
export const MAX_RETRY_AFTER_SEC = 300;

const FIRST_SEC = 0.5;
const LONGEST_SEC = 30;

/** What the delay depends on. */
export interface RetryCircumstances {
  /** How many times it has failed: 1 before the first retry. */
  readonly attempt: number;
  /** In [0, 1). */
  readonly random: number;
  /** What the server asks for, seconds. */
  readonly retryAfterSec: number | undefined;
}

/**
 * The delay.
 *
 * @returns seconds: between half and the whole of 0.5, 1, 2, ... 30, and never less than the server asks for; undefined
 * when it asks for more than {@link MAX_RETRY_AFTER_SEC}
 */
export function retryDelaySec({ attempt, random, retryAfterSec = 0 }: RetryCircumstances): number | undefined {
  if (retryAfterSec > MAX_RETRY_AFTER_SEC) return undefined;
  const backoffSec = Math.min(LONGEST_SEC, FIRST_SEC * 2 ** (attempt - 1)) * (0.5 + random / 2);
  // Whoever was sent away together does not come back together.
  return retryAfterSec + backoffSec;
}
