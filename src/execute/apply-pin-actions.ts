/**
 * Pins images and takes pins away.
 */
import type { Pins } from '../cache/pins/pins.ts';
import type { PinAction } from '../plan/action.ts';
import type { ApplyResult, Outcome } from './outcome.ts';

/**
 * Applies actions one by one; stops between two when the signal is aborted. What was pinned is on the disk at the end.
 *
 * @returns an outcome per action that was reached; errors are among them and never stop the others. The signal's reason,
 *   or that the pins could not be synced, is the failure
 */
export async function applyPinActions(
  pins: Pins,
  actions: readonly PinAction[],
  signal: AbortSignal,
): Promise<ApplyResult> {
  const outcomes: Outcome[] = [];
  for (const action of actions) {
    if (signal.aborted) break;
    outcomes.push(applyOne(pins, action));
  }
  const syncFailure = outcomes.some(({ result }) => result === 'done') ? await syncOf(pins) : undefined;
  return { outcomes, failure: outcomes.length < actions.length ? signal.reason : syncFailure };
}

/** What kept the pins from the disk; undefined where nothing did. */
async function syncOf(pins: Pins): Promise<unknown> {
  try {
    await pins.sync();
    return undefined;
  } catch (error) {
    return error;
  }
}

function applyOne(pins: Pins, action: PinAction): Outcome {
  const { imageId, kind } = action;
  try {
    if (kind === 'add-pin') {
      return pins.add(imageId) ? { action, result: 'done' } : { action, result: 'skipped', reason: 'pinned' };
    }
    return pins.remove(imageId) ? { action, result: 'done' } : { action, result: 'skipped', reason: 'gone' };
  } catch (error) {
    return { action, result: 'failed', error };
  }
}
