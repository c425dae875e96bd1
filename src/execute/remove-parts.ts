/**
 * Removes what interrupted prefetches have left.
 */
import type { Parts } from '../cache/prefetch/parts.ts';
import type { RemovePart } from '../plan/action.ts';
import type { Outcome } from './outcome.ts';

/**
 * Removes parts one by one; stops between two when the signal is aborted. Nobody may be prefetching meanwhile.
 *
 * @returns an outcome per action that was reached; errors are among them and never stop the others
 */
export function removeParts(parts: Parts, actions: readonly RemovePart[], signal: AbortSignal): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const action of actions) {
    if (signal.aborted) break;
    try {
      if (action.torn === undefined) parts.remove(action.imageId);
      else parts.removeTorn(action.torn);
      outcomes.push({ action, result: 'done' });
    } catch (error) {
      outcomes.push({ action, result: 'failed', error });
    }
  }
  return outcomes;
}
