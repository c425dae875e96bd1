/**
 * Glance's own database as a file of SQLite's, with what glance-api keeps in it about caches.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  type CentralizedSettings,
  createCentralizedDriver,
} from '../../src/cache/index/centralized/centralized-driver.ts';
import type { IndexDriver } from '../../src/cache/index/index-driver.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import type { Patience } from '../../src/sqlite/retry-busy.ts';
import { CENTRAL_SCHEMA } from './central-schema.ts';
import { FakeClock } from './clocks.ts';

/** The node that tests are on, unless they say otherwise. */
export const NODE_URL = 'http://node1:9292';

/** The database of one test. */
export class CentralSqlite {
  readonly path: string;

  /** Makes it in a folder, with the tables of release 2024.1 unless told to make others. */
  constructor(folder: string, schema: readonly string[] = CENTRAL_SCHEMA.sqlite) {
    this.path = join(folder, 'glance.sqlite');
    this.exec(...schema);
  }

  /** `[database] connection`. */
  get url(): string {
    return `sqlite:///${this.path}`;
  }

  /** Runs statements. */
  exec(...statements: readonly string[]): void {
    const db = new Database(this.path);
    for (const statement of statements) db.exec(statement);
    db.close();
  }

  /** Begins to write, as another program would. @returns what ends that */
  hold(): () => void {
    const db = new Database(this.path);
    db.exec('BEGIN IMMEDIATE');
    return () => db.close();
  }

  /** Rows of a query, as lists of their values. */
  rows(sql: string): readonly unknown[] {
    const db = new Database(this.path);
    try {
      return db.prepare(sql).raw().all();
    } finally {
      db.close();
    }
  }

  /** Enters a row as glance-api does, with the node where it is missing. */
  addRow(
    imageId: string,
    { accessed = '2026-01-01 00:00:00.000000', size = 100, hits = 0, nodeUrl = NODE_URL } = {},
  ): void {
    this.exec(
      `INSERT OR IGNORE INTO node_reference (node_reference_url) VALUES ('${nodeUrl}')`,
      `INSERT INTO cached_images (image_id, last_accessed, last_modified, size, hits, node_reference_id)
        SELECT '${imageId}', '${accessed}', '${accessed}', ${size}, ${hits}, node_reference_id
        FROM node_reference WHERE node_reference_url = '${nodeUrl}'`,
    );
  }

  /** The rows as node and image, in order. */
  rowIds(): readonly unknown[] {
    return this.rows(
      'SELECT node_reference_url, image_id FROM cached_images JOIN node_reference USING (node_reference_id) ORDER BY 1, 2',
    );
  }

  /** The driver of a cache on a node. */
  driver(
    layout: CacheLayout,
    { signal = new AbortController().signal, ...more }: Partial<CentralizedSettings> & Partial<Patience> = {},
  ): IndexDriver {
    const settings = { connection: this.url, connectionParameters: '', origin: 'a test', nodeUrl: NODE_URL, ...more };
    return createCentralizedDriver(settings, layout, { clock: new FakeClock(), timeoutSec: 0, ...more, signal });
  }
}
