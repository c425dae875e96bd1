import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { runOrThrow } from './run.ts';

/** A directory entry, not followed if it is a link. */
export interface CacheEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly sizeBytes: number;
  /** Permission bits in octal, such as `0640`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly accessedSec: number;
  readonly modifiedSec: number;
}

/** A row of the sqlite driver's index. Times are seconds since the epoch. */
export interface CacheRow {
  readonly image_id: string;
  readonly last_accessed: number;
  readonly last_modified: number;
  readonly size: number;
  readonly hits: number;
  readonly checksum: string | null;
}

/** Everything in a cache directory, each list sorted by name. */
export interface CacheState {
  /** Entries named by a UUID, directly in the directory. */
  readonly images: readonly CacheEntry[];
  readonly incomplete: readonly CacheEntry[];
  readonly invalid: readonly CacheEntry[];
  readonly queue: readonly CacheEntry[];
  /** Whatever else lies directly in the directory: the index, locks, the four folders. */
  readonly others: readonly CacheEntry[];
  /** Empty if there is no index. */
  readonly rows: readonly CacheRow[];
}

const IMAGE_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a cache directory holds at this moment. Glance may be at work: poll for what comes a moment after a download. */
export function readCache(cacheDir: string): CacheState {
  const entries = readEntries(cacheDir);
  return {
    images: entries.filter(({ name }) => IMAGE_NAME.test(name)),
    incomplete: readEntries(join(cacheDir, 'incomplete')),
    invalid: readEntries(join(cacheDir, 'invalid')),
    queue: readEntries(join(cacheDir, 'queue')),
    others: entries.filter(({ name }) => !IMAGE_NAME.test(name)),
    rows: readRows(join(cacheDir, 'cache.db')),
  };
}

/** The rows of an index. */
export function readRows(file: string): CacheRow[] {
  if (!existsSync(file)) return [];
  const database = new Database(file, { readonly: true, timeout: 10_000 });
  try {
    return database.prepare<[], CacheRow>('SELECT * FROM cached_images ORDER BY image_id').all();
  } finally {
    database.close();
  }
}

/** The row of one image; undefined if there is none. */
export function readRow(cacheDir: string, id: string): CacheRow | undefined {
  return readRows(join(cacheDir, 'cache.db')).find(({ image_id }) => image_id === id);
}

/** One entry, wherever it lies. */
export function readEntry(folder: string, name: string): CacheEntry {
  const path = join(folder, name);
  const stats = lstatSync(path);
  return {
    name,
    path,
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other',
    sizeBytes: stats.size,
    mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
    uid: stats.uid,
    gid: stats.gid,
    accessedSec: stats.atimeMs / 1000,
    modifiedSec: stats.mtimeMs / 1000,
  };
}

/**
 * Copies a cache directory with owners, times, attributes and links to a path that does not exist yet. Only while its
 * glance-api is stopped. Done by `cp`, because a process that reads the index through `fs` drops its own SQLite locks.
 */
export async function copyCache(from: string, to: string): Promise<void> {
  await runOrThrow(['/usr/bin/cp', '--archive', '--no-target-directory', from, to], { env: {} });
}

/**
 * Makes a cache directory hold what another one holds, times and owners included. glance-api may run on it, but must be
 * idle: it opens the index for each request anew.
 */
export async function copyCacheContents(from: string, to: string): Promise<void> {
  // The folder itself stays the one it was.
  for (const name of existsSync(to) ? readdirSync(to) : []) rmSync(join(to, name), { recursive: true });
  await runOrThrow(['/usr/bin/cp', '--archive', '--no-target-directory', from, to], { env: {} });
}

function readEntries(folder: string): CacheEntry[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      try {
        return [readEntry(folder, name)];
      } catch (error) {
        // A journal, for one, is gone a moment after it was listed.
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        throw error;
      }
    });
}
