/**
 * Puts images into the queue of the prefetcher, and takes them out of it.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { ImageId } from '../cache/image-id.ts';
import { applyFolderActions } from '../execute/apply-folder-actions.ts';
import type { FolderAction } from '../plan/action.ts';
import { type NotQueuedReason, planDequeue, planQueue } from '../plan/queue.ts';
import { appliedItems, errorsOf, idleItem, plannedItems, type ReportItem, type RunResult } from './report.ts';

/**
 * Queues images in the order given. One that is cached, queued or being cached is left as it is, and said so.
 *
 * @throws CacheStateError, BusyError
 */
export async function queueImages(
  access: CacheAccess,
  imageIds: readonly ImageId[],
  dryRun: boolean,
): Promise<RunResult> {
  const { directory, clock } = access;
  const look = (): { readonly actions: readonly FolderAction[]; readonly idle: readonly ReportItem[] } => {
    const { actions, refused } = planQueue(imageIds, queueState(access, imageIds), clock.nowSec());
    return { actions, idle: refused.map(({ imageId, reason }) => idleItem(imageId, reason)) };
  };
  if (dryRun) return planned(look());
  // The directory comes first: the lock file lies in it.
  directory.ensureFolders();
  return access.withLocks(undefined, async () => applied(access, look()));
}

/**
 * Takes images out of the queue.
 *
 * @param imageIds the images; undefined for all
 * @throws CacheStateError, BusyError
 */
export async function dequeueImages(
  access: CacheAccess,
  imageIds: readonly ImageId[] | undefined,
  dryRun: boolean,
): Promise<RunResult> {
  const { directory } = access;
  const look = (): { readonly actions: readonly FolderAction[]; readonly idle: readonly ReportItem[] } => {
    const { actions, absent } = planDequeue(directory.list('queue').files, imageIds);
    return { actions, idle: absent.map((imageId) => idleItem(imageId, 'absent')) };
  };
  if (dryRun || !directory.exists()) return planned(look());
  return access.withLocks(undefined, async () => applied(access, look()));
}

interface Look {
  readonly actions: readonly FolderAction[];
  readonly idle: readonly ReportItem[];
}

function planned({ actions, idle }: Look): RunResult {
  return { items: [...plannedItems(actions), ...idle], errors: [], failure: undefined };
}

async function applied(access: CacheAccess, { actions, idle }: Look): Promise<RunResult> {
  const { outcomes, failure } = await applyFolderActions(access.directory, actions, access.signal);
  return { items: [...appliedItems(outcomes), ...idle], errors: errorsOf(outcomes), failure };
}

/** Where each image is at the moment; nowhere where it is absent. The stock tool looks in this order too. */
export function queueState(
  { directory }: CacheAccess,
  imageIds: readonly ImageId[],
): ReadonlyMap<ImageId, NotQueuedReason> {
  const state = new Map<ImageId, NotQueuedReason>();
  if (!directory.exists()) return state;
  const queued = new Set(directory.list('queue').files.map(({ imageId }) => imageId));
  for (const imageId of imageIds) {
    if (directory.look('cached', imageId) !== undefined) state.set(imageId, 'cached');
    else if (directory.look('incomplete', imageId) !== undefined) state.set(imageId, 'being-cached');
    else if (queued.has(imageId)) state.set(imageId, 'queued');
  }
  return state;
}
