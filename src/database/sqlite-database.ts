/**
 * Glance's own database where that is a file of SQLite's. It is Glance's: its journal mode stays as it is, and only
 * `BEGIN IMMEDIATE` locks it.
 */
import { statSync } from 'node:fs';
import { CacheError, ConfigError } from '../errors/cache-error.ts';
import { unlessAbsent } from '../errors/errno.ts';
import { onPath } from '../errors/from-errno.ts';
import { type Connection, isBusy, isSqliteError, openConnection } from '../sqlite/connection.ts';
import { type Patience, retryBusy } from '../sqlite/retry-busy.ts';
import type { Database, SqlRow, SqlValue, Statements } from './database.ts';
import { databaseError } from './database-error.ts';
import type { FileTarget } from './database-target.ts';
import type { Trouble } from './trouble.ts';

/** How long a commit may wait for readers: nobody else can begin to write meanwhile. */
const COMMIT_TIMEOUT_SEC = 1;
const COMMIT_STEP_SEC = 0.001;

/** Extended codes begin with these. */
const BY_CODE: readonly (readonly [prefix: string, trouble: Trouble])[] = [
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY_DBMOVED', 'lost'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_CANTOPEN', 'forbidden'],
  ['SQLITE_PERM', 'forbidden'],
  ['SQLITE_IOERR', 'lost'],
  ['SQLITE_ERROR', 'schema'],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', 'conflict'],
  ['SQLITE_CONSTRAINT', 'schema'],
  ['SQLITE_MISMATCH', 'schema'],
];

/** {@link Database} in a file. Nothing is opened before the first statement. */
export class SqliteDatabase implements Database {
  readonly dialect = 'sqlite';
  readonly label: string;
  readonly #path: string;
  readonly #patience: Patience;
  #connection: Connection | undefined;

  constructor({ label, path }: FileTarget, patience: Patience) {
    this.label = label;
    this.#path = path;
    this.#patience = patience;
  }

  async rows(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#retry('read', (connection) => [...connection.rows(sql, ...parameters)]);
  }

  async run(sql: string, ...parameters: readonly SqlValue[]): Promise<void> {
    return this.#retry('write to', (connection) => connection.run(sql, ...parameters));
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    await this.#retry('write to', (connection) => connection.exec('BEGIN IMMEDIATE'));
    try {
      const result = await work(this);
      await this.#commit();
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #commit(): Promise<void> {
    const { clock } = this.#patience;
    // Not to be interrupted: what was renamed on disk and what is in the database must agree.
    const signal = new AbortController().signal;
    const patience = { clock, timeoutSec: COMMIT_TIMEOUT_SEC, signal, stepSec: COMMIT_STEP_SEC };
    await this.#retry('write to', (connection) => connection.exec('COMMIT'), patience);
  }

  #rollBack(): void {
    try {
      if (this.#connection?.inTransaction === true) this.#connection.exec('ROLLBACK');
    } catch {
      // Closing the connection rolls back as well; the error that led here is the one to tell.
      this.close();
    }
  }

  async #retry<T>(verb: string, call: (connection: Connection) => T, patience = this.#patience): Promise<T> {
    try {
      return await retryBusy(patience, () => call(this.#open()));
    } catch (error) {
      if (error instanceof CacheError || !isSqliteError(error)) throw error;
      const trouble = isBusy(error) ? 'busy' : BY_CODE.find(([prefix]) => error.code.startsWith(prefix))?.[1];
      throw trouble === undefined ? error : databaseError({ verb, label: this.label }, trouble, error);
    }
  }

  #open(): Connection {
    if (this.#connection !== undefined) return this.#connection;
    if (onPath('look at', this.#path, () => unlessAbsent(() => statSync(this.#path))) === undefined) {
      throw new ConfigError('CONFIG_DATABASE', `Cannot open the database ${this.label}: there is no such file`, {
        hint: 'It must be that of the database of Glance: check the path in [database] connection: glance-cache-manage config | grep -w connection',
        details: { database: this.label, path: this.#path },
      });
    }
    const connection = openConnection(this.#path, false);
    this.#connection = connection;
    // The file may come from others: nothing in its schema may run code of its choosing.
    connection.exec('PRAGMA trusted_schema = OFF');
    // As Glance's own connections; better-sqlite3 has them on.
    connection.exec('PRAGMA foreign_keys = OFF');
    return connection;
  }
}
