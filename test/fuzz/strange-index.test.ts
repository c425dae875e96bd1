// An index that is a whole database, but none that Glance made: other tables, code in the schema, values of any type.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { GLANCE_SCHEMA } from '../support/glance-schema.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { HOSTILE_NAMES } from '../support/hostile-text.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';

const cache = useCache();

const IMAGES = [...'01234567'].map(idOf);
const [ONE = ''] = IMAGES;

beforeEach(() => {
  // Everything has settled: what is without a file or a row is judged, not left alone as too young.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  cache().configure('image_cache_max_size = 0');
  for (const id of IMAGES) cache().addFile('cached', id);
});
afterEach(() => void vi.useRealTimers());

const COLUMNS = 'image_id TEXT PRIMARY KEY, last_accessed REAL, last_modified REAL, size INTEGER, hits INTEGER';
const TABLE = `CREATE TABLE cached_images (${COLUMNS}, checksum TEXT)`;
const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';

/** Schemas that would run code of their maker, or are none that anything may be entered into. */
const REFUSED: Readonly<Record<string, string>> = {
  'a trigger that deletes all rows': `${TABLE}; CREATE TRIGGER t AFTER DELETE ON cached_images BEGIN DELETE FROM cached_images; END`,
  'a trigger that never ends': `${TABLE}; CREATE TRIGGER t BEFORE DELETE ON cached_images BEGIN ${ENDLESS}; END`,
  'a trigger on updates': `${TABLE}; CREATE TRIGGER t AFTER UPDATE ON cached_images BEGIN DELETE FROM cached_images; END`,
  'a trigger on inserts': `${TABLE}; CREATE TRIGGER t AFTER INSERT ON "CACHED_IMAGES" BEGIN DELETE FROM cached_images; END`,
  'a virtual table':
    'CREATE VIRTUAL TABLE cached_images USING fts5(image_id, last_accessed, last_modified, size, hits)',
  'a virtual table of a tree':
    'CREATE VIRTUAL TABLE cached_images USING rtree(image_id, last_accessed, last_modified, size, hits)',
  'a view with a column that never ends': `CREATE VIEW cached_images AS SELECT '${ONE}' AS image_id, 1 AS last_accessed, 1 AS last_modified, (${ENDLESS}) AS size, 0 AS hits`,
  'a table in other letters': TABLE.replace('cached_images', 'Cached_Images'),
  'a table without a column':
    'CREATE TABLE cached_images (image_id TEXT PRIMARY KEY, last_accessed REAL, size INTEGER)',
  'an index of that name': 'CREATE TABLE x (a); CREATE INDEX cached_images ON x (a)',
};

/** Schemas that hold the same as Glance's. */
const TAKEN: Readonly<Record<string, string>> = {
  'no rowids': `${TABLE} WITHOUT ROWID`,
  'strict types': `${TABLE} STRICT`,
  'more columns': `CREATE TABLE cached_images (extra, ${COLUMNS}, checksum TEXT, more BLOB DEFAULT x'00')`,
  'no types': 'CREATE TABLE cached_images (image_id PRIMARY KEY, last_accessed, last_modified, size, hits)',
  'a generated column': `CREATE TABLE cached_images (${COLUMNS}, twice AS (size * 2), stored AS (hits + 1) STORED)`,
  'an index on an expression': `${TABLE}; CREATE INDEX i ON cached_images (size + hits)`,
  'a foreign key that would take other rows along': `CREATE TABLE cached_images (${COLUMNS}, checksum TEXT DEFAULT '${ONE}' REFERENCES cached_images ON DELETE CASCADE)`,
  'a second table, a view and a trigger on that': `${TABLE}; CREATE TABLE y (a); CREATE VIEW v AS SELECT * FROM y; CREATE TRIGGER t AFTER INSERT ON y BEGIN DELETE FROM cached_images; END`,
  'another collation': TABLE.replace('PRIMARY KEY', 'PRIMARY KEY COLLATE NOCASE'),
};

/** Puts another database in place of the index, with a row of each image where it takes any. */
function replaceIndex(schema: string): void {
  for (const name of readdirSync(cache().root)) if (name.startsWith('cache.db')) rmSync(join(cache().root, name));
  const db = new Database(cache().layout.index);
  try {
    db.exec(schema);
    const columns = 'image_id, last_accessed, last_modified, size, hits';
    if (!/^CREATE (?:VIRTUAL )?TABLE "?cached_images/.test(schema) || schema.includes('ON INSERT')) return;
    if (!['hits', 'last_modified'].every((name) => schema.includes(name))) return;
    if (schema.includes('AFTER INSERT ON "CACHED')) return;
    for (const [place, id] of IMAGES.entries()) {
      const values = schema.includes('rtree') ? [place, 1, 2, 3, 4] : [id, 1000, 1000, 1000, place];
      db.prepare(`INSERT INTO cached_images (${columns}) VALUES (?, ?, ?, ?, ?)`).run(...values);
    }
  } finally {
    db.close();
  }
}

const CALLS = [
  ['manage', ['list-cached']],
  ['manage', ['delete-all-cached-images', '--dry-run']],
  ['pruner', ['--dry-run']],
  ['pruner', ['--debug']],
  ['manage', ['-f', 'delete-cached-image', ONE]],
  ['manage', ['-f', 'delete-all-cached-images']],
] as const;

describe('the schema', () => {
  for (const [what, schema] of Object.entries(REFUSED)) {
    test(`every program ends with 4 and changes nothing when the index has ${what}`, async () => {
      replaceIndex(schema);
      for (const [program, args] of CALLS) {
        const run = await callOn(cache(), program, [...args, '--format', 'json']);
        expectHarmless(run, args);
        expect(
          JSON.parse(run.stderr.split('\n').find((line) => line.startsWith('{')) ?? '{}'),
          args.join(' '),
        ).toMatchObject({
          error: { code: 'INDEX_FOREIGN' },
        });
        expect(run.code).toBe(4);
      }
      expect(
        cache()
          .names('cached')
          .filter((name) => IMAGES.includes(name)),
      ).toEqual(IMAGES);
    });
  }

  for (const [what, schema] of Object.entries(TAKEN)) {
    test(`every program works on the index when it has ${what}`, async () => {
      replaceIndex(schema);
      const { stdout } = await callOn(cache(), 'manage', ['list-cached', '--format', 'value', '-c', 'image_id']);
      expect(stdout.trim().split('\n')).toEqual(IMAGES);
      expect(await callOn(cache(), 'manage', ['-f', 'delete-cached-image', ONE])).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(cache().rowIds()).toEqual(IMAGES.slice(1));
      expect(await callOn(cache(), 'pruner', [])).toMatchObject({ code: 0, stderr: '' });
      expect(cache().rowIds()).toEqual([]);
      expect(
        cache()
          .names('cached')
          .filter((name) => IMAGES.includes(name)),
      ).toEqual([]);
    });
  }
});

const strangeNumber = fc.oneof(
  fc.constantFrom<unknown>(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -1,
    1e308,
    5e-324,
    2 ** 53,
    2n ** 63n - 1n,
    -(2n ** 63n),
    null,
    '12',
    'many',
    '1e999',
    '\0',
    '\x1b[31m',
    Buffer.from([]),
    Buffer.from('00ff', 'hex'),
    // Years that no date has.
    8_640_000_000_001,
    1e15,
  ),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const strangeId = fc.oneof(
  fc.constantFrom<unknown>(
    ...IMAGES,
    ...IMAGES,
    ...HOSTILE_NAMES,
    ...IMAGES.map((id) => id.toUpperCase()),
    null,
    5,
    -1.5,
  ),
  fc.constantFrom<unknown>('x'.repeat(100_000), `${ONE}\0`, `${ONE}\n`, `${ONE} `, '../../../etc/passwd', '.', ''),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const strangeRow = fc.tuple(strangeId, strangeNumber, strangeNumber, strangeNumber, strangeNumber);

/** Enters rows, the last one of each ID. */
function enter(rows: readonly (readonly unknown[])[]): void {
  replaceIndex(GLANCE_SCHEMA);
  cache().inIndex((db) => {
    db.exec('DELETE FROM cached_images');
    const insert = db.prepare('INSERT OR REPLACE INTO cached_images VALUES (?, ?, ?, ?, ?, NULL)');
    for (const row of rows) insert.run(...row);
  });
}

test(
  'every program lists and removes what belongs to files, and no other file, whatever values the rows have',
  async () => {
    const it = cache();
    const strangers = [it.addFile('cached', 'not-an-image'), it.addFile('invalid', 'not-one-either')];
    const formats = ['table', 'json', 'yaml', 'csv', 'value'];
    const round = fc.asyncProperty(
      fc.array(strangeRow, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...formats),
      fc.boolean(),
      async (rows, format, all) => {
        enter(rows);
        for (const id of IMAGES) if (!it.names('cached').includes(id)) it.addFile('cached', id);
        const list = ['list-cached', '--format', format];
        const listed = await callOn(it, 'manage', list);
        expectHarmless(listed, list, [0]);
        if (format === 'json') expect(jsonOf(listed)).toHaveLength(it.rows().length);
        const args = all ? ['-f', 'delete-all-cached-images'] : [];
        const call = [...args, '--adopt', '--format', format];
        const run = await callOn(it, all ? 'manage' : 'pruner', all ? args : call);
        expectHarmless(run, call, [0, 4]);
        if (run.code === 4) expect(run.stderr).toContain('image_cache_driver');
        else expect(it.names('cached')).not.toEqual(expect.arrayContaining([ONE]));
        expect(strangers.every((path) => readdirSync(join(path, '..')).some((name) => path.endsWith(name)))).toBe(true);
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(50, 2000) });
  },
  patienceMs(60_000),
);
