// What users want, done with the centralized_db driver: the use cases do not know which driver they work on.
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheAccess } from '../../src/cache/access.ts';
import type { IndexDriver } from '../../src/cache/index/index-driver.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { CacheStateError } from '../../src/errors/cache-error.ts';
import { publishImage } from '../../src/execute/prefetch/publish-image.ts';
import { deleteCached } from '../../src/use-cases/delete.ts';
import { type PruneReport, prune } from '../../src/use-cases/prune.ts';
import { verify } from '../../src/use-cases/verify/verify.ts';
import { CentralSqlite, NODE_URL } from '../support/central-sqlite.ts';
import { clockAhead } from '../support/clocks.ts';
import { putJournal, putPart } from '../support/parts.ts';
import { accessTo, createCache, fileIdsOf, imageIdOf, putFile, putRow } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { rejectionOf } from '../support/thrown.ts';

const OTHER_URL = 'http://node2:9292';

const folder = useTempDir();
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let central: CentralSqlite;
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  central = new CentralSqlite(folder());
});

function access(index: IndexDriver = central.driver(layout, { clock: clockAhead(3600), timeoutSec: 1 })): CacheAccess {
  return accessTo(layout, { index });
}

function pruneTo(maxSizeBytes: number, opened = access()): Promise<PruneReport> {
  const limits = { maxSizeBytes, lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };
  return prune(opened, { dryRun: false, adopt: false, ...limits });
}

/** Images with rows on this node, used on the first, second ... of January; the other node has all of them, too. */
function putImages(...imageIds: readonly (typeof one)[]): void {
  for (const [place, imageId] of imageIds.entries()) {
    putFile(layout, 'cached', imageId);
    central.addRow(imageId, { accessed: `2026-01-0${place + 1} 00:00:00.000000` });
    central.addRow(imageId, { nodeUrl: OTHER_URL });
  }
}

/** The rows of this node; those of the other one have to be there still. */
function ownRows(...others: readonly string[]): readonly unknown[] {
  const rows = central.rowIds() as readonly (readonly unknown[])[];
  expect(rows.filter(([url]) => url === OTHER_URL).map(([, imageId]) => imageId)).toEqual(others);
  return rows.filter(([url]) => url === NODE_URL).map(([, imageId]) => imageId);
}

describe('prune() with centralized_db', () => {
  test('removes what was used least recently on this node', async () => {
    putImages(two, one, three);
    const report = await pruneTo(200);
    expect(report).toMatchObject({ failure: undefined, freedBytes: 100 });
    expect(fileIdsOf(layout)).toEqual([one, three]);
    expect(fileIdsOf(layout, 'invalid')).toEqual([]);
    expect(ownRows(one, two, three)).toEqual([one, three]);
  });

  test('leaves an image that a client has used since the look', async () => {
    putImages(one, two);
    const driver = central.driver(layout, { clock: clockAhead(3600), timeoutSec: 1 });
    const opened = access({
      ...driver,
      async open(create) {
        if (create) central.exec("UPDATE cached_images SET last_accessed = '2026-06-01 00:00:00'");
        return driver.open(create);
      },
    });
    expect((await pruneTo(100, opened)).items).toMatchObject([{ result: 'skipped', reason: 'used' }]);
    expect(fileIdsOf(layout)).toEqual([one, two]);
  });

  test('puts files back when the database refuses, and goes on after a connection that was lost', async () => {
    putImages(one, two);
    const driver = central.driver(layout, { clock: clockAhead(3600), timeoutSec: 1 });
    let failures = 0;
    const failing = (times: number): IndexDriver => ({
      ...driver,
      async open(create) {
        const index = await driver.open(create);
        return {
          rows: () => index.rows(),
          check: () => index.check(),
          close: () => index.close(),
          transaction: (work) =>
            index.transaction(async (changes) => {
              const result = await work(changes);
              if (failures++ < times) throw new CacheStateError('INDEX_IO', 'Cannot write to the database: gone');
              return result;
            }),
        };
      },
    });
    expect((await pruneTo(100, access(failing(2)))).failure).toMatchObject({ code: 'INDEX_IO' });
    expect(fileIdsOf(layout)).toEqual([one, two]);
    expect(ownRows(one, two)).toEqual([one, two]);
    expect((await pruneTo(100, access(failing(3)))).failure).toBeUndefined();
    expect(fileIdsOf(layout)).toEqual([two]);
    expect(ownRows(one, two)).toEqual([two]);
  });

  test('adopts files without rows and drops rows without files', async () => {
    putImages(one);
    putFile(layout, 'cached', two);
    central.addRow(three);
    await pruneTo(1000);
    expect(ownRows(one)).toEqual([one, two]);
  });
});

describe('deleteCached() with centralized_db', () => {
  test('removes what it is told to, and all', async () => {
    putImages(one, two, three);
    await deleteCached(access(), { dryRun: false, adopt: false, imageIds: [two] });
    expect(fileIdsOf(layout)).toEqual([one, three]);
    expect(ownRows(one, two, three)).toEqual([one, three]);
    await deleteCached(access(), { dryRun: false, adopt: false, imageIds: undefined });
    expect(fileIdsOf(layout)).toEqual([]);
    expect(ownRows(one, two, three)).toEqual([]);
  });
});

describe('verify() with centralized_db', () => {
  test('enters files into a database that has no row of the node', async () => {
    for (const imageId of [one, two]) {
      putFile(layout, 'cached', imageId);
      central.addRow(imageId, { nodeUrl: OTHER_URL });
    }
    const request = { repair: true, dryRun: false, imageIds: undefined };
    const report = await verify({ access: access(), request, reading: undefined });
    expect(report.failure).toBeUndefined();
    expect(ownRows(one, two)).toEqual([one, two]);
    const again = await verify({ access: access(), request, reading: undefined });
    expect(again.items).toEqual([]);
  });

  test('renews rows with values that make no sense', async () => {
    putFile(layout, 'cached', one);
    central.addRow(one, { size: -5 });
    await verify({
      access: access(),
      request: { repair: true, dryRun: false, imageIds: undefined },
      reading: undefined,
    });
    expect(central.rows('SELECT size FROM cached_images')).toEqual([[100]]);
  });
});

describe('publishImage() with centralized_db', () => {
  test('enters the image, and the node where it is missing', async () => {
    putPart(layout, one);
    putJournal(layout, one);
    const opened = access();
    expect(await publishImage({ ...opened, openIndex: () => opened.index.open(true) }, one)).toBe('published');
    expect(fileIdsOf(layout)).toEqual([one]);
    expect(central.rows('SELECT image_id, size, hits FROM cached_images')).toEqual([[one, 100, 0]]);
  });

  test('takes the file back when the row cannot be entered', async () => {
    putPart(layout, one);
    const opened = access(central.driver(layout));
    const release = { call: (): void => undefined };
    const openIndex = async (): ReturnType<IndexDriver['open']> => {
      const index = await opened.index.open(true);
      release.call = central.hold();
      return index;
    };
    expect(await rejectionOf(publishImage({ ...opened, openIndex }, one))).toMatchObject({ code: 'BUSY_INDEX' });
    release.call();
    expect(fileIdsOf(layout)).toEqual([]);
    expect(ownRows()).toEqual([]);
  });
});

describe('the trap of a flipped driver with centralized_db', () => {
  test('is refused, with the nodes there are and where the images are listed', async () => {
    putFile(layout, 'cached', one);
    putRow(layout, one);
    central.addRow(one, { nodeUrl: OTHER_URL });
    expect(await rejectionOf(pruneTo(0))).toMatchObject({
      code: 'INDEX_FLIPPED',
      message: expect.stringContaining(
        `has no rows of the node "${NODE_URL}", yet the directory holds an image`,
      ) as unknown,
      hint: expect.stringMatching(/"http:\/\/node2:9292".*lists an image.*If the driver is centralized_db/) as unknown,
      details: { driver: 'centralized_db' },
    });
    expect(fileIdsOf(layout)).toEqual([one]);
  });
});
