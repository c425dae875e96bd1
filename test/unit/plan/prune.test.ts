import { describe, expect, test } from 'vitest';
import type { FileFacts } from '../../../src/cache/file-facts.ts';
import type { IndexRow } from '../../../src/cache/index/index-db.ts';
import type { CachedImage } from '../../../src/cache/snapshot.ts';
import { type PruneLimits, planPrune, pruneActions } from '../../../src/plan/prune.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NO_PINS, NOW_SEC, rowOf, snapshotOf } from '../../support/snapshots.ts';

const NO_LIMITS: PruneLimits = { maxSizeBytes: 1e12, targetBytes: 1e12, minFreeBytes: 0, maxAgeSec: undefined };

function limitsOf(limits: Partial<PruneLimits>): PruneLimits {
  return { ...NO_LIMITS, targetBytes: limits.maxSizeBytes ?? NO_LIMITS.targetBytes, ...limits };
}

function image(number: number, file: Partial<FileFacts> = {}, row: Partial<IndexRow> = {}): CachedImage {
  const imageId = imageIdOf(number);
  const facts = factsOf({ inode: number, ...file });
  return { imageId, file: facts, row: rowOf(imageId, { sizeBytes: facts.sizeBytes, ...row }) };
}

function orphan(number: number, file: Partial<FileFacts> = {}): CachedImage {
  return { imageId: imageIdOf(number), file: factsOf({ inode: number, ...file }), row: undefined };
}

function victimsOf(
  images: readonly CachedImage[],
  limits: Partial<PruneLimits>,
  availableBytes = 1e8,
): readonly number[] {
  const snapshot = snapshotOf(images, { space: { totalBytes: 1e9, availableBytes } });
  return planPrune(snapshot, limitsOf(limits), NO_PINS).removals.map(({ imageId }) => Number.parseInt(imageId, 16));
}

const used = (agoSec: number): Partial<IndexRow> => ({ lastAccessedSec: NOW_SEC - agoSec });

describe('planPrune()', () => {
  const three = [image(1, {}, used(10)), image(2, {}, used(30)), image(3, {}, used(20))];

  test.each([
    ['nothing when the images fit exactly', { maxSizeBytes: 300 }, []],
    ['the least recently used one when one byte is too many', { maxSizeBytes: 299 }, [2]],
    ['down to the low watermark when the maximum is exceeded', { maxSizeBytes: 299, targetBytes: 150 }, [2, 3]],
    ['nothing when the size lies between low watermark and maximum', { maxSizeBytes: 300, targetBytes: 150 }, []],
    ['everything when the maximum is 0', { maxSizeBytes: 0 }, [2, 3, 1]],
    ['nothing for its age when that is the limit exactly', { maxAgeSec: 30 }, []],
    ['what is older than the maximal age', { maxAgeSec: 15 }, [2, 3]],
    ['by age and then by size when both ask', { maxAgeSec: 25, maxSizeBytes: 100 }, [2, 3]],
  ] as const)('removes %s', (_title, limits, expected) => {
    expect(victimsOf(three, limits)).toEqual(expected);
  });

  test.each([
    ['nothing when exactly that much is free', 500, []],
    ['one image when it makes up for what is missing', 600, [2]],
    ['one more when a byte is missing after the first', 601, [2, 3]],
  ] as const)('removes %s', (_title, minFreeBytes, expected) => {
    expect(victimsOf(three, { minFreeBytes }, 500)).toEqual(expected);
  });

  test('goes on past hard-linked and sparse files when they free nothing', () => {
    const images = [
      image(1, { reclaimableBytes: 0 }, used(30)),
      image(2, { sizeBytes: 1e6, reclaimableBytes: 40 }, used(20)),
      image(3, { reclaimableBytes: 100 }, used(10)),
    ];
    expect(victimsOf(images, { minFreeBytes: 600 }, 500)).toEqual([1, 2, 3]);
  });

  test('gives each victim the reason that took it', () => {
    const images = [image(1, {}, used(1000)), image(2, {}, used(20)), image(3, {}, used(10)), image(4, {}, used(5))];
    const snapshot = snapshotOf(images, { space: { totalBytes: 1e9, availableBytes: 0 } });
    const limits = limitsOf({ maxAgeSec: 500, maxSizeBytes: 300, targetBytes: 250, minFreeBytes: 300 });
    expect(planPrune(snapshot, limits, NO_PINS).removals.map(({ reason }) => reason)).toEqual([
      'max-age',
      'max-size',
      'min-free',
    ]);
  });

  test('breaks a tie by ID', () => {
    expect(victimsOf([image(3), image(1), image(2)], { maxSizeBytes: 100 })).toEqual([1, 2]);
  });

  test('takes the time an image came when it was never read', () => {
    const unread = image(1, {}, { lastAccessedSec: 0, lastModifiedSec: NOW_SEC - 10 });
    expect(victimsOf([unread, image(2, {}, used(20))], { maxSizeBytes: 100 })).toEqual([2]);
  });

  test('takes the time of the file when the row has none at all', () => {
    const timeless = image(1, { modifiedSec: NOW_SEC - 10 }, { lastAccessedSec: 0, lastModifiedSec: 0 });
    expect(victimsOf([timeless, image(2, {}, used(20))], { maxSizeBytes: 100 })).toEqual([2]);
  });

  test('removes images without content as well when the maximum is 0', () => {
    expect(victimsOf([image(1, { sizeBytes: 0, reclaimableBytes: 0 })], { maxSizeBytes: 0 })).toEqual([1]);
  });

  test('counts a file that has just come, leaves it, and says what that lacks', () => {
    const images = [orphan(1, { sizeBytes: 400, changedSec: NOW_SEC - 60 }), image(2)];
    const plan = planPrune(snapshotOf(images), limitsOf({ maxSizeBytes: 450 }), NO_PINS);
    expect(plan.removals.map(({ imageId }) => imageId)).toEqual([imageIdOf(2)]);
    expect([plan.before, plan.after]).toEqual([
      { images: 2, bytes: 500 },
      { images: 1, bytes: 400 },
    ]);
    expect(plan.shortfallBytes).toBe(0);
    expect(planPrune(snapshotOf(images), limitsOf({ maxSizeBytes: 300 }), NO_PINS).shortfallBytes).toBe(100);
  });

  test('says how much stays occupied when everything removable is not enough', () => {
    const plan = planPrune(
      snapshotOf([image(1)], { space: { totalBytes: 1e9, availableBytes: 500 } }),
      limitsOf({ minFreeBytes: 1000 }),
      NO_PINS,
    );
    expect([plan.removals.length, plan.shortfallBytes]).toEqual([1, 400]);
  });

  test('counts by the file when the row tells another size', () => {
    expect(victimsOf([image(1, {}, { sizeBytes: 1e9 })], { maxSizeBytes: 100 })).toEqual([]);
  });
});

describe('pruneActions()', () => {
  test('mends the index before it removes anything', () => {
    const images = [
      image(1, {}, used(9000)),
      orphan(2),
      { imageId: imageIdOf(3), file: undefined, row: rowOf(imageIdOf(3)) },
    ];
    const plan = planPrune(snapshotOf(images), limitsOf({ maxSizeBytes: 100 }), NO_PINS);
    expect(pruneActions(plan).map(({ kind }) => kind)).toEqual(['adopt-file', 'drop-row', 'remove-image']);
  });
});
