/**
 * The one door to SQLite: better-sqlite3 is imported here and nowhere else. Busy waits are not SQLite's own (they
 * would block signals for seconds): see retry-busy.ts.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { CacheStateError } from '../errors/cache-error.ts';
import { unlessAbsent } from '../errors/errno.ts';
import { onPath } from '../errors/from-errno.ts';

/** An open database. */
export type Connection = Database.Database;

/** A prepared statement. */
export type Statement = Database.Statement<unknown[]>;

/**
 * Opens a database file. A file that may only be read is opened for reading: SQLite falls back by itself.
 *
 * @param path the database file
 * @param create whether a missing file is created, empty; otherwise it must be there
 * @throws CacheStateError of any code, when the file cannot be opened
 */
export function openConnection(path: string, create: boolean): Connection {
  const stats = onPath('open', path, () => unlessAbsent(() => statSync(path)));
  // SQLite would wait for ever on a FIFO and report a folder as "unable to open database file".
  if (stats?.isFile() === false) {
    throw new CacheStateError('INDEX_FOREIGN', `Cannot open ${JSON.stringify(path)}: it is not a regular file`, {
      hint: 'Move it out of the way, or set image_cache_sqlite_db to the file that glance-api uses',
      details: { path },
    });
  }
  // Where the folder is missing, better-sqlite3 throws a TypeError, which reads like a bug of this program.
  if (stats === undefined) onPath('open', path, () => statSync(dirname(path)));
  return new Database(path, { fileMustExist: !create, timeout: 0 });
}

/** An error that SQLite raised, with its extended result code, such as `SQLITE_BUSY_SNAPSHOT`. */
export interface SqliteError extends Error {
  readonly code: string;
}

/** Whether a thrown value comes from SQLite. */
export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Database.SqliteError;
}

/** Whether another process holds the lock that a statement needed; the extended codes count as well. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}
