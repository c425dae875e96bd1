import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { IndexDb } from '../../src/cache/index/index-db.ts';
import { createXattrDriver } from '../../src/cache/index/xattr/xattr-driver.ts';
import { type CacheLayout, cacheLayout } from '../../src/cache/layout.ts';
import { ATTRIBUTES, attributeOf, setAttribute, WITHOUT_ATTRIBUTES } from '../support/attributes.ts';
import { FakeClock } from '../support/clocks.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { rejectionOf } from '../support/thrown.ts';
import { indexDbContract } from './index-db.ts';

const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];

const folder = useTempDir(ATTRIBUTES.parent);
let layout: CacheLayout;

beforeEach(() => {
  layout = cacheLayout(folder(), 'cache.db');
});

async function open(create = true): Promise<IndexDb> {
  const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
  return createXattrDriver(layout, patience).open(create);
}

const pathOf = (imageId: string): string => join(layout.root, imageId);

/** Puts a file there, or makes the one that is there as large; its attributes and times stay. */
function place(imageId: string, sizeBytes: number): void {
  const path = pathOf(imageId);
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined) closeSync(openSync(path, 'w'));
  truncateSync(path, sizeBytes);
  if (before !== undefined) utimesSync(path, before.atimeMs / 1000, before.mtimeMs / 1000);
}

/** An image as glance-api leaves it. */
function placeImage(imageId: string, hits: string | null = '0', usedSec = 1000): void {
  place(imageId, 100);
  if (hits !== null) setAttribute(pathOf(imageId), 'user.hits', hits);
  utimesSync(pathOf(imageId), usedSec, 900);
}

const rowOf = (imageId: string, hits = 0, usedSec = 1000) => ({
  imageId,
  lastAccessedSec: usedSec,
  lastModifiedSec: 900,
  sizeBytes: 100,
  hits,
});

describe.skipIf(ATTRIBUTES.missing !== undefined)(`the xattr driver${WITHOUT_ATTRIBUTES}`, () => {
  // What a file of ext4 may be at most lies between this and the next power of two.
  indexDbContract('xattr', { open: () => open(), place, largestBytes: 2 ** 43 });

  describe('XattrIndex.rows()', () => {
    test('has a row of each image file with user.hits, and none of others, while listed() has them all', async () => {
      placeImage(two, '12');
      placeImage(one, '3');
      placeImage(three, null);
      expect(await (await open()).rows()).toEqual([rowOf(one, 3), rowOf(two, 12)]);
      // In the order of the directory, as Glance has them.
      const listed = await (await open()).listed?.();
      expect(listed?.toSorted((a, b) => (a.imageId < b.imageId ? -1 : 1))).toEqual([
        rowOf(one, 3),
        rowOf(two, 12),
        rowOf(three),
      ]);
    });

    test('has no row of what is no image file, and follows no link', async () => {
      placeImage(one, '1');
      const elsewhere = join(folder(), 'elsewhere');
      writeFileSync(elsewhere, 'secret');
      setAttribute(elsewhere, 'user.hits', '7');
      symlinkSync(elsewhere, pathOf(two));
      mkdirSync(pathOf(three));
      writeFileSync(join(layout.root, 'checkme'), 'any');
      setAttribute(join(layout.root, 'checkme'), 'user.hits', '1');
      const index = await open();
      expect(await index.rows()).toEqual([rowOf(one, 1)]);
      await index.transaction(async (changes) => {
        for (const imageId of [two, three, 'checkme', '../elsewhere', '']) {
          expect(await changes.row(imageId)).toBeUndefined();
          await changes.insert(rowOf(imageId, 5));
          await changes.put(rowOf(imageId, 5));
          await changes.remove(imageId);
          await changes.put(rowOf(imageId, 5));
        }
      });
      expect(attributeOf(elsewhere, 'user.hits')).toBe('7');
      expect(attributeOf(join(layout.root, 'checkme'), 'user.hits')).toBe('1');
      expect(attributeOf(pathOf(three), 'user.hits')).toBeUndefined();
    });

    test.each([
      ['no number', 'many'],
      ['negative', '-3'],
      ['a fraction', '1.5'],
      ['hexadecimal', '0x10'],
      ['empty', ''],
      ['beyond what is exact', '9'.repeat(20)],
      ['bytes', Buffer.from([0, 255, 0])],
      ['long', '1'.repeat(3000)],
    ])('reads a value as 0 hits, and check() tells it, when it is %s', async (_what, value) => {
      placeImage(one, '5');
      placeImage(two);
      setAttribute(pathOf(two), 'user.hits', value);
      const index = await open();
      expect(await index.rows()).toEqual([rowOf(one, 5), rowOf(two, 0)]);
      expect(await index.check()).toEqual({ damage: undefined, oddRows: new Set([two]) });
      await index.transaction((changes) => changes.put(rowOf(two, 0)));
      expect(await index.check()).toEqual({ damage: undefined, oddRows: new Set() });
      expect(attributeOf(pathOf(two), 'user.hits')).toBe('0');
    });

    test('changes no time of a file', async () => {
      placeImage(one, '5');
      const before = statSync(pathOf(one), { bigint: true });
      const index = await open();
      await index.rows();
      await index.check();
      await index.transaction((changes) => changes.row(one));
      const { atimeNs, mtimeNs, ctimeNs } = statSync(pathOf(one), { bigint: true });
      expect({ atimeNs, mtimeNs, ctimeNs }).toEqual({
        atimeNs: before.atimeNs,
        mtimeNs: before.mtimeNs,
        ctimeNs: before.ctimeNs,
      });
    });
  });

  describe('XattrIndex.transaction()', () => {
    test.each([
      ['as the file has them', (ns: bigint) => Number(ns) / 1e9],
      ['with its last change for a use, as an adopted file that was never read has', () => undefined],
    ])('leaves the times of a file alone when a row has them %s', async (_how, usedOf) => {
      place(one, 100);
      utimesSync(pathOf(one), 1000.125, 2000.25);
      const before = statSync(pathOf(one), { bigint: true });
      const row = { ...rowOf(one), lastAccessedSec: usedOf(before.atimeNs) ?? 2000.25, lastModifiedSec: 2000.25 };
      await (await open()).transaction((changes) => changes.insert(row));
      const after = statSync(pathOf(one), { bigint: true });
      expect([after.atimeNs, after.mtimeNs]).toEqual([before.atimeNs, before.mtimeNs]);
      expect(attributeOf(pathOf(one), 'user.hits')).toBe('0');
    });

    test('applies what was put of an image that gets its name meanwhile, whose part has the attribute before', async () => {
      mkdirSync(layout.parts, { recursive: true });
      const part = join(layout.parts, `${one}.part`);
      writeFileSync(part, 'x'.repeat(100));
      const index = await open();
      await index.transaction(async (changes) => {
        await changes.put(rowOf(one, 0, 5000));
        expect(attributeOf(part, 'user.hits')).toBe('0');
        renameSync(part, pathOf(one));
      });
      expect(await index.rows()).toEqual([rowOf(one, 0, 5000)]);
    });

    test('has nothing to apply for a file that is gone, or was never there', async () => {
      placeImage(two, '5');
      const index = await open();
      await index.transaction(async (changes) => {
        await changes.put(rowOf(one));
        await changes.insert(rowOf(three));
        expect(await changes.row(three)).toEqual(rowOf(three));
        await changes.remove(three);
        await changes.put(rowOf(two, 6));
        rmSync(pathOf(two));
      });
      expect(await index.rows()).toEqual([]);
    });

    test('leaves an image alone that came in place of one that was removed', async () => {
      placeImage(one, '5');
      await (await open()).transaction(async (changes) => {
        await changes.remove(one);
        renameSync(pathOf(one), join(layout.root, 'gone'));
        placeImage(one, '0');
      });
      expect(attributeOf(pathOf(one), 'user.hits')).toBe('0');
      expect(attributeOf(join(layout.root, 'gone'), 'user.hits')).toBe('5');
    });

    test('leaves the hits alone that glance-api has given a file since it was adopted', async () => {
      placeImage(one, null);
      await (await open()).transaction(async (changes) => {
        await changes.insert(rowOf(one));
        setAttribute(pathOf(one), 'user.hits', '3');
      });
      expect(attributeOf(pathOf(one), 'user.hits')).toBe('3');
    });

    test('leaves the reason with a damaged file that was moved into invalid/', async () => {
      placeImage(one, '5');
      mkdirSync(layout.areas.invalid);
      const retired = join(layout.areas.invalid, one);
      await (await open()).transaction(async (changes) => {
        await changes.remove(one, 'wrong-hash');
        renameSync(pathOf(one), retired);
      });
      expect(attributeOf(retired, 'user.error')).toBe('wrong-hash');
      const driver = createXattrDriver(layout, {
        clock: new FakeClock(),
        timeoutSec: 0,
        signal: new AbortController().signal,
      });
      expect(await driver.explainInvalid?.([one, two])).toEqual(new Map([[one, 'wrong-hash']]));
    });

    test('takes back what it has applied when a later file cannot be changed', async () => {
      placeImage(one, '5');
      placeImage(two, null);
      placeImage(three, '7');
      const index = await open();
      const error = await rejectionOf(
        index.transaction(async (changes) => {
          await changes.put(rowOf(one, 9, 4000));
          await changes.insert(rowOf(two, 0, 4000));
          await changes.remove(three);
          placeImage(imageIdOf(4), '1');
          // No time that a file can have.
          await changes.put({
            ...rowOf(imageIdOf(4)),
            lastAccessedSec: Number.POSITIVE_INFINITY,
            lastModifiedSec: Number.NaN,
          });
        }),
      );
      expect(error).toBeInstanceOf(Error);
      expect(await index.rows()).toEqual([rowOf(one, 5), rowOf(three, 7), rowOf(imageIdOf(4), 1)]);
      expect(attributeOf(pathOf(two), 'user.hits')).toBeUndefined();
    });

    test('is refused with BUSY_INDEX while another one of the toolkit goes on', async () => {
      const [index, other] = [await open(), await open()];
      await index.transaction(async () => {
        const error = await rejectionOf(other.transaction(async () => undefined));
        expect(error).toMatchObject({ code: 'BUSY_INDEX' });
      });
    });
  });

  describe('open()', () => {
    test('gives an index without rows when the cache directory is missing, and creates nothing', async () => {
      layout = cacheLayout(join(folder(), 'missing'), 'cache.db');
      const index = await open(false);
      expect(await index.rows()).toEqual([]);
      expect(existsSync(layout.root)).toBe(false);
      expect(await rejectionOf(open(true))).toMatchObject({ code: 'CACHE_IO' });
    });

    test('writes nothing to find out whether attributes are kept, nor does a look', async () => {
      placeImage(one);
      const index = await open();
      await index.rows();
      await index.check();
      expect(readdirSync(layout.root)).toEqual([one]);
    });
  });
});
