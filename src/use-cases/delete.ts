/**
 * Deletes cached images on request.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { ImageId } from '../cache/image-id.ts';
import { planDelete, planDeleteAll } from '../plan/delete.ts';
import { appliedItems, countUnfreed, errorsOf, idleItem, plannedItems, type RunResult } from './report.ts';
import { workOnIndex } from './work-on-index.ts';

/** What to delete. */
export interface DeleteRequest {
  readonly dryRun: boolean;
  readonly adopt: boolean;
  /** The images; undefined for all. */
  readonly imageIds: readonly ImageId[] | undefined;
}

/**
 * Deletes cached images. What is not there is an item of its own, not an error.
 *
 * @throws CacheStateError, BusyError
 */
export async function deleteCached(access: CacheAccess, request: DeleteRequest): Promise<RunResult> {
  const { dryRun, adopt, imageIds } = request;
  const work = await workOnIndex(access, {
    verb: 'delete from',
    dryRun,
    adopt,
    plan: (snapshot) => (imageIds === undefined ? planDeleteAll(snapshot, adopt) : planDelete(snapshot, imageIds)),
    actions: ({ actions }) => actions,
  });
  const { plan, outcomes, failure } = work;
  const items = outcomes === undefined ? plannedItems(plan.actions) : appliedItems(outcomes);
  return {
    items: [
      ...items,
      ...plan.absent.map((id) => idleItem(id, 'absent')),
      ...plan.young.map((id) => idleItem(id, 'just-arrived')),
    ],
    errors: errorsOf(outcomes ?? []),
    failure,
    unfreed: countUnfreed(outcomes ?? []),
  };
}
