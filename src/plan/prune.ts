/**
 * Which images must go so that the cache fits its limits: least recently used first. Pure: a snapshot and limits in, a
 * plan out.
 */
import type { FileSystemSpace } from '../cache/directory.ts';
import type { FileFacts } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { IndexRow } from '../cache/index/index-db.ts';
import type { CacheSnapshot } from '../cache/snapshot.ts';
import type { IndexAction, RemovalReason, RemoveImage } from './action.ts';
import { isSettled } from './grace.ts';
import { lastUsedSec } from './last-used.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';
import { rowlessFirst } from './rowless-first.ts';

/** What a cache has to fit into. */
export interface PruneLimits {
  /** `image_cache_max_size`; 0 empties the cache. */
  readonly maxSizeBytes: number;
  /** Once above the maximum, prune down to this; the maximum itself when nothing else is wanted. */
  readonly targetBytes: number;
  /** Keep this much free on the file system; 0 for no such limit. */
  readonly minFreeBytes: number;
  /** Remove what was not used for longer; undefined for no such limit. */
  readonly maxAgeSec: number | undefined;
}

/** What a prune would do. */
export interface PrunePlan {
  /** Images to take out, in the order they go. */
  readonly removals: readonly RemoveImage[];
  /** What mends the index for those that stay. */
  readonly reconciliations: readonly Reconciliation[];
  /** Number and size of the images before and after; files too young to judge count, and stay. */
  readonly before: CacheSize;
  readonly after: CacheSize;
  /** Of those that stay, what is pinned. */
  readonly pinned: CacheSize & Freed;
  /** How far the plan stays short of a limit, in bytes; 0 when all limits are met. */
  readonly shortfallBytes: number;
}

/** How much a cache holds. */
export interface CacheSize {
  readonly images: number;
  readonly bytes: number;
}

/** What images that go give back. */
export interface Freed {
  /** Their sizes. */
  readonly bytes: number;
  /** What the file system gets back: a file with a second name frees nothing. */
  readonly reclaimableBytes: number;
}

/**
 * Plans a prune.
 *
 * @param pinned images that stay, whatever the limits ask for
 */
export function planPrune(snapshot: CacheSnapshot, limits: PruneLimits, pinned: ReadonlySet<ImageId>): PrunePlan {
  const before = sizeOf(snapshot.images);
  const removals = chooseVictims(snapshot, limits, { totalBytes: before.bytes, pinned });
  const gone = sizeOf(removals);
  const removed = new Set(removals.map(({ imageId }) => imageId));
  const after = { images: before.images - gone.images, bytes: before.bytes - gone.bytes };
  return {
    removals,
    reconciliations: reconciliationsOf(snapshot, removed),
    before,
    after,
    pinned: pinnedOf(snapshot, pinned),
    shortfallBytes: shortfallOf({ before, space: snapshot.space }, limits, freedBy(removals)),
  };
}

/**
 * How far a cache stays from its limits once some of its images are gone.
 *
 * @param gone those that were removed, or are to be
 * @returns bytes; 0 when all limits are met
 */
export function shortfallOf(
  { before, space }: { readonly before: CacheSize; readonly space: FileSystemSpace },
  limits: PruneLimits,
  gone: Freed,
): number {
  const restBytes = before.bytes - gone.bytes;
  const excessBytes = before.bytes > limits.maxSizeBytes ? restBytes - limits.targetBytes : 0;
  return Math.max(0, excessBytes, limits.minFreeBytes - space.availableBytes - gone.reclaimableBytes);
}

/** What images give back when they go. */
export function freedBy(images: readonly { readonly file: FileFacts | undefined }[]): Freed {
  let reclaimableBytes = 0;
  for (const { file } of images) reclaimableBytes += file?.reclaimableBytes ?? 0;
  return { bytes: sizeOf(images).bytes, reclaimableBytes };
}

function pinnedOf({ images }: CacheSnapshot, pinned: ReadonlySet<ImageId>): CacheSize & Freed {
  const kept = pinned.size === 0 ? [] : images.filter(({ imageId }) => pinned.has(imageId));
  return { ...sizeOf(kept), ...freedBy(kept) };
}

function reconciliationsOf(snapshot: CacheSnapshot, removed: ReadonlySet<ImageId>): readonly Reconciliation[] {
  const reconciliations: Reconciliation[] = [];
  for (const image of snapshot.images) {
    const mend = removed.has(image.imageId) ? undefined : reconcile(image, snapshot);
    if (mend !== undefined) reconciliations.push(mend);
  }
  return reconciliations;
}

/** All actions of a plan in the order they are applied: mending early, so that a stop half way leaves a better index. */
export function pruneActions(plan: PrunePlan): readonly IndexAction[] {
  return rowlessFirst([...plan.reconciliations, ...plan.removals]);
}

/** Least recently used first, so the victims are a prefix: once no limit asks for the next one, none asks for a later one. */
function chooseVictims(
  snapshot: CacheSnapshot,
  limits: PruneLimits,
  { totalBytes, pinned }: { readonly totalBytes: number; readonly pinned: ReadonlySet<ImageId> },
): readonly RemoveImage[] {
  const isOver = totalBytes > limits.maxSizeBytes || limits.maxSizeBytes === 0;
  const victims: RemoveImage[] = [];
  let bytes = totalBytes;
  let availableBytes = snapshot.space.availableBytes;
  const reasonFor = (usedSec: number): RemovalReason | undefined => {
    if (limits.maxAgeSec !== undefined && snapshot.takenSec - usedSec > limits.maxAgeSec) return 'max-age';
    // A maximum of 0 empties the cache, as in Glance; images without content go with the others.
    if (isOver && (bytes > limits.targetBytes || limits.maxSizeBytes === 0)) return 'max-size';
    return availableBytes < limits.minFreeBytes ? 'min-free' : undefined;
  };
  for (const { imageId, file, row, usedSec } of candidatesOf(snapshot, pinned)) {
    const reason = reasonFor(usedSec);
    if (reason === undefined) break;
    victims.push({ kind: 'remove-image', imageId, reason, file, row, lastUsedSec: usedSec });
    bytes -= file.sizeBytes;
    availableBytes += file.reclaimableBytes;
  }
  return victims;
}

interface Candidate {
  readonly imageId: ImageId;
  readonly file: FileFacts;
  readonly row: IndexRow | undefined;
  readonly usedSec: number;
}

/** The ID decides between equals, so that the order of the input never does. */
function candidatesOf(snapshot: CacheSnapshot, pinned: ReadonlySet<ImageId>): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const image of snapshot.images) {
    const { imageId, file, row } = image;
    if (pinned.has(imageId)) continue;
    // A file that has just come has no row yet because glance-api is about to insert it.
    if (file === undefined || (row === undefined && !isSettled(image, snapshot.takenSec))) continue;
    candidates.push({ imageId, file, row, usedSec: lastUsedSec(file, row) });
  }
  return candidates.sort((a, b) => a.usedSec - b.usedSec || (a.imageId < b.imageId ? -1 : 1));
}

/** How much of them there is; a row without a file is nothing. */
function sizeOf(images: readonly { readonly file: FileFacts | undefined }[]): CacheSize {
  let count = 0;
  let bytes = 0;
  for (const { file } of images) {
    if (file === undefined) continue;
    count += 1;
    bytes += file.sizeBytes;
  }
  return { images: count, bytes };
}
