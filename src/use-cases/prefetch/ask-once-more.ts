/**
 * The last question about an image that has just been published: glance-api removes a deleted image from its cache when
 * it is deleted, and knew nothing of ours then.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { ImageId } from '../../cache/image-id.ts';
import { NotFoundError } from '../../errors/cache-error.ts';
import { applyIndexActions } from '../../execute/apply-index-actions.ts';
import { judgeStatus, type Verdict, type WantedImage } from '../../plan/prefetch.ts';
import type { PrefetchItem } from './prefetch-report.ts';
import type { PrefetchRun } from './prefetch-run.ts';

/**
 * Asks Glance whether a published image is still to be had, and removes it where it is not. An answer that does not come
 * changes nothing: the image is what it was when it was fetched.
 *
 * @param item what is reported when all is well
 */
export async function askOnceMore(run: PrefetchRun, wanted: WantedImage, item: PrefetchItem): Promise<PrefetchItem> {
  const { access, watch } = run;
  let verdict: Verdict;
  try {
    verdict = judgeStatus(await run.glance.image(wanted.imageId, access.signal));
  } catch (error) {
    if (!(error instanceof NotFoundError)) {
      watch.noted(wanted.imageId, 'Glance could not be asked whether the image has been deleted meanwhile');
      return item;
    }
    // A moment ago it was there and visible: deleted, or taken from this account. It can be fetched again.
    verdict = { kind: 'settled', reason: 'deleted' };
  }
  if (verdict.kind === 'fetch') return item;
  await removeImage(access, wanted.imageId);
  // As any image that is not to be had right now it stays in the queue, at its place.
  if (verdict.kind === 'not-yet' && wanted.markers.length > 0) {
    access.directory.createMarker(wanted.imageId, wanted.queuedSec);
  }
  return { ...item, result: 'skipped', reason: verdict.reason };
}

async function removeImage(access: CacheAccess, imageId: ImageId): Promise<void> {
  const { directory, clock } = access;
  const file = directory.look('cached', imageId);
  if (file === undefined) return;
  const index = await access.index.open(true);
  try {
    const action = {
      kind: 'remove-image',
      reason: 'requested',
      imageId,
      file,
      row: undefined,
      lastUsedSec: clock.nowSec(),
    } as const;
    // Not to be stopped half way: the run has published what it takes back here.
    const signal = new AbortController().signal;
    const { outcomes, failure } = await applyIndexActions({ directory, index, clock, signal }, [action]);
    const [outcome] = outcomes;
    if (failure instanceof Error) throw failure;
    if (outcome?.result === 'failed') throw outcome.error;
  } finally {
    index.close();
  }
}
