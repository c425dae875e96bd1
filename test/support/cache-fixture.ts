/**
 * A cache of a test's own on a real disk, as Glance makes it, with a configuration file and programs to run on it.
 */
import {
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach } from 'vitest';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { Area, CacheLayout } from '../../src/cache/layout.ts';
import { type Entry, entriesOf, pathsBelow } from './directory-state.ts';
import { centralDatabase, driverNameOf, keeperOf, NODE_URL } from './row-keepers.ts';
import {
  AS_ROOT,
  type Identity,
  type ProgramName,
  type RunningProgram,
  type RunOptions,
  type RunResult,
  startProgram,
} from './run-program.ts';
import { createCache, inIndex, rowIdsOf } from './seeded-cache.ts';
import { useTempDir } from './temp-dir.ts';

/** Values of a row; whatever SQLite takes. */
export interface RowValues {
  readonly accessed?: unknown;
  readonly modified?: unknown;
  readonly size?: unknown;
  readonly hits?: unknown;
}

/** What a file is to be. */
export interface FileTraits {
  readonly size?: number;
  /** Age of its last change, seconds. */
  readonly ageSec?: number;
}

/** Rows and entries of a cache: what a command that changes nothing must leave as it is. */
export interface CacheState {
  readonly entries: readonly Entry[];
  readonly rows: readonly unknown[];
}

/** Seconds since the epoch at which images are cached and used where a test does not say otherwise. */
export const CACHED_AT = 1_700_000_000.25;

/** A cache, its configuration, and a home. */
export class CacheFixture {
  readonly base: string;
  readonly root: string;
  readonly conf: string;
  readonly home: string;
  readonly layout: CacheLayout;

  /** @param driver what keeps the rows */
  constructor(base: string, driver: DriverName = 'sqlite') {
    this.base = base;
    this.root = join(base, 'cache');
    this.conf = join(base, 'glance-cache.conf');
    this.home = join(base, 'home');
    // The programs may run as somebody else than the tests.
    chmodSync(base, 0o755);
    mkdirSync(this.home);
    mkdirSync(this.root);
    this.layout = createCache(this.root, driver);
    this.configure();
  }

  /** Writes the configuration: lines after `image_cache_dir` in `[DEFAULT]`, sections of their own included. */
  configure(...lines: readonly string[]): void {
    const driver = driverLines(this.layout);
    this.configureExactly(
      ...driver.sections,
      '[DEFAULT]',
      `image_cache_dir = ${this.root}`,
      ...driver.options,
      ...lines,
    );
  }

  /** Writes the configuration, and nothing else into it. */
  configureExactly(...lines: readonly string[]): void {
    writeFileSync(this.conf, lines.map((line) => `${line}\n`).join(''));
  }

  /** An image with content and row. */
  addImage(imageId: string, { size = 1000, ...row }: RowValues & { readonly size?: number } = {}): void {
    this.addFile('cached', imageId, { size });
    this.addRow(imageId, { size, ...row });
  }

  /** A row. */
  addRow(
    imageId: unknown,
    { accessed = CACHED_AT, modified = CACHED_AT, size = 1000, hits = 0 }: RowValues = {},
  ): void {
    const times = { last_accessed: accessed, last_modified: modified };
    keeperOf(this.layout).put(this.layout, { image_id: imageId, ...times, size, hits });
  }

  /** A file, sparse, so that large ones cost nothing. */
  addFile(area: Area, name: string, { size = 1000, ageSec }: FileTraits = {}): string {
    const path = join(this.layout.areas[area], name);
    writeFileSync(path, '', { mode: 0o640 });
    truncateSync(path, size);
    if (ageSec !== undefined) setAge(path, ageSec);
    return path;
  }

  /** A queue marker; those queued longer ago come first. */
  addMarker(name: string, ageSec = 60): string {
    return this.addFile('queue', name, { size: 0, ageSec });
  }

  /** Does something to the index in this process. */
  inIndex<T>(work: (db: Database.Database) => T): T {
    return inIndex(this.layout, work);
  }

  /** Puts something else in place of the index. */
  replaceIndex(make: (path: string) => void): void {
    rmSync(this.layout.index);
    make(this.layout.index);
  }

  /** The names in a folder, in order; `.glance-cache-tools` and what Glance keeps beside the images left out. */
  names(area: Area): readonly string[] {
    const locks = ['glance-cache', 'glance-cache-clean', 'glance-cache-prune', 'sqlite_centralized_migrate'];
    const furniture = ['.glance-cache-tools', 'cache.db', ...locks];
    const folders = area === 'cached' ? ['incomplete', 'invalid', 'queue'] : [];
    return readdirSync(this.layout.areas[area])
      .filter((name) => !furniture.includes(name) && !folders.includes(name))
      .sort();
  }

  /** The rows, without those columns that no test asks for. */
  rows(): readonly unknown[] {
    return this.inIndex((db) => db.prepare('SELECT * FROM cached_images ORDER BY image_id').all());
  }

  /** The IDs in the index, in order. */
  rowIds(): readonly unknown[] {
    return rowIdsOf(this.layout);
  }

  /** Everything there is, to be compared. */
  state(): CacheState {
    // The rows first: the look at them is not to be taken for a change.
    const rows = this.rows();
    return { entries: entriesOf(this.root), rows };
  }

  /** Gives all of it to a user, as Glance's own would be; only root can. */
  handTo({ uid, gid }: Identity): void {
    if (!AS_ROOT) return;
    for (const path of ['', ...pathsBelow(this.base)]) {
      lchownSync(join(this.base, path), uid, gid);
    }
  }

  /** Gives back the rights that a test has taken from the folders. */
  unlock(): void {
    for (const folder of Object.values(this.layout.areas)) {
      if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) chmodSync(folder, 0o750);
    }
  }

  /** Starts a program on this cache. */
  start(program: ProgramName, args: readonly string[], options: RunOptions = {}): RunningProgram {
    return startProgram(program, ['--config-file', this.conf, ...args], { home: this.home, ...options });
  }

  /** Runs a program on this cache. */
  run(program: ProgramName, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.start(program, args, options).ended;
  }

  /** Runs `glance-cache-manage` on this cache. */
  manage(...args: readonly string[]): Promise<RunResult> {
    return this.run('manage', args);
  }
}

/** What names the driver of a cache: sections to come before `[DEFAULT]`, and options in that one. */
function driverLines(layout: CacheLayout): {
  readonly sections: readonly string[];
  readonly options: readonly string[];
} {
  const driver = driverNameOf(layout);
  const options = driver === 'sqlite' ? [] : [`image_cache_driver = ${driver}`];
  if (driver !== 'centralized_db') return { sections: [], options };
  const sections = ['[database]', `connection = sqlite:///${centralDatabase(layout)}`];
  return { sections, options: [...options, `worker_self_reference_url = ${NODE_URL}`] };
}

/** Makes a file, or a link itself, look as if it had not changed for a while. */
export function setAge(path: string, ageSec: number): void {
  const timeSec = Date.now() / 1000 - ageSec;
  lutimesSync(path, timeSec, timeSec);
}

/**
 * A fresh cache for every test of a file; gone after it.
 *
 * @param parent where it lies
 */
export function useCache(parent?: string): () => CacheFixture {
  const tempDir = useTempDir(parent);
  let cache: CacheFixture | undefined;
  beforeEach(() => {
    cache = new CacheFixture(tempDir());
  });
  // Before the folder is removed, which takes the right to change what is in it.
  afterEach(() => cache?.unlock());
  return () => {
    if (cache === undefined) throw new Error('There is a cache only while a test runs');
    return cache;
  };
}

/** The image ID that consists of one hexadecimal digit. */
export function idOf(digit: string): string {
  return [8, 4, 4, 4, 12].map((length) => digit.repeat(length)).join('-');
}
