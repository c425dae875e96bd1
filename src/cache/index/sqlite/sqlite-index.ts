/**
 * The index of the `sqlite` driver: every statement and pragma on `cache.db` is here. Schema and meaning of the columns
 * are Glance's (glance/image_cache/drivers/sqlite.py).
 *
 * cache.db must never be opened, copied or hashed through `fs` by a process that holds this open: closing any
 * descriptor of the file would drop SQLite's POSIX locks (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */

import { CacheStateError } from '../../../errors/cache-error.ts';
import { type Connection, isSqliteError, openConnection, type RawRow } from '../../../sqlite/connection.ts';
import { type Patience, retryBusy } from '../../../sqlite/retry-busy.ts';
import { fromSqlite, INDEX_CHECK, onIndex } from '../../../sqlite/sqlite-error.ts';
import { keepHeapLean } from '../../lean-heap.ts';
import type { IndexDb, IndexHealth, IndexRow, IndexTransaction } from '../index-db.ts';

const CREATE = `CREATE TABLE IF NOT EXISTS cached_images (
  image_id TEXT PRIMARY KEY,
  last_accessed REAL DEFAULT 0.0,
  last_modified REAL DEFAULT 0.0,
  size INTEGER DEFAULT 0,
  hits INTEGER DEFAULT 0,
  checksum TEXT
)`;

const COLUMNS = ['image_id', 'last_accessed', 'last_modified', 'size', 'hits'] as const;
const SELECT = `SELECT ${COLUMNS.join(', ')} FROM cached_images`;
const INSERT = `INSERT INTO cached_images (${COLUMNS.join(', ')}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (image_id)`;
const KEEP_PRESENT = `${INSERT} DO NOTHING`;
const REPLACE_PRESENT = `${INSERT} DO UPDATE SET ${COLUMNS.slice(1)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`;
// Glance reads what is stored as it is: text and NULL are no numbers to it. No clock is ever right beyond year 10000.
const ODD_ROWS = `SELECT image_id FROM cached_images WHERE typeof(image_id) = 'text' AND NOT (
  typeof(last_accessed) IN ('real', 'integer') AND last_accessed BETWEEN 0 AND 253402300800
  AND typeof(last_modified) IN ('real', 'integer') AND last_modified BETWEEN 0 AND 253402300800
  AND typeof(size) = 'integer' AND size >= 0 AND typeof(hits) = 'integer' AND hits >= 0)`;

/**
 * How long a commit may wait for readers. While it waits nobody else can begin to write, and glance-api fails a cold
 * download after 2 s without the lock.
 */
const COMMIT_TIMEOUT_SEC = 1;

/** Readers are done within a moment, no new ones may begin, and every writer stands behind a commit that waits. */
const COMMIT_STEP_SEC = 0.001;

/**
 * Opens the index of a cache.
 *
 * @param path `cache.db`
 * @param options `create` makes a missing file or table as Glance does; without it the file must be there, and a
 *   missing table has no rows; `readOnly` leaves a journal that a killed writer has left where it is, and fails with it
 * @throws CacheStateError INDEX_CORRUPT, INDEX_FOREIGN, CACHE_PERMISSION, ...; BusyError (BUSY_INDEX)
 */
export async function openSqliteIndex(
  path: string,
  options: { readonly create: boolean; readonly patience: Patience; readonly readOnly?: boolean },
): Promise<SqliteIndex> {
  const connection = onIndex('open', path, () => openConnection(path, options.create, options.readOnly));
  try {
    const index = new SqliteIndex(path, connection, options.patience);
    await index.prepare(options.create);
    return index;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** {@link IndexDb} of the `sqlite` driver. */
export class SqliteIndex implements IndexDb {
  readonly #path: string;
  readonly #connection: Connection;
  readonly #patience: Patience;
  #hasTable = false;

  constructor(path: string, connection: Connection, patience: Patience) {
    this.#path = path;
    this.#connection = connection;
    this.#patience = patience;
  }

  /** Checks the schema, and creates the table where it is missing and wanted. */
  async prepare(create: boolean): Promise<void> {
    await this.#retry('open', () => this.#setPragmas());
    this.#hasTable = await this.#retry('read', () => this.#checkSchema());
    if (this.#hasTable || !create) return;
    await this.#locked(async () => this.#connection.exec(CREATE));
    this.#hasTable = true;
  }

  async rows(): Promise<readonly IndexRow[]> {
    if (!this.#hasTable) return [];
    return this.#retry('read', () => {
      const rows: IndexRow[] = [];
      for (const raw of this.#connection.rows(`${SELECT} ORDER BY image_id`)) {
        keepHeapLean(rows.push(toRow(raw)));
      }
      return rows;
    });
  }

  async check(): Promise<IndexHealth> {
    if (!this.#hasTable) return { damage: undefined, oddRows: new Set() };
    return this.#retry('check', () => {
      const [[verdict] = []] = this.#connection.rows('PRAGMA integrity_check(1)');
      const odd = Array.from(this.#connection.rows(ODD_ROWS), ([imageId]) => String(imageId));
      return { damage: verdict === 'ok' ? undefined : String(verdict), oddRows: new Set(odd) };
    });
  }

  async transaction<T>(work: (changes: IndexTransaction) => Promise<T>): Promise<T> {
    return this.#locked(() => work(this.#changes()));
  }

  close(): void {
    this.#connection.close();
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    await this.#retry('write to', () => this.#connection.exec('BEGIN IMMEDIATE'));
    try {
      const result = await work();
      await this.#commit();
      return result;
    } catch (error) {
      this.#rollBack();
      throw fromSqlite('write to', this.#path, error);
    }
  }

  #rollBack(): void {
    try {
      // An I/O error may have ended the transaction already.
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    } catch {
      // Closing the connection rolls back as well; the error that led here is the one to tell.
    }
  }

  #changes(): IndexTransaction {
    const connection = this.#connection;
    return {
      row: async (imageId) => {
        const raw = connection.get(`${SELECT} WHERE image_id = ?`, imageId);
        return raw === undefined ? undefined : toRow(raw);
      },
      insert: async (row) => connection.run(KEEP_PRESENT, ...toColumns(row)),
      put: async (row) => connection.run(REPLACE_PRESENT, ...toColumns(row)),
      remove: async (imageId) => {
        connection.run('DELETE FROM cached_images WHERE image_id = ?', imageId);
        // NULL and blobs are read as the empty ID, which no comparison in SQL finds.
        if (imageId === '') connection.run("DELETE FROM cached_images WHERE typeof(image_id) <> 'text'");
      },
      setSize: async (imageId, sizeBytes) => {
        connection.run('UPDATE cached_images SET size = ? WHERE image_id = ?', toInteger(sizeBytes), imageId);
      },
    };
  }

  #setPragmas(): void {
    // A full page cache would spill into the file before the commit, under an EXCLUSIVE lock that shuts out readers.
    this.#connection.exec('PRAGMA cache_spill = OFF');
    // As Glance's own connections. FULL would sync once more under the lock, and a row that a power cut brings back is
    // one without a file, which the next run drops.
    this.#connection.exec('PRAGMA synchronous = NORMAL');
    // The file may come from anybody who can write to the cache: nothing in its schema may run code of its choosing.
    this.#connection.exec('PRAGMA trusted_schema = OFF');
    // As Glance's own connections, too: better-sqlite3 has them on, and one row could take others along.
    this.#connection.exec('PRAGMA foreign_keys = OFF');
  }

  async #commit(): Promise<void> {
    // Not to be interrupted: what was renamed on disk and what is in the index must agree.
    const signal = new AbortController().signal;
    const { clock } = this.#patience;
    try {
      // Even a run without patience waits here: the lock is its own, and a client that is counted is no reason to fail.
      await retryBusy({ clock, timeoutSec: COMMIT_TIMEOUT_SEC, signal, stepSec: COMMIT_STEP_SEC }, () =>
        this.#connection.exec('COMMIT'),
      );
    } catch (error) {
      // Glance's "delete all" has removed the journal. Deleting that is the last step of a commit, when every page has
      // been written and synced: the changes are there, and whoever took them back on disk would leave files without rows.
      // https://www.sqlite.org/atomiccommit.html#_deleting_the_rollback_journal
      if (!isSqliteError(error) || error.code !== 'SQLITE_IOERR_DELETE_NOENT') throw error;
    }
  }

  async #retry<T>(verb: string, call: () => T): Promise<T> {
    try {
      return await retryBusy(this.#patience, call);
    } catch (error) {
      throw fromSqlite(verb, this.#path, error);
    }
  }

  #checkSchema(): boolean {
    const connection = this.#connection;
    const master = connection.get("SELECT type, rootpage FROM sqlite_master WHERE name = 'cached_images'");
    if (master === undefined && connection.get('SELECT 1 FROM sqlite_master LIMIT 1') === undefined) return false;
    const [kind, rootPage] = master ?? [];
    // A virtual table is one of code, and has no page of its own.
    const isTable = kind === 'table' && Number(rootPage) > 0;
    const found = [...connection.rows("SELECT name FROM pragma_table_info('cached_images')")].map(([name]) => name);
    const missing = COLUMNS.filter((column) => !found.includes(column));
    // Its code would run with each change, under the write lock, and it may never end.
    const trigger = connection.get(
      "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = 'cached_images'",
    );
    if (isTable && missing.length === 0 && trigger === undefined) return true;
    const flaw = missing.length === 0 ? 'its table has a trigger' : `its table has no column ${missing.join(', ')}`;
    const state = isTable ? flaw : 'it has no table cached_images';
    throw new CacheStateError('INDEX_FOREIGN', `Cannot use the index ${JSON.stringify(this.#path)}: ${state}`, {
      hint: INDEX_CHECK,
      details: { path: this.#path },
    });
  }
}

/** The values of {@link COLUMNS}. */
function toColumns({ imageId, lastAccessedSec, lastModifiedSec, sizeBytes, hits }: IndexRow): readonly unknown[] {
  return [imageId, lastAccessedSec, lastModifiedSec, toInteger(sizeBytes), toInteger(hits)];
}

/** @param raw the values of {@link COLUMNS} */
function toRow([imageId, lastAccessed, lastModified, size, hits]: RawRow): IndexRow {
  return {
    imageId: typeof imageId === 'string' ? imageId : '',
    lastAccessedSec: toNumber(lastAccessed),
    lastModifiedSec: toNumber(lastModified),
    sizeBytes: Math.trunc(toNumber(size)),
    hits: Math.trunc(toNumber(hits)),
  };
}

/** SQLite keeps whatever type was stored, whatever the column says: https://www.sqlite.org/flextypegood.html */
function toNumber(value: unknown): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : 0;
}

/** A JavaScript number is stored as REAL; Glance's columns are INTEGER. What a row had beyond that range is no size. */
function toInteger(value: number): bigint {
  return BigInt(Math.min(value, Number.MAX_SAFE_INTEGER));
}
