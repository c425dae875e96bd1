/**
 * SQLite's result codes, told as errors of the toolkit: https://www.sqlite.org/rescode.html
 */

import { dirname } from 'node:path';
import { BusyError, CacheStateError, type ErrorExtras } from '../errors/cache-error.ts';
import { describeErrno, errnoOf } from '../errors/errno.ts';
import { AS_ROOT, type Meaning, meaningOf } from '../errors/from-errno.ts';
import { KERNEL_LOG, THIS_COMMAND } from '../errors/next-step.ts';
import { isBusy, isSqliteError, type SqliteError } from './connection.ts';
import { whyNotMade } from './why-not-made.ts';

const NOT_A_DATABASE: Meaning = {
  code: 'INDEX_CORRUPT',
  hint: 'Run "glance-cache-manage verify --repair": it sets that file aside and makes a new index of the images; with --dry-run it shows first what it would do',
};

/** What to look at where the index is something else. */
export const INDEX_CHECK =
  'It must be the index that glance-api made: see where image_cache_sqlite_db is set: glance-cache-manage config | grep sqlite_db';

const NOT_OF_GLANCE: Meaning = {
  code: 'INDEX_FOREIGN',
  hint: INDEX_CHECK,
};

const BY_CODE: readonly (readonly [prefix: string, told: Meaning])[] = [
  ['SQLITE_NOTADB', NOT_A_DATABASE],
  ['SQLITE_CORRUPT', NOT_A_DATABASE],
  [
    'SQLITE_FULL',
    { code: 'CACHE_NO_SPACE', hint: 'Free some space on that file system, for example: sudo glance-cache-cleaner' },
  ],
  // The file was replaced under us: another look finds the new one.
  ['SQLITE_READONLY_DBMOVED', { code: 'INDEX_IO', hint: `Run it again: ${THIS_COMMAND}` }],
  [
    'SQLITE_READONLY',
    {
      code: 'CACHE_PERMISSION',
      hint: AS_ROOT,
    },
  ],
  ['SQLITE_CANTOPEN', { code: 'CACHE_PERMISSION', hint: AS_ROOT }],
  ['SQLITE_PERM', { code: 'CACHE_PERMISSION', hint: AS_ROOT }],
  [
    'SQLITE_IOERR',
    {
      code: 'INDEX_IO',
      hint: `Look at the log of the kernel, with "${KERNEL_LOG}", and run it again: ${THIS_COMMAND}`,
    },
  ],
  ['SQLITE_ERROR', NOT_OF_GLANCE],
  // Triggers and types that Glance does not know refuse what its own table takes.
  ['SQLITE_CONSTRAINT', NOT_OF_GLANCE],
  ['SQLITE_MISMATCH', NOT_OF_GLANCE],
];

/**
 * The error to raise for what a statement threw.
 *
 * @param verb what was attempted, such as "read"
 * @returns a {@link BusyError} (BUSY_INDEX) or {@link CacheStateError}, or the value itself when it is not SQLite's
 */
export function fromSqlite(verb: string, path: string, error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const what = `Cannot ${verb} the index ${JSON.stringify(path)}`;
  if (isBusy(error)) {
    return new BusyError('BUSY_INDEX', `${what}: ${error.message}`, {
      ...extrasOf(path, error),
      hint: `Another program is writing to it; to give it more time: ${THIS_COMMAND} --lock-timeout 60s`,
    });
  }
  const told = BY_CODE.find(([prefix]) => error.code.startsWith(prefix))?.[1];
  return told === undefined ? error : (unmadeFile(what, path, error) ?? stateError(what, path, { error, told }));
}

/**
 * The error to raise for what locking a file threw, which is no index: SQLite only lends its locks.
 *
 * @returns a {@link CacheStateError}, or the value itself when it is not SQLite's
 */
export function fromSqliteLock(path: string, error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const what = `Cannot lock ${JSON.stringify(path)}`;
  return unmadeFile(what, path, error) ?? stateError(what, path, { error, told: meaningOf('EIO', path) });
}

/** What really keeps SQLite from opening or making a file, where the folder can tell. */
function unmadeFile(what: string, path: string, error: SqliteError): CacheStateError | undefined {
  if (!error.code.startsWith('SQLITE_CANTOPEN')) return undefined;
  const cause = whyNotMade(dirname(path));
  if (cause === undefined) return undefined;
  const { code, hint } = meaningOf(errnoOf(cause), dirname(path));
  const { details, ...extras } = extrasOf(path, error);
  return new CacheStateError(code, `${what}: ${error.message}: ${describeErrno(cause)}`, {
    ...extras,
    details: { ...details, errno: errnoOf(cause) },
    hint,
  });
}

function stateError(
  what: string,
  path: string,
  { error, told: { code, hint } }: { readonly error: SqliteError; readonly told: Meaning },
): CacheStateError {
  return new CacheStateError(code, `${what}: ${error.message}`, { ...extrasOf(path, error), hint });
}

function extrasOf(path: string, error: SqliteError): ErrorExtras {
  return { details: { path, sqlite: error.code }, cause: error };
}

/** Runs a statement; what SQLite throws becomes an error of the toolkit. */
export function onIndex<T>(verb: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromSqlite(verb, path, error);
  }
}
