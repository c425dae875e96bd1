import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { entriesOf } from '../support/directory-state.ts';
import { failure, success } from '../support/run-program.ts';

const cache = useCache();

const [ONE, TWO] = [idOf('1'), idOf('2')];

/** Calls that need the index, those that change it and those that only look. */
const CHANGES = [
  ['manage', ['-f', 'delete-cached-image', ONE]],
  ['manage', ['-f', 'delete-all-cached-images']],
  ['pruner', []],
] as const;
const LOOKS = [
  ['manage', ['list-cached']],
  ['manage', ['delete-all-cached-images', '--dry-run']],
  ['pruner', ['--dry-run']],
] as const;

function sql(path: string, ...statements: readonly string[]): void {
  const db = new Database(path);
  for (const statement of statements) db.exec(statement);
  db.close();
}

function index(): string {
  return cache().layout.index;
}

const ASIDE =
  'Run "glance-cache-manage verify --repair": it sets that file aside and makes a new index of the images; with --dry-run it shows first what it would do';
const FOREIGN =
  'It must be the index that glance-api made: see where image_cache_sqlite_db is set: glance-cache-manage config | grep sqlite_db';
const NOT_REGULAR =
  'Set image_cache_sqlite_db to the file that glance-api uses, or move this out of the way: sudo mv /test/cache/cache.db /var/tmp/';

/** What lies in place of the index, and what every program says of it. */
const DAMAGES: readonly (readonly [what: string, make: () => void, message: string, hint: string])[] = [
  [
    'random bytes',
    () => writeFileSync(index(), Buffer.alloc(8192, 'not a database, ')),
    'Cannot open the index "INDEX": file is not a database',
    ASIDE,
  ],
  [
    'cut off',
    () => truncateSync(index(), 5000),
    'Cannot open the index "INDEX": database disk image is malformed',
    ASIDE,
  ],
  [
    'a header and rubbish',
    () => writeFileSync(index(), 'SQLite format 3\0rubbish'),
    'Cannot open the index "INDEX": file is not a database',
    ASIDE,
  ],
  [
    'overwritten in the middle',
    () => {
      const bytes = readFileSync(index());
      writeFileSync(index(), bytes.fill(0xff, 4096, 8192));
    },
    'Cannot read the index "INDEX": database disk image is malformed',
    ASIDE,
  ],
  [
    'a database with another table',
    () => cache().replaceIndex((path) => sql(path, 'CREATE TABLE other (id)')),
    'Cannot use the index "INDEX": it has no table cached_images',
    FOREIGN,
  ],
  [
    'a table without some columns',
    () => cache().replaceIndex((path) => sql(path, 'CREATE TABLE cached_images (image_id TEXT PRIMARY KEY, size INT)')),
    'Cannot use the index "INDEX": its table has no column last_accessed, last_modified, hits',
    FOREIGN,
  ],
  [
    'a view of that name',
    () => sql(index(), 'ALTER TABLE cached_images RENAME TO x', 'CREATE VIEW cached_images AS SELECT * FROM x'),
    'Cannot use the index "INDEX": it has no table cached_images',
    FOREIGN,
  ],
  [
    'a trigger of that name',
    () =>
      cache().replaceIndex((path) =>
        sql(path, 'CREATE TABLE y (a)', 'CREATE TRIGGER cached_images AFTER INSERT ON y BEGIN DELETE FROM y; END'),
      ),
    'Cannot use the index "INDEX": it has no table cached_images',
    FOREIGN,
  ],
  [
    'a table with a trigger',
    () => sql(index(), 'CREATE TRIGGER t AFTER DELETE ON cached_images BEGIN DELETE FROM cached_images; END'),
    'Cannot use the index "INDEX": its table has a trigger',
    FOREIGN,
  ],
  [
    'a virtual table of that name',
    () =>
      cache().replaceIndex((path) =>
        sql(path, 'CREATE VIRTUAL TABLE cached_images USING fts5(image_id, last_accessed, last_modified, size, hits)'),
      ),
    'Cannot use the index "INDEX": it has no table cached_images',
    FOREIGN,
  ],
  [
    'a folder',
    () => cache().replaceIndex((path) => mkdirSync(path)),
    'Cannot open "INDEX": it is not a regular file',
    NOT_REGULAR,
  ],
  [
    'a pipe',
    () => cache().replaceIndex((path) => execFileSync('mkfifo', [path])),
    'Cannot open "INDEX": it is not a regular file',
    NOT_REGULAR,
  ],
  [
    'a link to a device',
    () => cache().replaceIndex((path) => symlinkSync('/dev/zero', path)),
    'Cannot open "INDEX": it is not a regular file',
    NOT_REGULAR,
  ],
  [
    'a link to itself',
    () => cache().replaceIndex((path) => symlinkSync('cache.db', path)),
    'Cannot look at "INDEX": too many symbolic links encountered (ELOOP)',
    'Look at that path, with "ls -ld /test/cache/cache.db", and at the log of the kernel, with "sudo dmesg | tail -n 20"; then again: <this command>',
  ],
];

/** Images and the index: what stays whatever else is made, such as lock files. */
function images(): unknown {
  return entriesOf(cache().root).filter(({ path }) => /^([0-9a-f-]{36}|cache\.db.*|invalid\/.*)$/.test(path));
}

describe('an index that cannot be used', () => {
  for (const [what, make, message, hint] of DAMAGES) {
    test(`every program ends with 4 and changes nothing when the index is ${what}`, async () => {
      cache().configure('image_cache_max_size = 0');
      cache().addImage(ONE);
      make();
      const expected = failure(4, message.replace('INDEX', index()), hint);
      const before = entriesOf(cache().root);
      for (const [program, args] of LOOKS) expect(await cache().run(program, args), args.join(' ')).toEqual(expected);
      expect(entriesOf(cache().root)).toEqual(before);
      const imagesBefore = images();
      for (const [program, args] of CHANGES) expect(await cache().run(program, args), args.join(' ')).toEqual(expected);
      expect(images()).toEqual(imagesBefore);
    });
  }

  test('queue and leftovers can be managed when the index is damaged', async () => {
    writeFileSync(index(), 'rubbish');
    cache().addFile('invalid', ONE);
    expect(await cache().manage('-f', 'queue-image', TWO)).toEqual(success());
    expect(await cache().manage('-f', 'delete-all-queued-images')).toEqual(success());
    expect(await cache().run('cleaner', [])).toEqual(success());
    expect(cache().names('invalid')).toEqual([]);
  });
});

describe('an index that is missing', () => {
  test('list-cached lists nothing and makes none', async () => {
    cache().replaceIndex(() => undefined);
    expect(await cache().manage('list-cached')).toEqual(success('No cached images.\n'));
    expect(() => readFileSync(index())).toThrow('ENOENT');
  });

  for (const [program, args] of CHANGES) {
    test(`glance-cache-${program} ${args.join(' ')} makes it as Glance does and goes on`, async () => {
      cache().replaceIndex(() => undefined);
      cache().addFile('cached', ONE);
      // The file is too young to judge, whatever is asked for all at once.
      const isAll = args.some((arg) => arg === 'delete-all-cached-images');
      const stderr = isAll ? `Left alone: image ${ONE} came just now\n` : '';
      expect(await cache().run(program, args)).toEqual({ ...success(), stderr });
      expect(cache().rows()).toEqual([]);
      expect(cache().names('cached')).toEqual(program === 'pruner' || isAll ? [ONE] : []);
      const schema = cache().inIndex((db) => db.prepare('SELECT sql FROM sqlite_master').pluck().get());
      expect(String(schema).replaceAll(/\s+/g, ' ')).toBe(
        'CREATE TABLE cached_images ( image_id TEXT PRIMARY KEY, last_accessed REAL DEFAULT 0.0, last_modified REAL DEFAULT 0.0, size INTEGER DEFAULT 0, hits INTEGER DEFAULT 0, checksum TEXT )',
      );
      expect(cache().inIndex((db) => db.pragma('journal_mode', { simple: true }))).toBe('delete');
    });
  }

  test('every program makes the table when the index is an empty file', async () => {
    writeFileSync(index(), '');
    cache().addFile('cached', ONE);
    expect(await cache().manage('-f', 'delete-cached-image', ONE)).toEqual(success());
    expect([cache().names('cached'), cache().rows()]).toEqual([[], []]);
  });

  test('every program works on the file when the index is a link to it, and does not call it foreign', async () => {
    cache().configure('image_cache_max_size = 1000');
    cache().addImage(ONE, { accessed: 5 });
    cache().addImage(TWO);
    renameSync(index(), join(cache().base, 'index.db'));
    symlinkSync('../index.db', index());
    const { stdout } = await cache().run('pruner', ['-v']);
    expect(stdout).toContain('Removed 1 image ');
    expect(stdout).not.toContain('Left alone');
    expect([cache().names('cached'), cache().rowIds()]).toEqual([[TWO], [TWO]]);
  });

  test('every program uses image_cache_sqlite_db when it is an absolute path', async () => {
    const elsewhere = join(cache().base, 'elsewhere.db');
    cache().addImage(ONE);
    renameSync(index(), elsewhere);
    cache().configure(`image_cache_sqlite_db = ${elsewhere}`);
    expect((await cache().manage('list-cached', '--format', 'value', '-c', 'id')).stdout).toBe(`${ONE}\n`);
    expect(await cache().manage('-f', 'delete-all-cached-images')).toEqual(success());
    expect(cache().names('cached')).toEqual([]);
  });
});
