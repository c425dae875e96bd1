/**
 * Files without rows and rows without files are normal for moments: glance-api renames before it inserts, this toolkit
 * inserts before it renames. Only what stays that way is out of step.
 */
import type { ImageId } from '../cache/image-id.ts';
import type { CachedImage, CacheSnapshot } from '../cache/snapshot.ts';

/** How long a file and its row may disagree before anything is concluded from it. */
export const GRACE_SEC = 60;

/** Whether something can be said of an image: its file and its row have met, or have had time to. */
export function isJudgeable(image: CachedImage, nowSec: number): boolean {
  return (image.file !== undefined && image.row !== undefined) || isSettled(image, nowSec);
}

/** Whether an image's file and row have had time to meet. */
export function isSettled(image: CachedImage, nowSec: number): boolean {
  // A file's modification time may be that of a copy; its change time is when it came here.
  if (image.file !== undefined) return nowSec - image.file.changedSec > GRACE_SEC;
  // A row's time far ahead comes from a clock that was wrong, or from nowhere: waiting for it might take for ever.
  return Math.abs(nowSec - (image.row?.lastModifiedSec ?? nowSec)) > GRACE_SEC;
}

/**
 * Whether the index looks as if glance-api had moved to another driver: since release 2024.1 its default is
 * `centralized_db`, whose first start empties the sqlite index and leaves the files. Files without rows are then no
 * heap of orphans, and nothing may be concluded from the index.
 *
 * @param unentered images that this toolkit itself has published and may not have entered: they say nothing about others
 */
export function isFlipped(snapshot: CacheSnapshot, unentered: ReadonlySet<ImageId> = new Set()): boolean {
  if (snapshot.indexHasRows) return false;
  return snapshot.images.some((image) => {
    return image.file !== undefined && isSettled(image, snapshot.takenSec) && !unentered.has(image.imageId);
  });
}
