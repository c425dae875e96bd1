import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IndexDb } from '../../src/cache/index/index-db.ts';
import { openSqliteIndex } from '../../src/cache/index/sqlite/sqlite-index.ts';
import { type CacheLayout, cacheLayout } from '../../src/cache/layout.ts';
import { FakeClock } from '../support/clocks.ts';
import { GLANCE_SCHEMA } from '../support/glance-schema.ts';
import { imageIdOf, inIndex, putRow, rowIdsOf } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { rejectionOf } from '../support/thrown.ts';
import { indexDbContract } from './index-db.ts';

const NOBODY = 65_534;

const folder = useTempDir();
const opened: IndexDb[] = [];
const one = imageIdOf(1);
let layout: CacheLayout;
let umask: number;

beforeEach(() => {
  umask = process.umask(0o027);
  layout = cacheLayout(folder(), 'cache.db');
});

afterEach(() => {
  process.umask(umask);
  for (const index of opened.splice(0)) index.close();
});

async function open(create = true): Promise<IndexDb> {
  const patience = { clock: new FakeClock(), timeoutSec: 0, signal: new AbortController().signal };
  const index = await openSqliteIndex(layout.index, { create, patience });
  opened.push(index);
  return index;
}

const openExisting = (): Promise<IndexDb> => open(false);

indexDbContract('sqlite', { open: () => open() });

describe('openSqliteIndex()', () => {
  const SCHEMA_QUERIES = [
    "SELECT * FROM pragma_table_info('cached_images')",
    'SELECT type, name, tbl_name FROM sqlite_master',
    "SELECT name, strict, wr FROM pragma_table_list('cached_images')",
    ...['journal_mode', 'page_size', 'user_version', 'application_id', 'encoding', 'auto_vacuum'].map(
      (pragma) => `SELECT * FROM pragma_${pragma}`,
    ),
  ];

  test('makes an index like that of Glance when there is none', async () => {
    await open();
    for (const index of opened.splice(0)) index.close();
    const glances = cacheLayout(join(folder(), 'glance'), 'cache.db');
    mkdirSync(glances.root);
    inIndex(glances, (db) => db.exec(GLANCE_SCHEMA));
    const describeIndex = (of: CacheLayout): unknown =>
      inIndex(of, (db) => SCHEMA_QUERIES.map((query) => db.prepare(query).all()));
    expect(describeIndex(layout)).toEqual(describeIndex(glances));
    expect(inIndex(layout, (db) => db.pragma('journal_mode', { simple: true }))).toBe('delete');
    expect(statSync(layout.index).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder()).sort()).toEqual(['cache.db', 'glance']);
  });

  test('makes the table when the file is empty, as a killed glance-api leaves it', async () => {
    writeFileSync(layout.index, '');
    expect(await (await open(false)).rows()).toEqual([]);
    expect(statSync(layout.index).size).toBe(0);
    await (await open(true)).transaction((changes) => changes.remove(one));
    expect(rowIdsOf(layout)).toEqual([]);
  });

  test('changes not a byte of an index it only reads', async () => {
    putRowInNew();
    const before = readFileSync(layout.index);
    expect(await (await openExisting()).rows()).toHaveLength(1);
    for (const index of opened.splice(0)) index.close();
    expect(readFileSync(layout.index).equals(before)).toBe(true);
    expect(readdirSync(folder())).toEqual(['cache.db']);
  });

  test.each([
    ['no database at all', 'INDEX_CORRUPT', () => writeFileSync(layout.index, 'This is no database. '.repeat(100))],
    ['a database cut off in its middle', 'INDEX_CORRUPT', cutOff],
    [
      'a database of something else',
      'INDEX_FOREIGN',
      () => inIndex(layout, (db) => db.exec('CREATE TABLE users (id)')),
    ],
    ['a view in place of the table', 'INDEX_FOREIGN', makeView],
    [
      'a table without some of the columns',
      'INDEX_FOREIGN',
      () => inIndex(layout, (db) => db.exec('CREATE TABLE cached_images (image_id, size)')),
    ],
    ['a folder', 'INDEX_FOREIGN', () => mkdirSync(layout.index)],
    ['a link to a folder', 'INDEX_FOREIGN', () => symlinkSync(folder(), layout.index)],
  ])('refuses %s with %s and leaves it alone', async (_what, code, make) => {
    make();
    const before = statSync(layout.index).isFile() ? readFileSync(layout.index) : undefined;
    for (const create of [false, true]) {
      const error = await rejectionOf(open(create).then((index) => index.rows()));
      expect(error).toMatchObject({ code, exitCode: 4, hint: expect.any(String) as unknown });
      expect(error).toMatchObject({ message: expect.stringMatching(/^Cannot \w+ .*cache\.db.*: /) as unknown });
    }
    if (before !== undefined) expect(readFileSync(layout.index).equals(before)).toBe(true);
  });

  test('names the columns that are missing', async () => {
    inIndex(layout, (db) => db.exec('CREATE TABLE cached_images (image_id, size)'));
    expect(await rejectionOf(openExisting())).toMatchObject({
      message: `Cannot use the index ${JSON.stringify(layout.index)}: its table has no column last_accessed, last_modified, hits`,
    });
  });

  test('takes a table with more columns than it knows', async () => {
    inIndex(layout, (db) => db.exec(`${GLANCE_SCHEMA}; ALTER TABLE cached_images ADD COLUMN more TEXT`));
    expect(await (await openExisting()).rows()).toEqual([]);
  });

  test('fails with an error of the toolkit when the folder of the index is missing', async () => {
    layout = cacheLayout(folder(), join(folder(), 'missing', 'cache.db'));
    for (const create of [true, false]) {
      expect(await rejectionOf(open(create))).toMatchObject({
        code: 'CACHE_IO',
        details: { path: layout.index, errno: 'ENOENT' },
      });
    }
  });

  test('reads an index in write-ahead mode as it is, and leaves no files of that mode beside the images', async () => {
    putRowInNew();
    inIndex(layout, (db) => db.pragma('journal_mode = WAL'));
    const index = await open(true);
    expect(await index.rows()).toHaveLength(1);
    await index.transaction((changes) => changes.remove(one));
    for (const other of opened.splice(0)) other.close();
    expect(rowIdsOf(layout)).toEqual([]);
    expect(inIndex(layout, (db) => db.pragma('journal_mode', { simple: true }))).toBe('wal');
    expect(readdirSync(folder())).toEqual(['cache.db']);
  });
});

describe('SqliteIndex.rows()', () => {
  const NORMAL = { lastAccessedSec: 5, lastModifiedSec: 5, sizeBytes: 5, hits: 5 };

  test.each([
    ['text', "'five'", 0, 0],
    ['NULL', 'NULL', 0, 0],
    ['a blob', "x'05'", 0, 0],
    ['negative', '-5', 0, 0],
    ['infinite', '9e999', 0, 0],
    ['not a number', '9e999 - 9e999', 0, 0],
    ['a fraction', '5.75', 5.75, 5],
    ['a number in text', "'7'", 7, 7],
    ['beyond 2^53', '9007199254740993', 2 ** 53, 2 ** 53],
    ['the largest integer', '9223372036854775807', 2 ** 63, 2 ** 63],
  ])('reads a value that makes no sense as 0, any other as it is, when it is %s', async (_what, sql, time, whole) => {
    inIndex(layout, (db) =>
      db.exec(`${GLANCE_SCHEMA}; INSERT INTO cached_images VALUES ('${one}', ${sql}, ${sql}, ${sql}, ${sql}, NULL)`),
    );
    expect(await (await openExisting()).rows()).toEqual([
      { imageId: one, lastAccessedSec: time, lastModifiedSec: time, sizeBytes: whole, hits: whole },
    ]);
  });

  test('gives an ID that is no text as an empty one, and any other as it is stored', async () => {
    inIndex(layout, (db) =>
      db.exec(
        `${GLANCE_SCHEMA}; INSERT INTO cached_images VALUES (NULL, 5, 5, 5, 5, NULL), (x'00', 5, 5, 5, 5, NULL), ('../etc', 5, 5, 5, 5, 'sum')`,
      ),
    );
    const rows = await (await openExisting()).rows();
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        { imageId: '', ...NORMAL },
        { imageId: '../etc', ...NORMAL },
      ]),
    );
  });

  test('removes rows without an ID that is text when asked for the empty one, and only those', async () => {
    inIndex(layout, (db) =>
      db.exec(`${GLANCE_SCHEMA}; INSERT INTO cached_images (image_id) VALUES (NULL), (x'00'), (''), ('../etc')`),
    );
    await (await openExisting()).transaction((changes) => changes.remove(''));
    expect(rowIdsOf(layout)).toEqual(['../etc']);
  });
});

describe('SqliteIndex on a file that may only be read', () => {
  test('reads it, and refuses to write to it with CACHE_PERMISSION', async () => {
    putRowInNew();
    chmodSync(layout.index, 0o444);
    chmodSync(folder(), 0o555);
    const isRoot = process.geteuid?.() === 0;
    // Root may write to anything.
    if (isRoot) {
      chownSync(folder(), NOBODY, NOBODY);
      process.seteuid?.(NOBODY);
    }
    try {
      const index = await open(true);
      expect(await index.rows()).toHaveLength(1);
      const error = await rejectionOf(index.transaction((changes) => changes.remove(one)));
      expect(error).toMatchObject({
        code: 'CACHE_PERMISSION',
        message: expect.stringContaining('Cannot write to the index') as unknown,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(folder(), 0o755);
    }
    expect(rowIdsOf(layout)).toEqual([one]);
    expect(existsSync(`${layout.index}-journal`)).toBe(false);
  });
});

function putRowInNew(): void {
  inIndex(layout, (db) => db.exec(GLANCE_SCHEMA));
  putRow(layout, one);
}

function cutOff(): void {
  inIndex(layout, (db) => db.exec(GLANCE_SCHEMA));
  for (let i = 0; i < 200; i++) putRow(layout, imageIdOf(i));
  writeFileSync(layout.index, readFileSync(layout.index).subarray(0, 4096 * 2 + 100));
}

function makeView(): void {
  inIndex(layout, (db) =>
    db.exec(
      "CREATE VIEW cached_images AS SELECT '' AS image_id, 0 AS last_accessed, 0 AS last_modified, 0 AS size, 0 AS hits",
    ),
  );
}
