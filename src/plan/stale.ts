/**
 * Which cached images Glance does not have any more, or not as they are cached: what it says of them in, removals out.
 * Pure. Whatever is not known for certain stays.
 */
import { isMarkOfFile, markOf } from '../cache/digests/digest-memory.ts';
import { type FileFacts, isSameFile } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { CachedImage, CacheSnapshot } from '../cache/snapshot.ts';
import type { ListedImage } from '../glance/glance.ts';
import type { Image, ImageDigest } from '../glance/image.ts';
import type { RemovalReason, RemoveImage } from './action.ts';
import { judgeStatus } from './prefetch.ts';

/** Why a cached image is out of date. */
export type StaleReason = Extract<RemovalReason, 'deleted' | 'deactivated' | 'replaced'>;

/** The file of a cached image, and what its bytes hash to as far as they were read. */
export interface CachedBytes {
  readonly imageId: ImageId;
  readonly file: FileFacts;
  readonly digest: ImageDigest | undefined;
}

/**
 * Why an image is stale by what Glance tells of it.
 *
 * @returns undefined where it is not, or where nobody can say: one in a passing state, such as `importing`, stays
 */
export function staleReason(image: Image, { file, digest }: Omit<CachedBytes, 'imageId'>): StaleReason | undefined {
  const verdict = judgeStatus(image);
  if (verdict.reason === 'deleted' || verdict.reason === 'deactivated') return verdict.reason;
  if (verdict.kind !== 'fetch') return undefined;
  if (image.sizeBytes !== undefined && image.sizeBytes !== file.sizeBytes) return 'replaced';
  const isOther =
    digest !== undefined && image.digest?.algorithm === digest.algorithm && image.digest.hex !== digest.hex;
  return isOther ? 'replaced' : undefined;
}

/** Clocks of nodes may differ by less; what lies so close together is in no order that can be told. */
const CLOCK_TOLERANCE_SEC = 600;

/**
 * Whether the bytes of an image have to be read to know that Glance still has the same: nobody has compared them with
 * this hash, and Glance has changed its record of the image since the file came.
 */
export function mustRead(
  image: ListedImage,
  file: FileFacts,
  mark: string | undefined,
): image is ListedImage & { readonly digest: ImageDigest } {
  if (image.digest === undefined) return false;
  if (isMarkOfFile(mark, file)) return mark !== markOf(file, image.digest);
  return image.updatedSec === undefined || image.updatedSec + CLOCK_TOLERANCE_SEC >= file.modifiedSec;
}

/** What Glance was found to say of an image when it was asked for this very one. */
export interface StaleImage {
  readonly imageId: ImageId;
  /** The file that this is about, and no other that may have come in its place. */
  readonly file: FileFacts;
  readonly reason: StaleReason;
  /** When it was asked, by the steady clock, seconds. */
  readonly askedSec: number;
}

/** How long an answer of Glance is good for, seconds: a lock may have to be waited for. */
export const ANSWER_LIFE_SEC = 300;

/** Whether an answer still counts. */
export function isFresh({ askedSec }: Pick<StaleImage, 'askedSec'>, monotonicSec: number): boolean {
  return monotonicSec - askedSec < ANSWER_LIFE_SEC;
}

/** A removal that comes to nothing, and why. */
export interface SparedImage extends StaleImage {
  readonly spared: 'gone' | 'changed' | 'outdated';
}

/** What removing stale images takes. */
export interface StalePlan {
  readonly removals: readonly RemoveImage[];
  readonly spared: readonly SparedImage[];
}

/**
 * Plans the removal of stale images: of those whose file is still the one that was asked about.
 *
 * @param monotonicSec now, by the steady clock
 */
export function planStale(
  { images }: Pick<CacheSnapshot, 'images'>,
  stale: readonly StaleImage[],
  monotonicSec: number,
): StalePlan {
  const wanted = new Set(stale.map(({ imageId }) => imageId));
  const found = new Map<ImageId, CachedImage>();
  for (const image of images) if (wanted.has(image.imageId)) found.set(image.imageId, image);
  const removals: RemoveImage[] = [];
  const spared: SparedImage[] = [];
  for (const one of stale) {
    const { imageId, reason } = one;
    const { file, row } = found.get(imageId) ?? {};
    if (file === undefined) spared.push({ ...one, spared: 'gone' });
    else if (!isSameFile(one.file, file)) spared.push({ ...one, spared: 'changed' });
    else if (!isFresh(one, monotonicSec)) spared.push({ ...one, spared: 'outdated' });
    // As that of the cleaner's other files its time is when it was last written to.
    else removals.push({ kind: 'remove-image', imageId, reason, file, row, lastUsedSec: file.modifiedSec });
  }
  return { removals, spared };
}

/** What was asked about at first, and what was found. */
export interface StaleCount {
  /** Images that Glance was asked about. */
  readonly checked: number;
  /** Those of them that seem to be stale. */
  readonly suspects: number;
  /** Those of them that Glance knows, in whatever state. */
  readonly known: number;
}

/** Of so few images any share may be deleted in a day. */
const FEW_IMAGES = 10;

/**
 * Whether so much seems to be stale that Glance is more likely to be the wrong one: that of another region, cloud, or of
 * a database that was lost.
 *
 * @param limitPercent the largest share that is believed; 100 believes everything
 */
export function isIncredible({ checked, suspects, known }: StaleCount, limitPercent: number): boolean {
  if (suspects === 0 || limitPercent >= 100) return false;
  // One image alone may well be the one that was deleted.
  return (known === 0 && checked > 1) || (checked > FEW_IMAGES && suspects * 100 > checked * limitPercent);
}
