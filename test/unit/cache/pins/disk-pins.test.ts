import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CacheLayout, cacheLayout } from '../../../../src/cache/layout.ts';
import { DiskPins } from '../../../../src/cache/pins/disk-pins.ts';
import { CacheError } from '../../../../src/errors/cache-error.ts';
import { createCache, imageIdOf, pinIdsOf, putPin } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const folder = useTempDir();
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let layout: CacheLayout;
let pins: DiskPins;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  pins = new DiskPins(layout);
});

function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof CacheError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('DiskPins', () => {
  test('pins once, in an empty file of the mode of a marker, and says when it was there already', () => {
    expect([pins.add(two), pins.add(one), pins.add(two)]).toEqual([true, true, false]);
    expect(pins.list()).toEqual({ imageIds: new Set([one, two]), foreign: [] });
    const { mode, size } = lstatSync(join(layout.pinned, one));
    expect([mode & 0o777, size, lstatSync(layout.pinned).mode & 0o777]).toEqual([0o640, 0, 0o750]);
  });

  test('tells since when an image is pinned, and that another one is not', () => {
    pins.add(one);
    utimesSync(join(layout.pinned, one), 1000.5, 1000.5);
    expect([pins.since(one), pins.since(two), pins.has(one), pins.has(two)]).toEqual([1000.5, undefined, true, false]);
    expect(pins.add(one)).toBe(false);
    expect(pins.since(one)).toBe(1000.5);
  });

  test('takes a pin away once', () => {
    pins.add(one);
    expect([pins.remove(one), pins.remove(one), pins.has(one)]).toEqual([true, false, false]);
  });

  test('has nothing pinned where the folders are missing, and the cache as well, and makes none of them', () => {
    for (const root of [layout.root, join(folder(), 'nowhere')]) {
      const none = new DiskPins(cacheLayout(root, 'cache.db'));
      expect(none.list()).toEqual({ imageIds: new Set(), foreign: [] });
      expect([none.has(one), none.since(one), none.remove(one)]).toEqual([false, undefined, false]);
    }
    expect([existsSync(layout.tools), existsSync(join(folder(), 'nowhere'))]).toEqual([false, false]);
  });

  test('sees a pin that came after the first look, folders and all', () => {
    expect(pins.has(one)).toBe(false);
    new DiskPins(layout).add(one);
    expect(pins.has(one)).toBe(true);
  });

  test('syncs what was pinned', async () => {
    pins.add(one);
    await pins.sync();
    rmSync(layout.pinned, { recursive: true });
    await expect(pins.sync()).rejects.toMatchObject({ code: 'CACHE_IO' });
  });

  test('leaves alone and reports what is no pin: other names, other spellings, folders, links', () => {
    const names = ['note', one.toUpperCase(), one.replaceAll('-', ''), `${one}.part`];
    mkdirSync(layout.pinned, { recursive: true });
    for (const name of names) writeFileSync(join(layout.pinned, name), 'kept');
    mkdirSync(join(layout.pinned, two));
    writeFileSync(join(folder(), 'victim'), 'precious');
    symlinkSync(join(folder(), 'victim'), join(layout.pinned, three));
    const before = readdirSync(layout.pinned).sort();
    expect(pins.list()).toEqual({ imageIds: new Set(), foreign: before });
    for (const id of [two, three]) {
      expect([pins.has(id), pins.remove(id)]).toEqual([false, false]);
      expect(refusalOf(() => pins.add(id))).toContain(`CACHE_DIR Cannot create "${join(layout.pinned, id)}"`);
    }
    expect(readdirSync(layout.pinned).sort()).toEqual(before);
    expect(readFileSync(join(folder(), 'victim'), 'utf8')).toBe('precious');
  });

  for (const what of ['pinned', 'tools'] as const) {
    test(`refuses a link or a file in place of the folder ${what}, and touches nothing behind it`, () => {
      putPin(layout, one);
      const elsewhere = join(folder(), 'elsewhere');
      renameSync(layout[what], elsewhere);
      for (const plant of [() => symlinkSync(elsewhere, layout[what]), () => writeFileSync(layout[what], '')]) {
        plant();
        const fresh = new DiskPins(layout);
        const calls = [() => fresh.list(), () => fresh.has(one), () => fresh.add(two), () => fresh.remove(one)];
        for (const call of calls) expect(refusalOf(call)).toMatch(/^CACHE_/);
        rmSync(layout[what]);
      }
      renameSync(elsewhere, layout[what]);
      expect(pinIdsOf(layout)).toEqual([one]);
    });
  }

  test('works where a group may write to the cache directory', () => {
    chmodSync(layout.root, 0o770);
    const shared = new DiskPins(layout);
    expect([shared.has(one), shared.add(one), shared.has(one), shared.remove(one), shared.add(one)]).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(shared.list().imageIds).toEqual(new Set([one]));
  });
});
