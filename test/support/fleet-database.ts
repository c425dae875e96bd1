/**
 * Glance's shared database of a test's own, in a file of SQLite's, with a configuration that has nothing but its URL.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach } from 'vitest';
import { CENTRAL_SCHEMA } from './central-schema.ts';
import { type ProgramName, type RunOptions, type RunResult, runProgram } from './run-program.ts';
import { useTempDir } from './temp-dir.ts';

/** Values of a row; whatever SQLite takes. */
export interface CopyValues {
  readonly accessed?: unknown;
  readonly modified?: unknown;
  readonly size?: unknown;
  readonly hits?: unknown;
}

/** When images are cached and used where a test does not say otherwise. */
export const CACHED_AT = '2023-11-14 22:13:20.250000';

/** A database and its configuration. */
export class FleetDatabase {
  readonly base: string;
  /** The folder of the database, which holds nothing else. */
  readonly folder: string;
  readonly path: string;
  readonly conf: string;

  constructor(base: string) {
    this.base = base;
    this.folder = join(base, 'db');
    this.path = join(this.folder, 'glance.sqlite');
    this.conf = join(base, 'glance-api.conf');
    // The programs may run as somebody else than the tests.
    chmodSync(base, 0o755);
    mkdirSync(this.folder, { mode: 0o755 });
    this.change((db) => db.exec(CENTRAL_SCHEMA.sqlite.join(';')));
    this.configure();
  }

  /** Writes the configuration: lines in `[DEFAULT]` beside the driver. */
  configure(...lines: readonly string[]): void {
    this.configureExactly('[DEFAULT]', 'image_cache_driver = centralized_db', ...lines, ...this.connection);
  }

  /** Writes the configuration, and nothing else into it. */
  configureExactly(...lines: readonly string[]): void {
    writeFileSync(this.conf, lines.map((line) => `${line}\n`).join(''));
  }

  /** The section with the URL of the database. */
  get connection(): readonly string[] {
    return ['[database]', `connection = sqlite:///${this.path}`];
  }

  /** The database, opened in this process; to be closed. */
  open(): Database.Database {
    const db = new Database(this.path);
    // Opening does nothing before the first question.
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return db;
  }

  /** Does something to the database in this process. */
  change<T>(work: (db: Database.Database) => T): T {
    const db = new Database(this.path);
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  /** A node that has started once. */
  addNode(url: unknown): void {
    this.change((db) => db.prepare('INSERT INTO node_reference (node_reference_url) VALUES (?)').run(url));
  }

  /** Images on a node that is there. */
  addImages(url: unknown, imageIds: readonly unknown[], values: CopyValues = {}): void {
    const { accessed = CACHED_AT, modified = CACHED_AT, size = 1000, hits = 0 } = values;
    this.change((db) => {
      const insert = db.prepare(
        `INSERT INTO cached_images (image_id, last_accessed, last_modified, size, hits, node_reference_id)
         SELECT ?, ?, ?, ?, ?, node_reference_id FROM node_reference WHERE node_reference_url = ?`,
      );
      const insertAll = db.transaction(() => {
        for (const imageId of imageIds) insert.run(imageId, accessed, modified, size, hits, url);
      });
      insertAll();
    });
  }

  /** Runs `glance-cache-manage` with this configuration. */
  manage(...args: readonly string[]): Promise<RunResult> {
    return this.run('manage', args);
  }

  /** Runs a program with this configuration. */
  run(program: ProgramName, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return runProgram(program, ['--config-file', this.conf, ...args], options);
  }
}

/** A fresh database for every test of a file; gone after it. */
export function useFleetDatabase(): () => FleetDatabase {
  const tempDir = useTempDir();
  let fleet: FleetDatabase | undefined;
  beforeEach(() => {
    fleet = new FleetDatabase(tempDir());
  });
  return () => {
    if (fleet === undefined) throw new Error('There is a database only while a test runs');
    return fleet;
  };
}
