import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import { type CacheSnapshot, readSnapshot } from '../../../src/cache/snapshot.ts';
import { accessTo, createCache, imageIdOf, inIndex, putFile, putImage, putRow } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { rejectionOf } from '../../support/thrown.ts';

const folder = useTempDir();
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

async function read(): Promise<CacheSnapshot> {
  const access = accessTo(layout);
  const index = await access.index.open(false);
  try {
    return await readSnapshot(access.directory, index, 1000);
  } finally {
    index.close();
  }
}

describe('readSnapshot()', () => {
  test('puts files and rows together by ID, in order', async () => {
    putRow(layout, three);
    putImage(layout, two);
    putFile(layout, 'cached', one);
    const { images, indexHasRows, takenSec } = await read();
    const shape = images.map(({ imageId, file, row }) => [imageId, file !== undefined, row !== undefined]);
    expect(shape).toEqual([
      [one, true, false],
      [two, true, true],
      [three, false, true],
    ]);
    expect([indexHasRows, takenSec]).toEqual([true, 1000]);
  });

  test('sets foreign rows and foreign files apart, and never makes a path of either', async () => {
    for (const id of ['../../etc/passwd', one.toUpperCase(), '']) putRow(layout, id);
    writeFileSync(join(layout.root, 'notes.txt'), '');
    const { images, foreignRows, foreign, indexHasRows } = await read();
    expect([images, indexHasRows]).toEqual([[], false]);
    expect([...foreignRows].sort()).toEqual(['', '../../etc/passwd', one.toUpperCase()]);
    expect(foreign.map(({ name }) => name)).toEqual(['notes.txt']);
  });

  test('has no rows when the index is missing, and does not create it', async () => {
    rmSync(layout.index);
    putFile(layout, 'cached', one);
    expect(await read()).toMatchObject({ indexHasRows: false, images: [{ imageId: one, row: undefined }] });
    expect(accessTo(layout).index.exists()).toBe(false);
  });
});

describe('createAccess()', () => {
  test('cannot write to an index that is missing and was not to be created', async () => {
    rmSync(layout.index);
    const index = await accessTo(layout).index.open(false);
    expect(await rejectionOf(index.transaction(async () => 'done'))).toBeInstanceOf(TypeError);
    index.close();
    expect(accessTo(layout).index.exists()).toBe(false);
  });

  test('creates a missing index when asked to', async () => {
    rmSync(layout.index);
    (await accessTo(layout).index.open(true)).close();
    expect(inIndex(layout, (db) => db.pragma('table_info(cached_images)'))).toHaveLength(6);
  });
});
