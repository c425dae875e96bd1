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
  const index = await access.index.open(false);
  try {
    const snapshot = await readSnapshot(access.directory, index, access.clock.nowSec());
    const { imageIds } = access.pins.list();
    return [
      ...usageSamples(snapshot),
      plain(METRICS.pins, imageIds.size),
      ...pinnedSamples(snapshot, imageIds),
      ...indexSamples(access, snapshot),
      ...leftoverSamples(access),
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
  const [begun, begunBytes] = [
    listing.entries.filter(({ part }) => part !== undefined).length,
    listing.entries.reduce((sum, { part }) => sum + (part?.sizeBytes ?? 0), 0),
  ];
  const isLasting = (image: CachedImage): boolean => isSettled(image, snapshot.takenSec);
  const [rowless, fileless] = [
    snapshot.images.filter((image) => image.row === undefined && isLasting(image)).length,
    snapshot.images.filter((image) => image.file === undefined && isLasting(image)).length,
  ];
  return [
    plain(METRICS.indexFlipped, Number(isFlipped(snapshot, unenteredImages(listing)))),
    plain(METRICS.rowlessFiles, rowless),
    plain(METRICS.filelessRows, fileless),
    plain(METRICS.parts, begun),
    plain(METRICS.partsSize, begunBytes),
  ];
}

function leftoverSamples({ directory }: CacheAccess): readonly Sample[] {
  const incomplete = directory.list('incomplete').files;
  const invalid = directory.list('invalid').files;
  const queued = directory.list('queue').files;
  return [
    plain(METRICS.incompleteImages, incomplete.length),
    plain(METRICS.incompleteSize, sizeOf(incomplete)),
    ...instant(METRICS.incompleteOldest, oldestOf(incomplete)),
    plain(METRICS.invalidImages, invalid.length),
    plain(METRICS.invalidSize, sizeOf(invalid)),
    ...instant(METRICS.invalidOldest, oldestOf(invalid)),
    plain(METRICS.queuedImages, new Set(queued.map(({ imageId }) => imageId)).size),
    ...instant(METRICS.queuedOldest, oldestOf(queued)),
  ];
}

function sizeOf(files: readonly CacheFile[]): number {
  return files.reduce((sum, { facts }) => sum + facts.sizeBytes, 0);
}

function oldestOf(files: readonly CacheFile[]): number | undefined {
  return files.reduce<number | undefined>((oldest, { facts: { modifiedSec } }) => {
    return oldest === undefined || modifiedSec < oldest ? modifiedSec : oldest;
  }, undefined);
}
