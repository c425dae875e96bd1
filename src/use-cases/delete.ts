/**
 * Deletes cached images on request.
 */
import type { CacheAccess } from '../cache/access.ts';
import { type ImageId, isImageId } from '../cache/image-id.ts';
import { planDelete, planDeleteAll } from '../plan/delete.ts';
import {
  appliedItems,
  countUnfreed,
  errorsOf,
  idleItem,
  plannedItems,
  type ReportItem,
  type RunResult,
} from './report.ts';
import { workOnIndex } from './work-on-index.ts';

/** What to delete. */
export interface DeleteRequest {
  readonly dryRun: boolean;
  readonly adopt: boolean;
  /** The images; undefined for all. */
  readonly imageIds: readonly ImageId[] | undefined;
  /** Of all images, take those too that are pinned; an image that is named goes in any case. */
  readonly includePinned?: boolean;
}

/** What became of a deletion. */
export interface DeleteResult extends RunResult {
  /** Images that were, or would be, removed, and whose pins stay. */
  readonly stillPinned: readonly ImageId[];
}

const NO_PINS: ReadonlySet<ImageId> = new Set();

/**
 * Deletes cached images. What is not there is an item of its own, not an error.
 *
 * @throws CacheStateError, BusyError
 */
export async function deleteCached(access: CacheAccess, request: DeleteRequest): Promise<DeleteResult> {
  const { dryRun, adopt, imageIds, includePinned = false } = request;
  const sparesPinned = imageIds === undefined && !includePinned;
  const work = await workOnIndex(access, {
    verb: 'delete from',
    dryRun,
    adopt,
    sparesPinned,
    plan: (snapshot) => {
      const pins = access.pins.list().imageIds;
      const plan =
        imageIds === undefined
          ? planDeleteAll(snapshot, { adopt, pinned: sparesPinned ? pins : NO_PINS })
          : planDelete(snapshot, imageIds);
      return { ...plan, pins };
    },
    actions: ({ actions }) => actions,
  });
  const { plan, outcomes, failure } = work;
  const items = outcomes === undefined ? plannedItems(plan.actions) : appliedItems(outcomes);
  return {
    items: [
      ...items,
      ...plan.absent.map((id) => idleItem(id, 'absent')),
      ...plan.young.map((id) => idleItem(id, 'just-arrived')),
      ...plan.pinned.map((id) => idleItem(id, 'pinned')),
    ],
    stillPinned: items.filter(isRemoved).flatMap(({ imageId }) => pinOf(imageId, plan.pins)),
    errors: errorsOf(outcomes ?? []),
    failure,
    unfreed: countUnfreed(outcomes ?? []),
  };
}

function isRemoved({ action, result }: ReportItem): boolean {
  return action === 'remove' && (result === 'done' || result === 'planned');
}

function pinOf(imageId: string, pins: ReadonlySet<ImageId>): readonly ImageId[] {
  return isImageId(imageId) && pins.has(imageId) ? [imageId] : [];
}
