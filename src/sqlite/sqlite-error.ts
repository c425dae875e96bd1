/**
 * SQLite's result codes, told as errors of the toolkit: https://www.sqlite.org/rescode.html
 */
import { BusyError, type CacheStateCode, CacheStateError, type ErrorExtras } from '../errors/cache-error.ts';
import { isBusy, isSqliteError } from './connection.ts';

interface Told {
  readonly code: CacheStateCode;
  readonly hint: string;
}

const NOT_A_DATABASE: Told = {
  code: 'INDEX_CORRUPT',
  hint: 'Stop glance-api, move that file aside and start it again; then "glance-cache-pruner --adopt" enters the images into a new index',
};

const NOT_OF_GLANCE: Told = {
  code: 'INDEX_FOREIGN',
  hint: 'Check image_cache_sqlite_db: it must name the index that glance-api made',
};

const BY_CODE: readonly (readonly [prefix: string, told: Told])[] = [
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
  const message = `Cannot ${verb} the index ${JSON.stringify(path)}: ${error.message}`;
  const extras: ErrorExtras = { details: { path, sqlite: error.code }, cause: error };
  if (isBusy(error)) {
    return new BusyError('BUSY_INDEX', message, {
      ...extras,
      hint: 'Another program is writing to it: try again, or give more time with --lock-timeout',
    });
  }
  const told = BY_CODE.find(([prefix]) => error.code.startsWith(prefix))?.[1];
  return told === undefined ? error : new CacheStateError(told.code, message, { ...extras, hint: told.hint });
}

/** Runs a statement; what SQLite throws becomes an error of the toolkit. */
export function onIndex<T>(verb: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromSqlite(verb, path, error);
  }
}
