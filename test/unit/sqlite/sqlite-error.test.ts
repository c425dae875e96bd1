import { readdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { CacheError } from '../../../src/errors/cache-error.ts';
import { isBusy, isSqliteError } from '../../../src/sqlite/connection.ts';
import { fromSqlite, fromSqliteLock, onIndex } from '../../../src/sqlite/sqlite-error.ts';
import { whyNotMade } from '../../../src/sqlite/why-not-made.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { thrownBy } from '../../support/thrown.ts';

const errorOf = (code: string): Error => new Database.SqliteError('told by SQLite', code);

describe('fromSqlite()', () => {
  test.each([
    ['SQLITE_BUSY', 'BUSY_INDEX', 5],
    ['SQLITE_BUSY_SNAPSHOT', 'BUSY_INDEX', 5],
    ['SQLITE_LOCKED_SHAREDCACHE', 'BUSY_INDEX', 5],
    ['SQLITE_NOTADB', 'INDEX_CORRUPT', 4],
    ['SQLITE_CORRUPT', 'INDEX_CORRUPT', 4],
    ['SQLITE_CORRUPT_INDEX', 'INDEX_CORRUPT', 4],
    ['SQLITE_FULL', 'CACHE_NO_SPACE', 4],
    ['SQLITE_READONLY', 'CACHE_PERMISSION', 4],
    ['SQLITE_READONLY_ROLLBACK', 'CACHE_PERMISSION', 4],
    ['SQLITE_CANTOPEN', 'CACHE_PERMISSION', 4],
    ['SQLITE_PERM', 'CACHE_PERMISSION', 4],
    ['SQLITE_IOERR_DELETE_NOENT', 'INDEX_IO', 4],
    ['SQLITE_IOERR_FSYNC', 'INDEX_IO', 4],
    ['SQLITE_ERROR', 'INDEX_FOREIGN', 4],
  ])('tells %s as %s', (sqlite, code, exitCode) => {
    const cause = errorOf(sqlite);
    const error = fromSqlite('read', '/cache/cache.db', cause);
    expect(error).toMatchObject({
      code,
      exitCode,
      message: 'Cannot read the index "/cache/cache.db": told by SQLite',
      hint: expect.any(String) as unknown,
      details: { path: '/cache/cache.db', sqlite },
    });
    expect(error instanceof CacheError && error.cause).toBe(cause);
  });

  test.each([
    ['an unknown code of SQLite', errorOf('SQLITE_NOMEM')],
    ['no error of SQLite', new TypeError('x')],
    ['one with a code that only looks like it', Object.assign(new Error('x'), { code: 'SQLITE_BUSY' })],
    ['no error at all', 'text'],
  ])('gives back %s as it is', (_what, value) => {
    expect(fromSqlite('read', '/cache/cache.db', value)).toBe(value);
  });
});

describe('fromSqlite() and fromSqliteLock() where a file cannot be opened', () => {
  // Whoever it is, nobody may make a file there.
  const path = '/proc/self/cache.db';

  test.each([
    ['fromSqlite()', (error: Error) => fromSqlite('open', path, error), 'the index '],
    ['fromSqliteLock()', (error: Error) => fromSqliteLock(path, error), ''],
  ])('%s tells what the folder says, which SQLite does not', (_name, map, what) => {
    const told = map(errorOf('SQLITE_CANTOPEN'));
    expect(told).toMatchObject({ code: 'CACHE_PERMISSION', details: { path, sqlite: 'SQLITE_CANTOPEN' } });
    expect(told instanceof CacheError && told.message).toMatch(
      new RegExp(`^Cannot (open|lock) ${what}"${path}": told by SQLite: [a-z ]+ \\((EPERM|EACCES)\\)$`),
    );
  });

  test('fromSqliteLock() never says that a lock file is an index', () => {
    expect(fromSqliteLock('/cache/lock', errorOf('SQLITE_CORRUPT'))).toMatchObject({
      code: 'CACHE_IO',
      message: 'Cannot lock "/cache/lock": told by SQLite',
    });
    const other = new TypeError('x');
    expect(fromSqliteLock('/cache/lock', other)).toBe(other);
  });
});

describe('whyNotMade()', () => {
  const folder = useTempDir();

  test('says nothing, and leaves nothing, where a file can be made, and where there is no folder', () => {
    expect([whyNotMade(folder()), whyNotMade(`${folder()}/missing`)]).toEqual([undefined, undefined]);
    expect(readdirSync(folder())).toEqual([]);
  });
});

describe('onIndex()', () => {
  test('gives the value, or throws what fromSqlite() makes of the error', () => {
    expect(onIndex('read', '/x', () => 7)).toBe(7);
    const error = thrownBy(() =>
      onIndex('read', '/x', () => {
        throw errorOf('SQLITE_BUSY');
      }),
    );
    expect(error).toMatchObject({ code: 'BUSY_INDEX' });
  });
});

describe('isBusy() and isSqliteError()', () => {
  test('know what SQLite raised from what only looks like it', () => {
    expect([isSqliteError(errorOf('SQLITE_FULL')), isBusy(errorOf('SQLITE_FULL'))]).toEqual([true, false]);
    expect(isBusy(Object.assign(new Error('x'), { code: 'SQLITE_BUSY' }))).toBe(false);
  });
});
