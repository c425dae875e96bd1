/**
 * What is to be done about an image that somebody wants in the cache. Pure.
 */
import type { CacheFile } from '../cache/directory.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { PartJournal } from '../cache/prefetch/journal.ts';
import type { Image } from '../glance/image.ts';

/** An image that is wanted: queued, or asked for by name. */
export interface WantedImage {
  readonly imageId: ImageId;
  /** The names of its markers in the queue; the stock tool may have queued it under several spellings. */
  readonly markers: readonly string[];
  /** Its place in the queue, epoch seconds. */
  readonly queuedSec: number;
  /** Asked for right now: an earlier mismatch does not put it off. */
  readonly isUrgent: boolean;
}

/** Why an image is left for a later run. */
export type NotYetReason = 'being-cached' | 'not-ready' | 'deactivated' | 'backing-off' | 'run-limit';

/** Why an image needs no fetching at all, so that its marker goes. */
export type SettledReason = 'cached' | 'deleted';

/** What Glance's description of an image means for a prefetch. */
export type Verdict =
  | { readonly kind: 'fetch'; readonly reason?: undefined }
  | { readonly kind: 'not-yet'; readonly reason: NotYetReason }
  | { readonly kind: 'settled'; readonly reason: SettledReason };

const GONE = new Set(['deleted', 'pending_delete', 'killed']);

/**
 * The verdict on an image by its state: https://docs.openstack.org/glance/latest/user/statuses.html. A state that this
 * release does not know is one in which the image is not ready.
 */
export function judgeStatus({ status }: Image): Verdict {
  if (status === 'active') return { kind: 'fetch' };
  if (status === 'deactivated') return { kind: 'not-yet', reason: 'deactivated' };
  if (GONE.has(status)) return { kind: 'settled', reason: 'deleted' };
  return { kind: 'not-yet', reason: 'not-ready' };
}

const FIRST_PAUSE_SEC = 3600;
const LONGEST_PAUSE_SEC = 24 * 3600;

/**
 * When an image whose bytes were wrong may be tried again: after an hour, then twice as long each time, up to a day.
 *
 * @returns epoch seconds; 0 for at once
 */
export function nextTrySec({ mismatches, lastMismatchSec }: PartJournal): number {
  if (mismatches === 0) return 0;
  return lastMismatchSec + Math.min(FIRST_PAUSE_SEC * 2 ** (mismatches - 1), LONGEST_PAUSE_SEC);
}

/** Whether an image is not to be tried yet. A time far ahead comes from a clock that was wrong, and does not count. */
export function isBackingOff(journal: PartJournal | undefined, nowSec: number): boolean {
  if (journal === undefined) return false;
  return nowSec < nextTrySec(journal) && nowSec >= journal.lastMismatchSec;
}

/**
 * The wanted images: one per image, first come first.
 *
 * @param queue the markers
 * @param asked images asked for by ID; undefined for the whole queue
 * @param nowSec place in the queue of those that have no marker
 */
export function wantedImages(
  queue: readonly CacheFile[],
  asked: readonly ImageId[] | undefined,
  nowSec: number,
): readonly WantedImage[] {
  const markers = new Map<ImageId, CacheFile[]>();
  for (const marker of queue) markers.set(marker.imageId, [...(markers.get(marker.imageId) ?? []), marker]);
  const imageIds = asked === undefined ? [...markers.keys()] : [...new Set(asked)];
  const wanted = imageIds.map((imageId): WantedImage => {
    const own = markers.get(imageId) ?? [];
    const queuedSec = Math.min(...own.map(({ facts }) => facts.modifiedSec));
    return {
      imageId,
      markers: own.map(({ name }) => name),
      queuedSec: own.length === 0 ? nowSec : queuedSec,
      isUrgent: asked !== undefined,
    };
  });
  if (asked !== undefined) return wanted;
  return wanted.sort((a, b) => a.queuedSec - b.queuedSec || (a.imageId < b.imageId ? -1 : 1));
}
