/**
 * Arbitrary caches for the planners' properties, in a small world of sizes and times so that ties and limits are hit.
 */
import fc from 'fast-check';
import type { FileFacts } from '../../src/cache/file-facts.ts';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { IndexRow } from '../../src/cache/index/index-db.ts';
import type { CachedImage, CacheSnapshot } from '../../src/cache/snapshot.ts';
import type { PruneLimits, PrunePlan } from '../../src/plan/prune.ts';
import type { Reconciliation } from '../../src/plan/reconcile.ts';
import { imageIdOf } from './seeded-cache.ts';

/** When the snapshots are taken. */
export const NOW_SEC = 1_000_000;

/** No image is pinned. */
export const NO_PINS: ReadonlySet<ImageId> = new Set();

/** The facts of a file that has lain there for long. */
export function factsOf(more: Partial<FileFacts> = {}): FileFacts {
  return {
    device: 1,
    inode: 1,
    sizeBytes: 100,
    reclaimableBytes: 100,
    accessedSec: NOW_SEC - 5000,
    modifiedSec: NOW_SEC - 5000,
    changedSec: NOW_SEC - 5000,
    ...more,
  };
}

/** A row that has been there for long. */
export function rowOf(imageId: string, more: Partial<IndexRow> = {}): IndexRow {
  return {
    imageId,
    lastAccessedSec: NOW_SEC - 4000,
    lastModifiedSec: NOW_SEC - 5000,
    sizeBytes: 100,
    hits: 0,
    ...more,
  };
}

/** A snapshot of some images on a file system with plenty of space. */
export function snapshotOf(images: readonly CachedImage[], more: Partial<CacheSnapshot> = {}): CacheSnapshot {
  return {
    takenSec: NOW_SEC,
    images,
    indexHasRows: images.some(({ row }) => row !== undefined),
    foreignRows: [],
    foreign: [],
    space: { totalBytes: 1e9, availableBytes: 1e8 },
    ...more,
  };
}

const ago = fc.constantFrom(-100, 0, 1, 59, 60, 61, 100, 1000, 1000, 5000, 86_400).map((sec) => NOW_SEC - sec);
const size = fc.constantFrom(0, 1, 10, 10, 50, 99, 1000);

const anyFile: fc.Arbitrary<FileFacts> = fc
  .record({
    sizeBytes: size,
    accessedSec: ago,
    modifiedSec: ago,
    changedSec: ago,
    share: fc.constantFrom(0, 1, 1, 1, 0.5),
  })
  .map(({ share, ...file }) => factsOf({ ...file, reclaimableBytes: Math.floor(file.sizeBytes * share) }));

const anyRow: fc.Arbitrary<Omit<IndexRow, 'imageId'>> = fc.record({
  lastAccessedSec: fc.oneof(fc.constant(0), ago),
  lastModifiedSec: fc.oneof(fc.constant(0), ago),
  sizeBytes: size,
  hits: fc.nat(3),
});

const anyImage = fc
  .tuple(fc.nat(200), fc.option(anyFile, { nil: undefined, freq: 6 }), fc.option(anyRow, { nil: undefined, freq: 4 }))
  .filter(([, file, row]) => file !== undefined || row !== undefined)
  .map(([number, file, row]): CachedImage => {
    const imageId = imageIdOf(number);
    return { imageId, file, row: row === undefined ? undefined : { imageId, ...row } };
  });

/** Any cache. */
export const anySnapshot: fc.Arbitrary<CacheSnapshot> = fc
  .record({
    images: fc.uniqueArray(anyImage, { selector: ({ imageId }) => imageId, maxLength: 12 }),
    availableBytes: fc.nat(3000),
  })
  .map(({ images, availableBytes }) => snapshotOf(images, { space: { totalBytes: 10_000, availableBytes } }));

/** Any limits that settings can give. */
export const anyLimits: fc.Arbitrary<PruneLimits> = fc
  .record({
    maxSizeBytes: fc.oneof(fc.constantFrom(0, 1, 10, 100), fc.nat(3000)),
    percent: fc.constantFrom(0, 1, 50, 80, 100, 100),
    minFreeBytes: fc.oneof(fc.constant(0), fc.constant(0), fc.nat(4000)),
    maxAgeSec: fc.oneof(fc.constant(undefined), fc.constantFrom(0, 60, 999, 1000, 1001, 5000)),
  })
  .map(({ percent, ...limits }) => ({ ...limits, targetBytes: Math.floor((limits.maxSizeBytes * percent) / 100) }));

/** Any pins: of images that are there, and of others. */
export const anyPins: fc.Arbitrary<ReadonlySet<ImageId>> = fc.oneof(
  fc.constant(NO_PINS),
  fc.array(fc.nat(200)).map((numbers) => new Set(numbers.map(imageIdOf))),
  // Nearly all there are.
  fc.array(fc.nat(200), { maxLength: 3 }).map((numbers) => {
    const others = new Set(numbers);
    return new Set(
      Array.from({ length: 201 }, (_, number) => number).flatMap((it) => (others.has(it) ? [] : imageIdOf(it))),
    );
  }),
  fc.constantFrom(2, 3, 5).map((step) => new Set(Array.from({ length: 100 }, (_, place) => imageIdOf(place * step)))),
);

/** The cache after a plan was carried out in full. */
export function afterPlan(snapshot: CacheSnapshot, plan: PrunePlan): CacheSnapshot {
  const removed = new Set<string>(plan.removals.map(({ imageId }) => imageId));
  const mends = new Map(plan.reconciliations.map((mend) => [mend.imageId, mend]));
  const images = snapshot.images
    .filter(({ imageId }) => !removed.has(imageId))
    .flatMap((image) => mended(image, mends.get(image.imageId)) ?? []);
  const freed = plan.removals.reduce((sum, { file }) => sum + file.reclaimableBytes, 0);
  const { space } = snapshot;
  return snapshotOf(images, { space: { ...space, availableBytes: space.availableBytes + freed } });
}

/** An image after its row was mended; undefined when there is none any more. */
function mended(image: CachedImage, mend: Reconciliation | undefined): CachedImage | undefined {
  if (mend === undefined) return image;
  if (mend.kind === 'drop-row') return undefined;
  if (mend.kind === 'adopt-file') return { ...image, row: mend.row };
  return { ...image, row: image.row && { ...image.row, sizeBytes: mend.file.sizeBytes } };
}
