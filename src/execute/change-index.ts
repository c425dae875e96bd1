/**
 * One action inside an index transaction. The facts it was planned on are looked at again first: what changed in
 * between is left alone.
 */
import type { Directory } from '../cache/directory.ts';
import { type FileFacts, isSameFile } from '../cache/file-facts.ts';
import { type ImageId, isImageId } from '../cache/image-id.ts';
import type { IndexRow, IndexTransaction } from '../cache/index/index-db.ts';
import { CacheError } from '../errors/cache-error.ts';
import type {
  AdoptFile,
  CorrectSize,
  DropRow,
  IndexAction,
  RemovalReason,
  RemoveImage,
  RenewRow,
  RetireImage,
} from '../plan/action.ts';
import { rowFor } from '../plan/reconcile.ts';
import type { Outcome, SkippedReason } from './outcome.ts';

/** What one action has done so far. */
export interface Step {
  readonly outcome: Outcome;
  /** The image whose file lies in `invalid/` now, to be put back should the commit fail. */
  readonly retired: ImageId | undefined;
  /** The row it had. */
  readonly row?: IndexRow | undefined;
}

/** What an action may touch inside a transaction. */
export interface ChangePorts {
  readonly changes: IndexTransaction;
  readonly directory: Directory;
  /** Images whose files were removed beforehand, to make room on a full disk. */
  readonly freed: ReadonlySet<ImageId>;
  /** Images that are to stay, although they were planned to go. */
  readonly pinned: ReadonlySet<ImageId>;
}

/**
 * Does one action.
 *
 * @throws errors of the index, and that the disk is full, which end the transaction; other errors of the image's own file
 *   are in the outcome
 */
export async function changeIndex(ports: ChangePorts, action: IndexAction): Promise<Step> {
  let now: FileFacts | undefined;
  try {
    now = isImageId(action.imageId) ? ports.directory.look('cached', action.imageId) : undefined;
  } catch (error) {
    return failed(ports, action, error);
  }
  if (action.kind === 'remove-image' || action.kind === 'retire-image') return takeOut(ports, action, now);
  if (action.kind === 'adopt-file') {
    try {
      ports.changes.requireKeepable?.(action.imageId);
    } catch (error) {
      return { outcome: { action, result: 'failed', error }, retired: undefined };
    }
  }
  return stepOf(action, await mend(ports.changes, action, now));
}

function stepOf(action: IndexAction, reason: SkippedReason | undefined): Step {
  const outcome: Outcome = reason === undefined ? { action, result: 'done' } : { action, result: 'skipped', reason };
  return { outcome, retired: undefined };
}

async function takeOut(
  { changes, directory, freed, pinned }: ChangePorts,
  action: RemoveImage | RetireImage,
  now: FileFacts | undefined,
): Promise<Step> {
  const { imageId } = action;
  if (freed.has(imageId)) {
    await changes.remove(imageId);
    return stepOf(action, undefined);
  }
  const row = await changes.row(imageId);
  const reason = whatChanged(now, action.file) ?? whetherUsed(row, action);
  if (reason !== undefined) return stepOf(action, reason);
  if (pinned.has(imageId)) return keepPinned(changes, action, row);
  await changes.remove(imageId, action.kind === 'retire-image' ? noteOn(action) : undefined);
  try {
    directory.retire(imageId);
    return { ...stepOf(action, undefined), retired: imageId, row };
  } catch (error) {
    // Glance's own tools know no locks: they may have removed the file since the look above, and so its row goes too.
    if (isGone(directory, imageId))
      return { outcome: { action, result: 'skipped', reason: 'gone' }, retired: undefined };
    // A folder that has to grow for one more name: whoever frees a file first gets on.
    if (isOutOfSpace(error)) throw error;
    if (row !== undefined) await changes.insert(row);
    return failed({ changes }, action, error);
  }
}

/** An image that was pinned since it was planned to go. Beside an empty index it would be a file that no run touches. */
async function keepPinned(
  changes: IndexTransaction,
  action: RemoveImage | RetireImage,
  row: IndexRow | undefined,
): Promise<Step> {
  await changes.insert(row ?? rowFor(action.imageId, action.file));
  return stepOf(action, 'pinned');
}

/**
 * Puts images back that were pinned while they were taken out, with their rows.
 *
 * @param steps what was done in this transaction; what is put back was skipped
 * @throws errors of the index; that a file cannot be put back is the outcome of its step
 */
export async function putBackPinned(
  { changes, directory }: Pick<ChangePorts, 'changes' | 'directory'>,
  steps: Step[],
  pinned: ReadonlySet<ImageId>,
): Promise<void> {
  for (const [place, { outcome, retired, row }] of steps.entries()) {
    const { action } = outcome;
    if (retired === undefined || action.kind !== 'remove-image' || !pinned.has(retired)) continue;
    try {
      directory.restore(retired);
    } catch (error) {
      // It is out of the cache, in step with its row, and lies in invalid/ until the cleaner comes.
      steps[place] = { outcome: { action, result: 'failed', error }, retired: undefined };
      continue;
    }
    steps[place] = await keepPinned(changes, action, row);
  }
}

/** For whoever finds it in `invalid/`. */
function noteOn({ reason }: RetireImage): string {
  return `glance-cache-manage verify: ${reason}`;
}

/**
 * An action that failed. An image that has no row yet gets one: were its file the only thing left beside an empty index,
 * no run would touch it any more.
 */
async function failed({ changes }: Pick<ChangePorts, 'changes'>, action: IndexAction, error: unknown): Promise<Step> {
  const isSound = action.kind === 'remove-image' || action.kind === 'adopt-file';
  if (isSound) await changes.insert(rowFor(action.imageId, action.file));
  return { outcome: { action, result: 'failed', error }, retired: undefined };
}

/** Whether what failed may succeed once there is room on the disk. */
export function isOutOfSpace(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'CACHE_NO_SPACE';
}

function isGone(directory: Directory, imageId: ImageId): boolean {
  try {
    return directory.look('cached', imageId) === undefined;
  } catch {
    return false;
  }
}

async function mend(
  changes: IndexTransaction,
  action: AdoptFile | DropRow | CorrectSize | RenewRow,
  now: FileFacts | undefined,
): Promise<SkippedReason | undefined> {
  const { imageId } = action;
  switch (action.kind) {
    case 'drop-row':
      if (now !== undefined) return 'present';
      await changes.remove(imageId);
      return undefined;
    case 'adopt-file': {
      const reason = whatChanged(now, action.file);
      if (reason !== undefined) return reason;
      if ((await changes.row(imageId)) !== undefined) return 'present';
      await changes.insert(action.row);
      return undefined;
    }
    case 'renew-row': {
      const reason = whatChanged(now, action.file);
      if (reason === undefined) await changes.put(action.row);
      return reason;
    }
    case 'correct-size': {
      const reason = whatChanged(now, action.file);
      if (reason === undefined) await changes.setSize(imageId, action.file.sizeBytes);
      return reason;
    }
  }
}

function whatChanged(now: FileFacts | undefined, planned: FileFacts): SkippedReason | undefined {
  if (now === undefined) return 'gone';
  return isSameFile(planned, now) ? undefined : 'changed';
}

/** Reasons to remove what nobody has used for the longest time. */
const UNUSED: ReadonlySet<string> = new Set<RemovalReason>(['max-size', 'min-free', 'max-age']);

/** An image that a client has just used is not the least recently used one any more. Other reasons still hold. */
function whetherUsed(row: IndexRow | undefined, action: RemoveImage | RetireImage): SkippedReason | undefined {
  if (action.kind === 'retire-image' || !UNUSED.has(action.reason)) return undefined;
  return (row?.lastAccessedSec ?? 0) > (action.row?.lastAccessedSec ?? 0) ? 'used' : undefined;
}
