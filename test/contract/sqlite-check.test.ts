import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { IndexDb, IndexHealth } from '../../src/cache/index/index-db.ts';
import { openSqliteIndex } from '../../src/cache/index/sqlite/sqlite-index.ts';
import { type CacheLayout, cacheLayout } from '../../src/cache/layout.ts';
import { FakeClock } from '../support/clocks.ts';
import { createCache, imageIdOf, inIndex, putRow } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';

const folder = useTempDir();
const one = imageIdOf(1);
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

async function openIndex(): Promise<IndexDb> {
  const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
  return openSqliteIndex(layout.index, { create: false, patience });
}

async function check(): Promise<IndexHealth> {
  const index = await openIndex();
  try {
    return await index.check();
  } finally {
    index.close();
  }
}

describe('SqliteIndex.check()', () => {
  test.each<[string, Parameters<typeof putRow>[2]]>([
    ['text for a time', { last_accessed: 'yesterday' }],
    ['a time before 1970', { last_modified: -1 }],
    ['a time that no calendar has', { last_accessed: 1e300 }],
    ['an infinite time', { last_modified: Number.POSITIVE_INFINITY }],
    ['text for a size', { size: 'large' }],
    ['a broken size', { size: 1.5 }],
    ['a size below 0', { size: -1 }],
    ['bytes for hits', { hits: Buffer.from('07', 'hex') }],
    ['hits below 0', { hits: -7 }],
  ])('tells a row with %s', async (_what, row) => {
    putRow(layout, one, row);
    putRow(layout, imageIdOf(2));
    expect(await check()).toEqual({ damage: undefined, oddRows: new Set([one]) });
  });

  test('tells a row with NULL, as which NaN is stored', async () => {
    putRow(layout, one);
    inIndex(layout, (db) => db.exec('UPDATE cached_images SET last_accessed = NULL'));
    expect((await check()).oddRows).toEqual(new Set([one]));
  });

  test('finds damage that no list meets', async () => {
    inIndex(layout, (db) => {
      const insert = db.prepare('INSERT INTO cached_images (image_id) VALUES (?)');
      db.transaction(() => {
        for (let number = 0; number < 500; number++) insert.run(imageIdOf(number));
      })();
    });
    // The ID stands in the table and in its index; the two are not alike any more.
    const bytes = readFileSync(layout.index);
    bytes.write('ffff', bytes.lastIndexOf(imageIdOf(250)));
    writeFileSync(layout.index, bytes);
    const index = await openIndex();
    expect(await index.rows()).toHaveLength(500);
    expect((await index.check()).damage).toMatch(/missing from index|wrong # of entries/);
    index.close();
  });

  test('finds nothing in an index without a table', async () => {
    layout = cacheLayout(layout.root, 'empty.db');
    writeFileSync(layout.index, '');
    expect(await check()).toEqual({ damage: undefined, oddRows: new Set() });
  });

  test('changes nothing', async () => {
    putRow(layout, one, { size: -1 });
    const before = readFileSync(layout.index);
    await check();
    expect(readFileSync(layout.index)).toEqual(before);
  });
});
