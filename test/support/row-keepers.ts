/**
 * Where the rows of a test's cache are: how each driver's are made, read back and copied. Which driver a cache has is
 * written down beside it, so that whoever finds the cache knows.
 */
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { toDateTime } from '../../src/database/utc-date-time.ts';
import { CENTRAL_SCHEMA } from './central-schema.ts';
import { GLANCE_SCHEMA } from './glance-schema.ts';

/** What is stored of an image; whatever SQLite takes. */
export interface StoredRow {
  readonly image_id: unknown;
  readonly last_accessed: unknown;
  readonly last_modified: unknown;
  readonly size: unknown;
  readonly hits: unknown;
}

/** What glance-api does with rows that are not in an index of its own in the cache. No lock of ours is in its way. */
export interface GlanceRows {
  /** Before a file in `incomplete/` gets its name. */
  begin(path: string): void;
  /** After that. */
  enter(layout: CacheLayout, row: StoredRow): void;
  hit(layout: CacheLayout, imageId: string, nowSec: number): void;
  /** All of them, where none is named. */
  drop(layout: CacheLayout, imageId?: string): void;
}

/** Keeps the rows of one driver. */
export interface RowKeeper {
  /** As glance-api works on them; for sqlite it is told elsewhere, with all of its patience. */
  readonly glance?: GlanceRows;
  /** The file of SQLite's that the rows are in, if they are in one. */
  database(layout: CacheLayout): string | undefined;
  /** Makes an index without rows. */
  create(layout: CacheLayout): void;
  /** Enters a row; where rows are kept with the files, that of a missing file is not to be had. */
  put(layout: CacheLayout, row: StoredRow): void;
  /** The rows, ordered by ID; none where there is no index. */
  rows(layout: CacheLayout): readonly StoredRow[];
  /** Takes the whole index away. */
  remove(layout: CacheLayout): void;
  /** Copies the cache directory, with its times, and the rows. */
  copy(from: CacheLayout, to: CacheLayout): void;
}

/** The URL of the node that a test's cache is that of, for the `centralized_db` driver. */
export const NODE_URL = 'http://node1.example.org:9292';

const KEEPERS = new Map<string, RowKeeper>();

/** Makes known who keeps the rows of a driver. */
export function addRowKeeper(driver: DriverName, keeper: RowKeeper): void {
  KEEPERS.set(driver, keeper);
}

/** The driver of a cache; what is not written down is sqlite. */
export function driverNameOf({ root }: CacheLayout): DriverName {
  const path = `${root}.driver`;
  return existsSync(path) ? (readFileSync(path, 'utf8') as DriverName) : 'sqlite';
}

/** Writes down the driver of a cache. */
export function setDriver({ root }: CacheLayout, driver: DriverName): void {
  if (driver !== 'sqlite') writeFileSync(`${root}.driver`, driver);
}

/** Who keeps the rows of a cache. */
export function keeperOf(layout: CacheLayout): RowKeeper {
  const driver = driverNameOf(layout);
  const keeper = KEEPERS.get(driver);
  if (keeper === undefined) throw new Error(`Nobody keeps the rows of ${driver} here: import its file`);
  return keeper;
}

/** Makes a copy of a cache, in its state and with its times, where there is none yet. */
export function copyCache(from: CacheLayout, to: CacheLayout): void {
  setDriver(to, driverNameOf(from));
  keeperOf(from).copy(from, to);
}

/** Copies the files of a cache. */
export function copyFolder({ root: from }: CacheLayout, { root: to }: CacheLayout): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

/** What SQLite says of the database that the rows are in. */
export function integrityOf(layout: CacheLayout): unknown {
  const path = keeperOf(layout).database(layout);
  if (path === undefined || !existsSync(path)) return 'ok';
  return inDatabase(path, (db) => db.pragma('integrity_check', { simple: true }));
}

/** Whether a transaction was left half done. To be asked before anybody opens the database, and so rolls it back. */
export function isHalfDone(layout: CacheLayout): boolean {
  return existsSync(`${keeperOf(layout).database(layout)}-journal`);
}

/** Does something to a database of SQLite's in this process; nothing else here may have it open. */
export function inDatabase<T>(path: string, work: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

const COLUMNS = 'image_id, last_accessed, last_modified, size, hits';

/** A killed run may leave a new index before its table is in it. */
function rowsIn(path: string): readonly StoredRow[] {
  if (!existsSync(path)) return [];
  return inDatabase(path, (db) => {
    const hasTable = db.prepare('SELECT 1 FROM sqlite_master').get() !== undefined;
    return hasTable ? db.prepare(`SELECT ${COLUMNS} FROM cached_images ORDER BY image_id`).all() : [];
  }) as readonly StoredRow[];
}

addRowKeeper('sqlite', {
  database: ({ index }) => index,
  create: ({ index }) => inDatabase(index, (db) => db.exec(GLANCE_SCHEMA)),
  put({ index }, { image_id, last_accessed, last_modified, size, hits }) {
    const sql = `INSERT INTO cached_images (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`;
    inDatabase(index, (db) => db.prepare(sql).run(image_id, last_accessed, last_modified, size, hits));
  },
  rows: ({ index }) => rowsIn(index),
  remove: ({ index }) => rmSync(index),
  copy: copyFolder,
});

/** Glance's own database, beside the cache directory. */
export function centralDatabase({ root }: CacheLayout): string {
  return `${root}.glance.sqlite`;
}

const OF_NODE = 'node_reference_id IN (SELECT node_reference_id FROM node_reference WHERE node_reference_url = ?)';

function change(layout: CacheLayout, sql: string, ...values: readonly unknown[]): void {
  inDatabase(centralDatabase(layout), (db) => db.prepare(sql).run(...values));
}

const CENTRAL_GLANCE: GlanceRows = {
  begin: () => undefined,
  enter: (layout, row) => {
    // Glance ignores that there is one already.
    if (rowsIn(centralDatabase(layout)).every(({ image_id }) => image_id !== row.image_id)) CENTRAL.put(layout, row);
  },
  hit(layout, imageId, nowSec) {
    const sql = `UPDATE cached_images SET hits = hits + 1, last_accessed = ? WHERE image_id = ? AND ${OF_NODE}`;
    change(layout, sql, toDateTime(nowSec), imageId, NODE_URL);
  },
  drop(layout, imageId) {
    const [where, ids] = imageId === undefined ? ['', []] : ['image_id = ? AND ', [imageId]];
    change(layout, `DELETE FROM cached_images WHERE ${where}${OF_NODE}`, ...ids, NODE_URL);
  },
};

const ADD_NODE = 'INSERT INTO node_reference (node_reference_url) VALUES (?)';

const CENTRAL: RowKeeper = {
  glance: CENTRAL_GLANCE,
  database: centralDatabase,
  create: (layout) =>
    inDatabase(centralDatabase(layout), (db) => {
      for (const statement of CENTRAL_SCHEMA.sqlite) db.exec(statement);
      // Another node, whose rows are nobody's business here.
      for (const url of ['http://other.example.org:9292', NODE_URL]) db.prepare(ADD_NODE).run(url);
    }),
  put(layout, { image_id, last_accessed, last_modified, size, hits }) {
    const times = [last_accessed, last_modified].map((timeSec) => toDateTime(Number(timeSec)));
    const sql = `INSERT INTO cached_images (${COLUMNS}, node_reference_id)
      SELECT ?, ?, ?, ?, ?, node_reference_id FROM node_reference WHERE node_reference_url = ?`;
    inDatabase(centralDatabase(layout), (db) => db.prepare(sql).run(image_id, ...times, size, hits, NODE_URL));
  },
  rows: (layout) => rowsIn(centralDatabase(layout)),
  // As it is before glance-api has ever started there with this driver.
  remove: (layout) => inDatabase(centralDatabase(layout), (db) => db.exec('DELETE FROM node_reference')),
  copy(from, to) {
    copyFolder(from, to);
    for (const end of ['', '-journal']) {
      const path = `${centralDatabase(from)}${end}`;
      if (existsSync(path)) copyFileSync(path, `${centralDatabase(to)}${end}`);
    }
  },
};

addRowKeeper('centralized_db', CENTRAL);
