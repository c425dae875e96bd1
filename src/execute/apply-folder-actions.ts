/**
 * Actions on single files that have no row: leftovers and queue markers.
 */
import type { Directory } from '../cache/directory.ts';
import { isSameFile } from '../cache/file-facts.ts';
import type { FolderAction } from '../plan/action.ts';
import type { ApplyResult, Outcome, SkippedReason } from './outcome.ts';
import { Turns } from './turns.ts';

/**
 * Applies actions one by one, each as far as its facts still hold; stops between two when the signal is aborted.
 *
 * @returns an outcome per action that was reached; errors are among them and never stop the others. The signal's reason
 *   is the failure where there are actions behind them
 */
export async function applyFolderActions(
  directory: Directory,
  actions: readonly FolderAction[],
  signal: AbortSignal,
): Promise<ApplyResult> {
  const outcomes: Outcome[] = [];
  const turns = new Turns();
  for (const action of actions) {
    await turns.before(action.kind === 'remove-file' ? action.file.sizeBytes : 0);
    if (signal.aborted) break;
    outcomes.push(applyOne(directory, action));
  }
  return { outcomes, failure: outcomes.length < actions.length ? signal.reason : undefined };
}

function applyOne(directory: Directory, action: FolderAction): Outcome {
  try {
    const reason = act(directory, action);
    return reason === undefined ? { action, result: 'done' } : { action, result: 'skipped', reason };
  } catch (error) {
    return { action, result: 'failed', error };
  }
}

function act(directory: Directory, action: FolderAction): SkippedReason | undefined {
  switch (action.kind) {
    case 'add-marker':
      return directory.createMarker(action.imageId, action.queuedSec) ? undefined : 'present';
    case 'drop-marker':
      if (directory.look('queue', action.name) === undefined) return 'gone';
      directory.unlink('queue', action.name);
      return undefined;
    case 'remove-file': {
      // A file that glance-api has begun to write again has a new modification time.
      const now = directory.look(action.area, action.imageId);
      if (now === undefined) return 'gone';
      if (!isSameFile(action.file, now)) return 'changed';
      directory.unlink(action.area, action.imageId);
      return undefined;
    }
  }
}
