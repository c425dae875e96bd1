/**
 * Removes what interrupted prefetches have left.
 */
import type { Parts } from '../cache/prefetch/parts.ts';
import type { RemovePart } from '../plan/action.ts';
import type { ApplyResult, Outcome } from './outcome.ts';
import { Turns } from './turns.ts';

/**
 * Removes parts one by one; stops between two when the signal is aborted. Nobody may be prefetching meanwhile.
 *
 * @returns an outcome per action that was reached; errors are among them and never stop the others. The signal's reason
 *   is the failure where there are actions behind them
 */
export async function removeParts(
  parts: Parts,
  actions: readonly RemovePart[],
  signal: AbortSignal,
): Promise<ApplyResult> {
  const outcomes: Outcome[] = [];
  const turns = new Turns();
  for (const action of actions) {
    await turns.before(action.sizeBytes);
    if (signal.aborted) break;
    try {
      if (action.torn === undefined) parts.remove(action.imageId);
      else parts.removeTorn(action.torn);
      outcomes.push({ action, result: 'done' });
    } catch (error) {
      outcomes.push({ action, result: 'failed', error });
    }
  }
  return { outcomes, failure: outcomes.length < actions.length ? signal.reason : undefined };
}
