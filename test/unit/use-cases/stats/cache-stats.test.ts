import { describe, expect, test } from 'vitest';
import { cacheLayout } from '../../../../src/cache/layout.ts';
import { cacheStats } from '../../../../src/use-cases/stats/cache-stats.ts';
import { fileOf, madeUp, NOW_SEC, nodeStats, REQUEST } from '../../../support/node-stats.ts';
import {
  accessTo,
  createCache,
  imageIdOf,
  inIndex,
  putFile,
  putImage,
  putPin,
  putRow,
} from '../../../support/seeded-cache.ts';
import { factsOf, rowOf } from '../../../support/snapshots.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const tempDir = useTempDir();

const DAY_SEC = 86_400;
const NO_SHARES = { count: 0, sizeBytes: 0 };

describe('statsOf()', () => {
  test('counts files, whatever the index has of them', () => {
    const rowless = { imageId: imageIdOf(2), file: factsOf({ sizeBytes: 20 }), row: undefined };
    const lost = { imageId: imageIdOf(3), file: undefined, row: rowOf(imageIdOf(3), { sizeBytes: 4000, hits: 7 }) };
    const wrong = { ...madeUp(4, { sizeBytes: 5 }), row: rowOf(imageIdOf(4), { sizeBytes: 9999, hits: 2 }) };
    const stats = nodeStats([madeUp(1, { sizeBytes: 100, hits: 3 }), rowless, lost, wrong], {
      snapshot: { foreignRows: ['no-image'] },
    });
    expect(stats).toMatchObject({
      total: { images: 3, sizeBytes: 125, hits: 5, largest: { imageId: imageIdOf(1), sizeBytes: 100 } },
      unlisted: { images: 1, bytes: 20 },
      lostRows: 1,
      foreignRows: 1,
      listsNothing: false,
    });
  });

  test('sorts images by last use, and those that were never read into a share of their own', () => {
    const ages = [10, 3599, 3600, DAY_SEC, 7 * DAY_SEC, 30 * DAY_SEC, 400 * DAY_SEC, -50];
    const used = ages.map((usedAgoSec, at) => madeUp(at, { sizeBytes: 2 ** at, usedAgoSec }));
    const unread = madeUp(100, { sizeBytes: 1000, hits: 0 });
    const timeless = {
      ...madeUp(101, { sizeBytes: 4096, cameAgoSec: 2 * DAY_SEC }),
      row: rowOf(imageIdOf(101), { lastAccessedSec: 0, lastModifiedSec: 0, hits: 1 }),
    };
    expect(nodeStats([...used, unread, timeless]).ages).toEqual([
      { age: 'under_1h', count: 3, sizeBytes: 1 + 2 + 128 },
      { age: 'under_1d', count: 1, sizeBytes: 4 },
      { age: 'under_1w', count: 2, sizeBytes: 8 + 4096 },
      { age: 'under_30d', count: 1, sizeBytes: 16 },
      { age: 'older', count: 2, sizeBytes: 32 + 64 },
      { age: 'never', count: 1, sizeBytes: 1000 },
    ]);
  });

  test('tells what the next prune takes, and why', () => {
    const images = [4, 3, 2, 1].map((number) => madeUp(number, { sizeBytes: 100, usedAgoSec: number * 1000 }));
    const prune = { maxSizeBytes: 200, maxAgeSec: 3500 };
    expect(nodeStats(images, { prune }).nextPrune).toMatchObject({
      isRefused: false,
      removed: { images: 2, bytes: 200 },
      after: { images: 2, bytes: 200 },
      reasons: [
        { reason: 'max-age', images: 1, bytes: 100 },
        { reason: 'max-size', images: 1, bytes: 100 },
      ],
      first: [
        { imageId: imageIdOf(4), reason: 'max-age', sizeBytes: 100, lastUsedSec: NOW_SEC - 4000 },
        { imageId: imageIdOf(3), reason: 'max-size', sizeBytes: 100, lastUsedSec: NOW_SEC - 3000 },
      ],
      shortfallBytes: 0,
    });
    expect(nodeStats(images.slice(0, 1), { prune: { maxSizeBytes: 100 } }).nextPrune.removed).toEqual({
      images: 0,
      bytes: 0,
    });
  });

  test('names no more than the first images of many that go', () => {
    const images = Array.from({ length: 9 }, (_, number) => madeUp(number, { sizeBytes: 1, usedAgoSec: 900 - number }));
    const { first, removed } = nodeStats(images, { prune: { maxSizeBytes: 0 } }).nextPrune;
    expect(removed.images).toBe(9);
    expect(first.map(({ imageId }) => imageId)).toEqual([0, 1, 2, 3, 4].map(imageIdOf));
  });

  test('counts what is pinned, and lets it stay', () => {
    const images = [1, 2].map((number) => madeUp(number, { sizeBytes: 100 }));
    const beside = { pins: new Set([imageIdOf(1), imageIdOf(7)]) };
    const { pinned, nextPrune } = nodeStats(images, { beside, prune: { maxSizeBytes: 50 } });
    expect(pinned).toEqual({ images: 1, bytes: 100, absent: 1 });
    expect(nextPrune.first.map(({ imageId }) => imageId)).toEqual([imageIdOf(2)]);
    expect(nextPrune.shortfallBytes).toBe(50);
  });

  test('knows that a prune refuses an index that looks given up', () => {
    const { file } = madeUp(1, { sizeBytes: 100 });
    const { nextPrune, listsNothing, unlisted } = nodeStats([{ imageId: imageIdOf(1), file, row: undefined }], {
      prune: { maxSizeBytes: 50 },
    });
    expect(listsNothing).toBe(true);
    expect(unlisted).toEqual({ images: 1, bytes: 100 });
    expect(nextPrune).toMatchObject({
      isRefused: true,
      removed: { images: 0, bytes: 0 },
      after: { images: 1, bytes: 100 },
      first: [],
    });
  });

  test('sums up what lies beside the images, and what the cleaner would take of it', () => {
    const incomplete = [fileOf(1, 10, 2 * DAY_SEC), fileOf(2, 5, 60)];
    const invalid = [fileOf(3, 7, 10 * DAY_SEC)];
    const part = { imageId: imageIdOf(4), remembersMismatch: false, isCached: false };
    const { facts: fresh } = fileOf(5, 200, 60);
    const entries = [
      { ...part, part: factsOf({ sizeBytes: 100 }), journal: undefined },
      { ...part, imageId: imageIdOf(5), part: fresh, journal: factsOf() },
      { ...part, imageId: imageIdOf(6), part: undefined, journal: factsOf() },
    ];
    const beside = { parts: { entries, torn: [{ name: 'x', imageId: imageIdOf(7) }], foreign: [] } };
    const stats = nodeStats([], { beside, leftovers: { incomplete, invalid } });
    const { leftovers, reclaimable } = stats;
    expect(leftovers.incomplete).toEqual({
      files: 2,
      sizeBytes: 15,
      oldestSec: NOW_SEC - 2 * DAY_SEC,
      ages: [
        { age: 'under_1h', count: 1, sizeBytes: 5 },
        { age: 'under_1d', ...NO_SHARES },
        { age: 'under_1w', count: 1, sizeBytes: 10 },
        { age: 'under_30d', ...NO_SHARES },
        { age: 'older', ...NO_SHARES },
      ],
      removable: { files: 1, sizeBytes: 10 },
    });
    expect(leftovers.invalid).toMatchObject({ files: 1, sizeBytes: 7, removable: { files: 1, sizeBytes: 7 } });
    expect(leftovers.prefetch).toMatchObject({ files: 2, sizeBytes: 300, removable: { files: 1, sizeBytes: 100 } });
    expect(reclaimable).toEqual({ files: 3, sizeBytes: 117 });
  });
});

describe('cacheStats()', () => {
  test('looks at everything once, and changes nothing', async () => {
    const layout = createCache(tempDir());
    putImage(layout, imageIdOf(1), { size: 300 });
    putFile(layout, 'cached', imageIdOf(2), { size: 50 });
    putRow(layout, 'no-image');
    putFile(layout, 'queue', imageIdOf(3), { size: 0, agedSec: 500 });
    putFile(layout, 'queue', imageIdOf(4), { size: 0, agedSec: 900 });
    putFile(layout, 'invalid', imageIdOf(5), { size: 9 });
    const looks: string[] = [];
    const access = accessTo(layout, { hook: (step, name) => void looks.push(`${step} ${name}`.trim()) });
    putPin(layout, imageIdOf(1));
    const stats = await cacheStats(access, REQUEST);
    expect(stats).toMatchObject({
      cacheDir: layout.root,
      driver: 'sqlite',
      total: { images: 2, sizeBytes: 350 },
      unlisted: { images: 1, bytes: 50 },
      queue: { images: 2 },
      pinned: { images: 1, bytes: 300, absent: 0 },
      foreignRows: 1,
    });
    expect(Math.round(Date.now() / 1000 - (stats.queue.firstSec ?? 0))).toBeCloseTo(900, -2);
    // What was not looked for may be held by anybody.
    expect(stats.leftovers.invalid).toMatchObject({ files: 1, removable: { files: 0 } });
    expect(looks).toEqual([
      'list queue',
      'list invalid',
      'list incomplete',
      'list parts',
      'list pins',
      'look index',
      'list rows',
      'list cached',
      'look space',
    ]);
    expect(inIndex(layout, (db) => db.prepare('SELECT count(*) AS rows FROM cached_images').get())).toEqual({
      rows: 2,
    });
  });

  test('takes a missing directory for an empty cache', async () => {
    const stats = await cacheStats(accessTo(cacheLayout(`${tempDir()}/none`, 'cache.db')), REQUEST);
    expect(stats).toMatchObject({ total: { images: 0 }, pinned: { images: 0 }, listsNothing: true });
    expect(stats.nextPrune.isRefused).toBe(false);
    expect(stats.space.totalBytes).toBeGreaterThan(0);
  });
});
