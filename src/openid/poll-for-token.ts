/**
 * Waits until somebody has confirmed a login on another device: https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 */
import { RemoteError } from '../errors/cache-error.ts';
import type { Clock } from '../time/clock.ts';

/** What the wait is made of. */
export interface Polling<T> {
  readonly clock: Clock;
  /** How long to wait before each question, seconds. */
  readonly intervalSec: number;
  /** When there is no use in going on, by the steady clock. */
  readonly untilSec: number;
  /** Asks once. */
  ask(): Promise<T>;
  /** What a failed question means, where the wait is not over. */
  isPending(error: unknown): 'wait' | 'slow down' | undefined;
}

// By which RFC 8628 lengthens the wait for `slow_down`, and asks for the same where no answer comes.
const LONGER_SEC = 5;

/**
 * Asks until there is an answer. A network or a provider that fails for a moment does not end it: the code that has been
 * shown stays good.
 *
 * @returns undefined when the time is up
 * @throws what `ask` throws, where it means neither; the signal's reason
 */
export async function pollForToken<T>(
  { clock, intervalSec, untilSec, ask, isPending }: Polling<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  let waitSec = intervalSec;
  for (let onceSec = 0; ; ) {
    const leftSec = untilSec - clock.monotonicSec();
    if (leftSec <= 0) return undefined;
    await clock.sleep(Math.min(Math.max(waitSec, onceSec), leftSec), signal);
    onceSec = 0;
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      const isBusy = error instanceof RemoteError && error.isTransient;
      const pending = isBusy ? 'slow down' : isPending(error);
      if (pending === undefined) throw error;
      if (pending === 'slow down') waitSec += LONGER_SEC;
      if (isBusy) onceSec = error.retryAfterSec ?? 0;
    }
  }
}
