/**
 * SQLite's result codes, told as errors of the toolkit: https://www.sqlite.org/rescode.html
 */
import { dirname } from 'node:path';
import { BusyError, CacheStateError, type ErrorExtras } from '../errors/cache-error.ts';
import { describeErrno, errnoOf } from '../errors/errno.ts';
import { type Meaning, meaningOf } from '../errors/from-errno.ts';
import { isBusy, isSqliteError, type SqliteError } from './connection.ts';
import { whyNotMade } from './why-not-made.ts';

const NOT_A_DATABASE: Meaning = {
  code: 'INDEX_CORRUPT',
  hint: 'Run "glance-cache-manage verify --repair": it sets that file aside and makes a new index of the images; with --dry-run it shows first what it would do',
};

const NOT_OF_GLANCE: Meaning = {
  code: 'INDEX_FOREIGN',
  hint: 'Check image_cache_sqlite_db: it must name the index that glance-api made',
};

const BY_CODE: readonly (readonly [prefix: string, told: Meaning])[] = [
  ['SQLITE_NOTADB', NOT_A_DATABASE],
  ['SQLITE_CORRUPT', NOT_A_DATABASE],
  [
    'SQLITE_FULL',
    { code: 'CACHE_NO_SPACE', hint: 'Free some space on that file system, for example with glance-cache-cleaner' },
  ],
  // The file was replaced under us: another look finds the new one.
  ['SQLITE_READONLY_DBMOVED', { code: 'INDEX_IO', hint: 'Run the command again' }],
  [
    'SQLITE_READONLY',
    {
      code: 'CACHE_PERMISSION',
      hint: 'Run the command as the user glance-api runs as, or as root, on a writable mount',
    },
  ],
  ['SQLITE_CANTOPEN', { code: 'CACHE_PERMISSION', hint: 'Run the command as the user glance-api runs as, or as root' }],
  ['SQLITE_PERM', { code: 'CACHE_PERMISSION', hint: 'Run the command as the user glance-api runs as, or as root' }],
  [
    'SQLITE_IOERR',
    { code: 'INDEX_IO', hint: 'Run the command again; if it fails again, look at the log of the kernel' },
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
      hint: 'Another program is writing to it: try again, or give more time with --lock-timeout',
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
  return unmadeFile(what, path, error) ?? stateError(what, path, { error, told: meaningOf('EIO') });
}

/** What really keeps SQLite from opening or making a file, where the folder can tell. */
function unmadeFile(what: string, path: string, error: SqliteError): CacheStateError | undefined {
  if (!error.code.startsWith('SQLITE_CANTOPEN')) return undefined;
  const cause = whyNotMade(dirname(path));
  if (cause === undefined) return undefined;
  const { code, hint } = meaningOf(errnoOf(cause));
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
