/**
 * The one door to SQLite: better-sqlite3 is imported here and nowhere else. Busy waits are not SQLite's own (they
 * would block signals for seconds): see retry-busy.ts.
 */

import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { versions } from 'node:process';
import Database from 'better-sqlite3';
import { CacheStateError } from '../errors/cache-error.ts';
import { unlessAbsent } from '../errors/errno.ts';
import { onPath } from '../errors/from-errno.ts';
import { KERNEL_LOG, moveAwayCommand, shellWord } from '../errors/next-step.ts';

/** A row as SQLite gives it: the values in the order of the columns asked for. */
export type RawRow = readonly unknown[];

/**
 * Every object of better-sqlite3 that was made, where its addon is compiled for Node 24 or later: with the headers of
 * 24.19 the process aborts when one is garbage collected at the wrong moment
 * (https://github.com/WiseLibs/better-sqlite3/issues/1515), and the version that knows better needs Node 22. They are few
 * and small: a connection, its handful of statements, an iterator per listing. Elsewhere nothing is kept: a daemon makes
 * them in every round.
 */
const keptAlive: unknown[] = [];

const FIRST_MAJOR_THAT_ABORTS = 24;
const mustKeep = Number.parseInt(versions.node, 10) >= FIRST_MAJOR_THAT_ABORTS;

function keepAlive(object: unknown): void {
  if (mustKeep) keptAlive.push(object);
}

/** An open database. Each statement is prepared once. */
export class Connection {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement<unknown[]>>();

  constructor(database: Database.Database) {
    this.#database = database;
    keepAlive(this);
  }

  /** Whether a transaction is open; an I/O error may end one. */
  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Runs statements without parameters and without a result: pragmas and transactions too. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs a statement that changes something. */
  run(sql: string, ...parameters: readonly unknown[]): void {
    this.#prepared(sql).run(...parameters);
  }

  /** The first row of a query; undefined where there is none. */
  get(sql: string, ...parameters: readonly unknown[]): RawRow | undefined {
    return this.#prepared(sql)
      .raw()
      .get(...parameters) as RawRow | undefined;
  }

  /** The rows of a query, one by one: no second copy of a long list is held. */
  *rows(sql: string, ...parameters: readonly unknown[]): Iterable<RawRow> {
    const iterator = this.#prepared(sql)
      .raw()
      .iterate(...parameters);
    keepAlive(iterator);
    yield* iterator as Iterable<RawRow>;
  }

  close(): void {
    this.#database.close();
  }

  #prepared(sql: string): Database.Statement<unknown[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/**
 * Opens a database file. A file that may only be read is opened for reading: SQLite falls back by itself.
 *
 * @param path the database file
 * @param create whether a missing file is created, empty; otherwise it must be there
 * @param readOnly whether nothing may change: not the file, and no journal beside it
 * @throws CacheStateError of any code, when the file cannot be opened
 */
export function openConnection(path: string, create: boolean, readOnly = false): Connection {
  const stats = onPath('open', path, () => unlessAbsent(() => statSync(path)));
  // SQLite would wait for ever on a FIFO and report a folder as "unable to open database file".
  if (stats?.isFile() === false) {
    throw new CacheStateError('INDEX_FOREIGN', `Cannot open ${JSON.stringify(path)}: it is not a regular file`, {
      hint: `Set image_cache_sqlite_db to the file that glance-api uses, or move this out of the way: ${moveAwayCommand(path)}`,
      details: { path },
    });
  }
  for (const companion of [`${path}-journal`, `${path}-wal`]) refuseOther(companion);
  return onPath('open', path, () => new Connection(newDatabase(path, create, readOnly)));
}

/** SQLite opens what has these names, too, and would wait for ever on a FIFO. */
function refuseOther(path: string): void {
  const stats = onPath('look at', path, () => unlessAbsent(() => lstatSync(path)));
  if (stats === undefined || stats.isFile()) return;
  throw new CacheStateError('INDEX_FOREIGN', `Cannot open ${JSON.stringify(path)}: it is not a regular file`, {
    hint: `It stands in the way of the database beside it: look at what it is, and move it away: ${moveAwayCommand(path)}`,
    details: { path },
  });
}

function newDatabase(path: string, create: boolean, readonly: boolean): Database.Database {
  try {
    return new Database(path, { fileMustExist: !create, readonly, timeout: 0 });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // better-sqlite3 says of any folder that it cannot look at that it is missing, and not why.
    statSync(dirname(path));
    throw new CacheStateError('CACHE_IO', `Cannot open ${JSON.stringify(path)}: its folder cannot be looked at`, {
      hint: `Look at that path, with "ls -ld ${shellWord(path)}", and at the log of the kernel: ${KERNEL_LOG}`,
      details: { path },
      cause: error,
    });
  }
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
