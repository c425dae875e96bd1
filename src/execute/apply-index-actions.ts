/**
 * Removes images and mends the index, in steps that a kill at any point leaves mendable: row, then file into
 * `invalid/`, then commit, then unlink. The write lock of the index is held for a few milliseconds at a time, because a
 * cold download through glance-api fails for its client after 2 s without it.
 */
import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../cache/directory.ts';
import { isSameFile } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { IndexDb } from '../cache/index/index-db.ts';
import type { IndexAction, RemoveImage } from '../plan/action.ts';
import type { Clock } from '../time/clock.ts';
import { changeIndex, isOutOfSpace, putBackPinned, type Step } from './change-index.ts';
import type { ApplyResult, Outcome } from './outcome.ts';
import { Turns } from './turns.ts';

/** What applying needs of the world. */
export interface ApplyPorts {
  readonly directory: Directory;
  readonly index: IndexDb;
  readonly clock: Clock;
  /** Stops between two batches; what was committed is done. */
  readonly signal: AbortSignal;
  /**
   * Looks what is pinned now; absent where pins have no say. Asked before a batch and once more when its images are out of
   * their places and nothing is committed yet. Whoever pins an image takes no lock, and looks where the image is after
   * that: so either the pin is seen here and the image comes back, or it was made later, and the image is seen to be gone.
   */
  readonly pinned?: () => ReadonlySet<ImageId>;
}

/** Work under the write lock before it is given back; freeing is done outside. */
const BATCH_SEC = 0.02;

const NO_PINS: ReadonlySet<ImageId> = new Set();

/** More than is ever done in that time. */
const BATCH_ACTIONS = 10_000;

/** A batch that takes longer, because the disk is slow to sync, has kept others from the lock for as long. */
const LONG_BATCH_SEC = 0.1;

/** So do many short ones: whoever looks for the lock now and then seldom finds it free between two of them. */
const STRETCH_SEC = 0.5;

/** glance-api looks every 50 ms whether the lock is free, and gives up after 2 s. */
const TURN_SEC = 0.06;

/**
 * Applies actions to index and directory, each as far as its facts still hold.
 *
 * @returns an outcome per action that was reached; errors of single images are among them, what stops the whole run (a
 *   busy index, an I/O error of the index, the signal) is the result's failure
 */
export async function applyIndexActions(ports: ApplyPorts, actions: readonly IndexAction[]): Promise<ApplyResult> {
  const outcomes: Outcome[] = [];
  const freed = new Set<ImageId>();
  let stretchSec = 0;
  while (outcomes.length < actions.length && !ports.signal.aborted) {
    const startSec = ports.clock.monotonicSec();
    try {
      const next = actions.slice(outcomes.length, outcomes.length + BATCH_ACTIONS);
      outcomes.push(...(await applyBatch(ports, next, freed)));
    } catch (error) {
      const rest = actions.slice(outcomes.length);
      if (!isOutOfSpace(error) || !freeOne(ports, rest, freed)) {
        return { outcomes: [...outcomes, ...freedOutcomes(rest, freed)], failure: error };
      }
    }
    if (outcomes.length === actions.length) break;
    const batchSec = ports.clock.monotonicSec() - startSec;
    stretchSec += batchSec;
    const isLong = batchSec > LONG_BATCH_SEC || stretchSec > STRETCH_SEC;
    await giveWay(ports, isLong);
    if (isLong) stretchSec = 0;
  }
  return { outcomes, failure: outcomes.length < actions.length ? ports.signal.reason : undefined };
}

/** Gives signals their turn, and after long work also those who wait for the lock. */
async function giveWay({ clock, signal }: ApplyPorts, isLong: boolean): Promise<void> {
  await setImmediate();
  if (!isLong || signal.aborted) return;
  // An abort ends the pause, and then the loop by itself.
  await clock.sleep(TURN_SEC, signal).catch(() => undefined);
}

async function applyBatch(
  ports: ApplyPorts,
  actions: readonly IndexAction[],
  freed: ReadonlySet<ImageId>,
): Promise<readonly Outcome[]> {
  const { clock, directory, index, signal, pinned = () => NO_PINS } = ports;
  const steps: Step[] = [];
  try {
    await index.transaction(async (changes) => {
      // Before the time counts: over a slow network every batch would be of one image.
      await changes.expect?.(actions.map(({ imageId }) => imageId));
      const change = { changes, directory, freed, pinned: pinned() };
      const startSec = clock.monotonicSec();
      for (const action of actions) {
        steps.push(await changeIndex(change, action));
        if (clock.monotonicSec() - startSec >= BATCH_SEC || signal.aborted) break;
      }
      if (steps.some(({ retired }) => retired !== undefined)) await putBackPinned(change, steps, pinned());
    });
  } catch (error) {
    // The rows are back, so the files must be: a removal that failed has removed nothing.
    for (const { retired } of steps.reverse()) if (retired !== undefined) putBack(directory, retired);
    throw error;
  }
  const outcomes: Outcome[] = [];
  const turns = new Turns();
  for (const step of steps) {
    // Freeing takes time: a signal is to be heard before the next one.
    await turns.before(freedBytes(step));
    outcomes.push(freeFile(ports, step));
  }
  return outcomes;
}

function freedBytes({ outcome: { action } }: Step): number {
  return action.kind === 'remove-image' ? action.file.sizeBytes : 0;
}

/** What was removed to make room is gone, though its row is still there. */
function freedOutcomes(rest: readonly IndexAction[], freed: ReadonlySet<ImageId>): readonly Outcome[] {
  return rest.flatMap((action) => {
    return action.kind === 'remove-image' && freed.has(action.imageId) ? [{ action, result: 'done' }] : [];
  });
}

/** Where even that fails, the image is a row without a file and a file in `invalid/`, which the next runs clear up. */
function putBack(directory: Directory, imageId: ImageId): void {
  try {
    directory.restore(imageId);
  } catch {
    // The error that made this necessary is the one to tell.
  }
}

/** Frees the space of an image that is out of the cache. On a signal that is left to the cleaner: it may take seconds. */
function freeFile({ directory, signal }: ApplyPorts, step: Step): Outcome {
  const { outcome, retired } = step;
  // A damaged image is kept for the cleaner's grace: somebody may want to look at it.
  if (retired === undefined || outcome.action.kind === 'retire-image') return outcome;
  if (signal.aborted) return { action: outcome.action, result: 'done', isUnfreed: true };
  try {
    directory.unlink('invalid', retired);
    return outcome;
  } catch (error) {
    return { action: outcome.action, result: 'failed', error };
  }
}

/**
 * Makes room on a full disk for the index's journal, or for one more name in `invalid/`, by removing the first image of
 * the plan before its row. Until the row follows, a moment later, that is a row without a file: a state that glance-api
 * and every run here know.
 *
 * @returns whether a file was removed
 */
function freeOne(ports: ApplyPorts, actions: readonly IndexAction[], freed: Set<ImageId>): boolean {
  const kept = pinnedNow(ports);
  for (const action of actions) {
    if (action.kind !== 'remove-image' || action.file.reclaimableBytes === 0 || freed.has(action.imageId)) continue;
    if (kept?.has(action.imageId) !== false || !removeUnchanged(ports.directory, action)) continue;
    freed.add(action.imageId);
    return true;
  }
  return false;
}

/** What is pinned; undefined where that cannot be known, and so anything may be. */
function pinnedNow({ pinned = () => NO_PINS }: ApplyPorts): ReadonlySet<ImageId> | undefined {
  try {
    return pinned();
  } catch {
    // That the disk is full is what the user has to hear.
    return undefined;
  }
}

function removeUnchanged(directory: Directory, { imageId, file }: RemoveImage): boolean {
  try {
    const now = directory.look('cached', imageId);
    if (now === undefined || !isSameFile(file, now)) return false;
    directory.unlink('cached', imageId);
    return true;
  } catch {
    // The next one may go; when none does, that the disk is full is what the user has to hear.
    return false;
  }
}
