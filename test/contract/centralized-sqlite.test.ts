import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CentralizedSettings } from '../../src/cache/index/centralized/centralized-driver.ts';
import { openFleet } from '../../src/cache/index/centralized/open-fleet.ts';
import type { IndexDb } from '../../src/cache/index/index-db.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { CENTRAL_SCHEMA } from '../support/central-schema.ts';
import { CentralSqlite, NODE_URL } from '../support/central-sqlite.ts';
import { FakeClock } from '../support/clocks.ts';
import { createCache, imageIdOf, putRow } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { rejectionOf } from '../support/thrown.ts';
import { indexDbContract } from './index-db.ts';

const OTHER_URL = 'http://node2:9292';

const folder = useTempDir();
const opened: IndexDb[] = [];
const [one, two] = [imageIdOf(1), imageIdOf(2)];
let central: CentralSqlite;
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  central = new CentralSqlite(folder());
});

afterEach(() => {
  for (const index of opened.splice(0)) index.close();
});

async function open(create = true, more: Partial<CentralizedSettings> = {}): Promise<IndexDb> {
  const index = await central.driver(layout, more).open(create);
  opened.push(index);
  return index;
}

indexDbContract('centralized_db on SQLite', { open: () => open() });

describe('createCentralizedDriver()', () => {
  test('enters the node when it is to create the index, and once', async () => {
    await open();
    await open();
    expect(central.rows('SELECT node_reference_url FROM node_reference')).toEqual([[NODE_URL]]);
  });

  test('has no rows, and enters nothing, where the node is not known and not to be entered', async () => {
    central.addRow(one, { nodeUrl: OTHER_URL });
    expect(await (await open(false)).rows()).toEqual([]);
    expect(central.rows('SELECT node_reference_url FROM node_reference')).toEqual([[OTHER_URL]]);
  });

  test('keeps the rows of two nodes apart, whatever is done', async () => {
    central.addRow(one, { size: 1, nodeUrl: OTHER_URL });
    const before = central.rows(`SELECT * FROM cached_images WHERE image_id = '${one}'`);
    const index = await open();
    const row = { imageId: one, lastAccessedSec: 5, lastModifiedSec: 5, sizeBytes: 5, hits: 5 };
    await index.transaction((changes) => changes.put(row));
    expect(await index.rows()).toEqual([row]);
    await index.transaction((changes) => changes.setSize(one, 7));
    expect(await (await open(true, { nodeUrl: OTHER_URL })).rows()).toMatchObject([{ sizeBytes: 1 }]);
    await index.transaction((changes) => changes.remove(one));
    expect(await index.rows()).toEqual([]);
    expect(central.rows('SELECT * FROM cached_images')).toEqual(before);
  });

  test('writes times as Glance does, and leaves the checksum empty', async () => {
    const index = await open();
    const row = { imageId: one, lastAccessedSec: 1_767_225_600.25, lastModifiedSec: 0, sizeBytes: 5, hits: 5 };
    await index.transaction((changes) => changes.insert(row));
    expect(
      central.rows(
        'SELECT image_id, last_accessed, last_modified, size, typeof(size), hits, checksum FROM cached_images',
      ),
    ).toEqual([[one, '2026-01-01 00:00:00.250000', '1970-01-01 00:00:00.000000', 5, 'integer', 5, null]]);
  });

  test.each([
    ['worker_self_reference_url', { nodeUrl: undefined }, 'glance-api itself does not start'],
    ['worker_self_reference_url', { nodeUrl: '' }, 'glance-api itself does not start'],
    ['[database] connection', { connection: undefined }, '--config-file'],
    ['[database] connection', { connection: ' ' }, '--config-file'],
  ])('refuses to work without %s', async (name, settings, hint) => {
    expect(await rejectionOf(open(false, settings))).toMatchObject({
      code: 'CONFIG_MISSING',
      exitCode: 3,
      message: expect.stringContaining(`${name} is not set`) as unknown,
      hint: expect.stringContaining(hint) as unknown,
    });
  });

  test.each([
    ['no tables', []],
    ['the tables of an older release', ['CREATE TABLE images (id VARCHAR(36) NOT NULL)']],
    [
      'a table without a column',
      [...CENTRAL_SCHEMA.sqlite, 'ALTER TABLE cached_images RENAME COLUMN last_accessed TO used_at'],
    ],
  ])('refuses a database with %s, and says what it needs', async (_what, schema) => {
    rmSync(central.path);
    central = new CentralSqlite(folder(), schema);
    const error = await rejectionOf(open().then((index) => index.rows()));
    expect(error).toMatchObject({ code: 'INDEX_FOREIGN', exitCode: 4 });
    expect(error).toMatchObject({ hint: expect.stringContaining('2024.1') as unknown });
  });

  test('refuses a file that is missing, and one that is no database', async () => {
    rmSync(central.path);
    expect(await rejectionOf(open())).toMatchObject({ code: 'CONFIG_DATABASE', exitCode: 3 });
    writeFileSync(central.path, 'This is no database. '.repeat(100));
    expect(await rejectionOf(open())).toMatchObject({ code: 'INDEX_IO', exitCode: 4 });
  });

  test('leaves the mode of the journal as it is', async () => {
    central.exec('PRAGMA journal_mode = WAL');
    await (await open()).transaction((changes) => changes.remove(one));
    for (const index of opened.splice(0)) index.close();
    expect(central.rows('PRAGMA journal_mode')).toEqual([['wal']]);
  });
});

describe('CentralizedIndex', () => {
  test('check() names rows with values that make no sense, and rows() has those as 0', async () => {
    central.addRow(one, { size: -5 });
    central.addRow(two, { accessed: '0000-00-00 00:00:00' });
    central.addRow(imageIdOf(3), { hits: -1 });
    central.addRow(imageIdOf(4), { accessed: '10000-01-01 00:00:00' });
    central.addRow(imageIdOf(5), { accessed: '2026-01-01T00:00:00' });
    const index = await open();
    const { damage, oddRows } = await index.check();
    expect(damage).toBeUndefined();
    expect([...oddRows]).toEqual([1, 2, 3, 4].map(imageIdOf));
    expect(await index.rows()).toMatchObject([
      { sizeBytes: 0, lastAccessedSec: 1_767_225_600 },
      { lastAccessedSec: 0, lastModifiedSec: 0 },
      { hits: 0 },
      { lastAccessedSec: 0 },
      { lastAccessedSec: 1_767_225_600 },
    ]);
  });

  test('transaction() reads ahead what it was told to expect, and sees its own changes all the same', async () => {
    for (const number of [1, 2, 3]) central.addRow(imageIdOf(number), { size: number });
    await (await open()).transaction(async (changes) => {
      await changes.expect?.([one, two, imageIdOf(9)]);
      expect(await changes.row(two)).toMatchObject({ sizeBytes: 2 });
      await changes.setSize(two, 20);
      await changes.remove(one);
      expect(await changes.row(one)).toBeUndefined();
      expect(await changes.row(two)).toMatchObject({ sizeBytes: 20 });
      expect(await changes.row(imageIdOf(3))).toMatchObject({ sizeBytes: 3 });
      expect(await changes.row(imageIdOf(9))).toBeUndefined();
    });
    expect(central.rows('SELECT size FROM cached_images ORDER BY image_id')).toEqual([[20], [3]]);
  });

  test('transaction() makes of several changes of one image what they come to', async () => {
    central.addRow(one, { size: 1, hits: 9 });
    const row = { imageId: one, lastAccessedSec: 5, lastModifiedSec: 5, sizeBytes: 5, hits: 5 };
    const added = { ...row, imageId: two };
    await (await open()).transaction(async (changes) => {
      await changes.remove(one);
      await changes.insert(row);
      await changes.setSize(two, 7);
      await changes.insert(added);
      await changes.setSize(two, 8);
      await changes.remove(imageIdOf(3));
      await changes.setSize(imageIdOf(3), 9);
    });
    expect(await (await open()).rows()).toEqual([row, { ...added, sizeBytes: 8 }]);
  });

  test('transaction() is BUSY_INDEX while somebody else writes, and has changed nothing', async () => {
    central.addRow(one);
    const index = await open();
    const release = central.hold();
    const busy = index.transaction((changes) => changes.remove(one));
    expect(await rejectionOf(busy)).toMatchObject({ code: 'BUSY_INDEX', exitCode: 5 });
    release();
    expect(await index.rows()).toHaveLength(1);
    await index.transaction((changes) => changes.remove(one));
    expect(await index.rows()).toEqual([]);
  });

  test('transaction() holds no lock in the database while its work goes on', async () => {
    central.addRow(one);
    await (await open()).transaction(async (changes) => {
      await changes.row(one);
      await changes.remove(one);
      central.hold()();
    });
    expect(central.rowIds()).toEqual([]);
  });
});

describe('describeGivenUp()', () => {
  test('names the nodes that there are, as one may be misspelt', async () => {
    for (const number of [3, 4, 5, 6, 7, 8]) central.addRow(one, { nodeUrl: `http://node${number}:9292` });
    const { state, check } = await central.driver(layout).describeGivenUp();
    expect(state).toBe(`the database ${central.url} has no rows of the node "${NODE_URL}"`);
    expect(check).toContain('"http://node3:9292", "http://node4:9292"');
    expect(check).toContain('"http://node7:9292" and others');
    expect(check).not.toContain('node8');
    expect(check).not.toContain('sqlite driver');
  });

  test('tells of rows in the index of the sqlite driver', async () => {
    putRow(layout, one);
    const { check } = await central.driver(layout).describeGivenUp();
    expect(check).toContain('it knows no node yet');
    expect(check).toContain(`the index "${layout.index}" lists an image, so glance-api may be using the sqlite driver`);
  });
});

describe('openFleet()', () => {
  test('sums up every node, and finds an image on all of them', async () => {
    central.addRow(one, { size: 5, hits: 2, nodeUrl: OTHER_URL });
    central.addRow(one, { size: 5, hits: 1 });
    central.addRow(two, { size: 7, accessed: '2026-01-02 00:00:00.500000' });
    central.exec("INSERT INTO node_reference (node_reference_url) VALUES ('http://node0:9292')");
    const settings = { connection: central.url, connectionParameters: '', origin: 'a test' };
    const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
    const fleet = await openFleet(settings, patience);
    expect(await fleet.nodes()).toEqual([
      { url: 'http://node0:9292', images: 0, sizeBytes: 0, hits: 0, lastAccessedSec: undefined },
      { url: NODE_URL, images: 2, sizeBytes: 12, hits: 1, lastAccessedSec: 1_767_312_000.5 },
      { url: OTHER_URL, images: 1, sizeBytes: 5, hits: 2, lastAccessedSec: 1_767_225_600 },
    ]);
    expect((await fleet.rows()).map(({ nodeUrl, imageId }) => [nodeUrl, imageId])).toEqual([
      [NODE_URL, one],
      [NODE_URL, two],
      [OTHER_URL, one],
    ]);
    expect((await fleet.rows(one)).map(({ nodeUrl }) => nodeUrl)).toEqual([NODE_URL, OTHER_URL]);
    expect(await fleet.rows(imageIdOf(9))).toEqual([]);
    fleet.close();
  });
});
