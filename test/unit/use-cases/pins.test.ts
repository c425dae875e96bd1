import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CacheLayout, cacheLayout } from '../../../src/cache/layout.ts';
import { deleteCached } from '../../../src/use-cases/delete.ts';
import { listPinned, pinImages, pinnedSize, unpinImages } from '../../../src/use-cases/pins.ts';
import { type PruneRequest, prune } from '../../../src/use-cases/prune.ts';
import type { RunResult } from '../../../src/use-cases/report.ts';
import {
  accessTo,
  createCache,
  fileIdsOf,
  imageIdOf,
  pinIdsOf,
  putFile,
  putImage,
  putPin,
  putRow,
  rowIdsOf,
} from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const [one, two, three, four] = [imageIdOf(1), imageIdOf(2), imageIdOf(3), imageIdOf(4)];
let layout: CacheLayout;

function told({ items }: RunResult): readonly (readonly (string | undefined)[])[] {
  return items.map(({ imageId, action, result, reason }) => [imageId, action, result, reason]);
}

function pruneTo(maxSizeBytes: number, more: Partial<PruneRequest> = {}) {
  const limits = { lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };
  return prune(accessTo(layout), { dryRun: false, adopt: false, ...limits, maxSizeBytes, ...more });
}

describe.each(['sqlite', 'centralized_db'] as const)('with %s', (driver) => {
  beforeEach(() => {
    layout = createCache(join(folder(), 'cache'), driver);
  });

  describe('pinImages()', () => {
    test('pins what is not pinned, names what is, and says where each image is', async () => {
      putFile(layout, 'cached', one);
      putFile(layout, 'incomplete', two);
      writeFileSync(join(layout.areas.queue, three), '');
      putPin(layout, two);
      const result = await pinImages(accessTo(layout), [one, two, three, four, one], false);
      expect(told(result)).toEqual([
        [one, 'pin', 'done', undefined],
        [three, 'pin', 'done', undefined],
        [four, 'pin', 'done', undefined],
        [two, 'keep', 'skipped', 'pinned'],
      ]);
      expect([...result.whereabouts]).toEqual([
        [one, 'cached'],
        [two, 'being-cached'],
        [three, 'queued'],
      ]);
      expect(pinIdsOf(layout)).toEqual([one, two, three, four]);
    });

    test('creates a missing cache, unless it is dry', async () => {
      layout = cacheLayout(join(folder(), 'new', 'cache'), 'cache.db');
      expect(told(await pinImages(accessTo(layout), [one], true))).toEqual([[one, 'pin', 'planned', undefined]]);
      expect(existsSync(layout.root)).toBe(false);
      await pinImages(accessTo(layout), [one], false);
      expect(readdirSync(layout.root).sort()).toEqual(['.glance-cache-tools', 'incomplete', 'invalid', 'queue']);
      expect(pinIdsOf(layout)).toEqual([one]);
    });
  });

  describe('unpinImages()', () => {
    test('takes pins away, names what was not pinned, and changes nothing when it is dry', async () => {
      for (const id of [one, two]) putPin(layout, id);
      const tell = async (dryRun: boolean) => told(await unpinImages(accessTo(layout), [two, three], dryRun));
      const idle = [three, 'keep', 'skipped', 'absent'];
      expect(await tell(true)).toEqual([[two, 'unpin', 'planned', undefined], idle]);
      expect(await tell(false)).toEqual([[two, 'unpin', 'done', undefined], idle]);
      expect(pinIdsOf(layout)).toEqual([one]);
    });
  });

  describe('listPinned()', () => {
    test('has each pin with its image as file and index have it, and sums up what is cached', async () => {
      putImage(layout, one, { size: 10, usedSec: 2000 });
      putFile(layout, 'cached', two, { size: 5 });
      putRow(layout, three);
      for (const id of [one, two, three]) putPin(layout, id);
      utimesSync(join(layout.pinned, one), 1000, 1000);
      writeFileSync(join(layout.pinned, 'note'), '');
      const { images, cached, foreign } = await listPinned(accessTo(layout));
      expect(images.map(({ imageId, sizeBytes, row }) => [imageId, sizeBytes, row?.lastAccessedSec])).toEqual([
        [one, 10, 2000],
        [two, 5, undefined],
        [three, undefined, undefined],
      ]);
      expect(images[0]?.pinnedSec).toBe(1000);
      expect([cached, foreign, pinnedSize(accessTo(layout))]).toEqual([
        { images: 2, bytes: 15 },
        ['note'],
        { images: 2, bytes: 15 },
      ]);
    });

    test('asks no index when nothing is pinned', async () => {
      const hook = (step: string): void => expect(step).toBe('list pins');
      expect((await listPinned(accessTo(layout, { hook }))).images).toEqual([]);
    });
  });

  describe('prune() with pins', () => {
    beforeEach(() => {
      for (const [place, id] of [one, two, three].entries()) putImage(layout, id, { usedSec: 1000 + place });
    });

    test('takes others in place of what is pinned, and says nothing of a shortfall when they are enough', async () => {
      putPin(layout, one);
      const { shortfallReasons, pinned } = await pruneTo(200);
      expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([
        [one, three],
        [one, three],
      ]);
      expect([shortfallReasons, pinned]).toEqual([[], { images: 1, bytes: 100 }]);
    });

    test.each([true, false])(
      'keeps what is pinned when the maximum is 0, and says why it is short, dry: %s',
      async (dryRun) => {
        for (const id of [one, two, four]) putPin(layout, id);
        const { after, shortfallBytes, pinnedShortfallBytes, shortfallReasons, pinned } = await pruneTo(0, { dryRun });
        expect([after, pinned]).toEqual([
          { images: 2, bytes: 200 },
          { images: 2, bytes: 200 },
        ]);
        expect([shortfallBytes, pinnedShortfallBytes, shortfallReasons]).toEqual([200, 200, ['pinned']]);
        expect(fileIdsOf(layout)).toEqual(dryRun ? [one, two, three] : [one, two]);
      },
    );

    test('keeps what is pinned whatever its age', async () => {
      putPin(layout, one);
      await pruneTo(1e9, { maxAgeSec: 1 });
      expect(fileIdsOf(layout)).toEqual([one]);
    });

    test('tells pins from other files when the file system is full of both', async () => {
      putPin(layout, one);
      const { shortfallReasons, pinnedShortfallBytes } = await pruneTo(1e9, {
        minFree: { kind: 'percent', percent: 100 },
      });
      expect(shortfallReasons).toEqual(['pinned', 'other-files']);
      expect(pinnedShortfallBytes).toBeGreaterThanOrEqual(100);
    });

    test('refuses to work when it cannot know what is pinned', async () => {
      writeFileSync(layout.tools, '');
      await expect(pruneTo(0)).rejects.toMatchObject({ code: 'CACHE_DIR' });
      expect(fileIdsOf(layout)).toEqual([one, two, three]);
    });
  });

  describe('deleteCached() with pins', () => {
    const all = { dryRun: false, adopt: false, imageIds: undefined };

    beforeEach(() => {
      for (const id of [one, two]) putImage(layout, id);
      putFile(layout, 'cached', three);
      for (const id of [two, three, four]) putPin(layout, id);
    });

    test('keeps what is pinned when everything is asked for, and the next run finds an index with rows', async () => {
      const result = await deleteCached(accessTo(layout), all);
      expect(told(result)).toEqual([
        [three, 'adopt', 'done', 'no-row'],
        [one, 'remove', 'done', 'requested'],
        [two, 'keep', 'skipped', 'pinned'],
        [three, 'keep', 'skipped', 'pinned'],
      ]);
      expect([result.stillPinned, fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[], [two, three], [two, three]]);
      expect((await deleteCached(accessTo(layout), all)).items.map(({ result }) => result)).toEqual([
        'skipped',
        'skipped',
      ]);
    });

    test('takes what is pinned when that is asked for, and leaves the pins', async () => {
      const { stillPinned } = await deleteCached(accessTo(layout), { ...all, includePinned: true });
      expect([stillPinned.toSorted(), fileIdsOf(layout), pinIdsOf(layout)]).toEqual([
        [two, three],
        [],
        [two, three, four],
      ]);
    });

    test('takes a pinned image that is named, and says that its pin stays', async () => {
      const { stillPinned } = await deleteCached(accessTo(layout), { ...all, imageIds: [one, two, four] });
      expect([stillPinned, fileIdsOf(layout), pinIdsOf(layout)]).toEqual([[two], [three], [two, three, four]]);
    });
  });
});
