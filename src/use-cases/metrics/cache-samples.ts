/**
 * The figures of a cache: what one look at directory and index amounts to.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { CacheFile } from '../../cache/directory.ts';
import type { ImageId } from '../../cache/image-id.ts';
import { unenteredImages } from '../../cache/prefetch/parts.ts';
import { type CachedImage, type CacheSnapshot, readSnapshot } from '../../cache/snapshot.ts';
import { isFlipped, isSettled } from '../../plan/grace.ts';
import { lastUsedSec } from '../../plan/last-used.ts';
import { METRICS, type Sample } from './metric-table.ts';
import { instant, plain } from './samples.ts';

/**
 * Looks at a cache. A missing cache directory is an empty cache.
 *
 * @throws CacheStateError, BusyError, ConfigError: what keeps it from being read
 */
export async function cacheSamples(access: CacheAccess): Promise<readonly Sample[]> {
  const leftovers = leftoverSamples(access);
  const index = await access.index.open(false);
  try {
    const snapshot = await readSnapshot(access.directory, index, access.clock.nowSec());
    const { imageIds } = access.pins.list();
    return [
      ...usageSamples(snapshot),
      plain(METRICS.pins, imageIds.size),
      ...pinnedSamples(snapshot, imageIds),
      ...indexSamples(access, snapshot),
      ...leftovers,
    ];
  } finally {
    index.close();
  }
}

/** Counts files: a row without one is no image that anybody can have. */
function usageSamples({ images }: CacheSnapshot): readonly Sample[] {
  const usedSec = new Float64Array(images.length);
  let [count, bytes, largest, hits, unread, unreadBytes] = [0, 0, 0, 0, 0, 0];
  for (const { file, row } of images) {
    if (file === undefined) continue;
    usedSec[count++] = lastUsedSec(file, row);
    bytes += file.sizeBytes;
    largest = Math.max(largest, file.sizeBytes);
    hits += row?.hits ?? 0;
    if ((row?.hits ?? 0) > 0) continue;
    unread += 1;
    unreadBytes += file.sizeBytes;
  }
  const uses = usedSec.subarray(0, count).sort();
  return [
    plain(METRICS.images, count),
    plain(METRICS.size, bytes),
    plain(METRICS.largestImage, largest),
    plain(METRICS.hits, hits),
    plain(METRICS.unreadImages, unread),
    plain(METRICS.unreadSize, unreadBytes),
    ...instant(METRICS.oldestUse, uses[0]),
    ...instant(METRICS.medianUse, uses[Math.floor((count - 1) / 2)]),
    ...instant(METRICS.newestUse, uses.at(-1)),
  ];
}

function pinnedSamples({ images }: CacheSnapshot, pinned: ReadonlySet<ImageId>): readonly Sample[] {
  let [count, bytes] = [0, 0];
  for (const { imageId, file } of images) {
    if (file === undefined || !pinned.has(imageId)) continue;
    count += 1;
    bytes += file.sizeBytes;
  }
  return [plain(METRICS.pinnedImages, count), plain(METRICS.pinnedSize, bytes)];
}

/** How far the index and the directory tell the same. */
function indexSamples({ parts }: CacheAccess, snapshot: CacheSnapshot): readonly Sample[] {
  const listing = parts.list();
  const begun = listing.entries.flatMap(({ part }) => part ?? []);
  const isLasting = (image: CachedImage): boolean => isSettled(image, snapshot.takenSec);
  const rowless = snapshot.images.filter((image) => image.row === undefined && isLasting(image));
  const fileless = snapshot.images.filter((image) => image.file === undefined && isLasting(image));
  return [
    plain(METRICS.indexFlipped, Number(isFlipped(snapshot, unenteredImages(listing)))),
    plain(METRICS.rowlessFiles, rowless.length),
    plain(METRICS.filelessRows, fileless.length),
    plain(METRICS.parts, begun.length),
    plain(
      METRICS.partsSize,
      begun.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ),
  ];
}

function leftoverSamples({ directory }: CacheAccess): readonly Sample[] {
  // One after the other: what failures have left may be as many as the images.
  const incomplete = amountOf(directory.list('incomplete').files);
  const invalid = amountOf(directory.list('invalid').files);
  const queue = directory.list('queue').files;
  return [
    plain(METRICS.incompleteImages, incomplete.count),
    plain(METRICS.incompleteSize, incomplete.bytes),
    ...instant(METRICS.incompleteOldest, incomplete.oldestSec),
    plain(METRICS.invalidImages, invalid.count),
    plain(METRICS.invalidSize, invalid.bytes),
    ...instant(METRICS.invalidOldest, invalid.oldestSec),
    // The stock tool accepted several spellings of an ID.
    plain(METRICS.queuedImages, new Set(queue.map(({ imageId }) => imageId)).size),
    ...instant(METRICS.queuedOldest, amountOf(queue).oldestSec),
  ];
}

interface Amount {
  readonly count: number;
  readonly bytes: number;
  /** When the oldest was written to, epoch seconds; undefined where there is none. */
  readonly oldestSec: number | undefined;
}

function amountOf(files: readonly CacheFile[]): Amount {
  let bytes = 0;
  let oldestSec: number | undefined;
  for (const { facts } of files) {
    bytes += facts.sizeBytes;
    if (oldestSec === undefined || facts.modifiedSec < oldestSec) oldestSec = facts.modifiedSec;
  }
  return { count: files.length, bytes, oldestSec };
}
