/**
 * Where everything in a cache directory lies. Pure: names only, nothing is looked at.
 */
import { isAbsolute, join } from 'node:path';

/** The folders that hold images in some state; `cached` is the cache directory itself. */
export type Area = 'cached' | 'incomplete' | 'invalid' | 'queue';

/** The absolute paths of one cache. */
export interface CacheLayout {
  /** `image_cache_dir`, with links resolved. */
  readonly root: string;
  readonly areas: Readonly<Record<Area, string>>;
  /** `image_cache_sqlite_db`: the index of the `sqlite` driver. */
  readonly index: string;
  /** Files of this toolkit. Glance never looks into folders it does not know. */
  readonly tools: string;
  /** The lock files of this toolkit, one per program. */
  readonly locks: string;
  /** Images that are being fetched, and what is known about them. */
  readonly parts: string;
  /** Images that the pruner never takes, an empty file for each. */
  readonly pinned: string;
  /** What is remembered of the runs, a file for each program. */
  readonly runs: string;
  /** What is remembered of the hashes of images. */
  readonly digests: string;
  /** Damaged indexes that were replaced; for somebody to look at, or to delete. */
  readonly setAside: string;
}

/** The folders Glance creates below its cache directory. */
export const SUB_AREAS: readonly Exclude<Area, 'cached'>[] = ['incomplete', 'invalid', 'queue'];

/**
 * The layout of a cache.
 *
 * @param root the cache directory, absolute
 * @param sqliteDb `image_cache_sqlite_db`: joined to the root, which an absolute path replaces, as Python's
 *   `os.path.join` does in Glance's driver
 */
export function cacheLayout(root: string, sqliteDb: string): CacheLayout {
  const tools = join(root, '.glance-cache-tools');
  return {
    root,
    areas: {
      cached: root,
      incomplete: join(root, 'incomplete'),
      invalid: join(root, 'invalid'),
      queue: join(root, 'queue'),
    },
    index: isAbsolute(sqliteDb) ? sqliteDb : join(root, sqliteDb),
    tools,
    locks: join(tools, 'locks'),
    parts: join(tools, 'prefetch'),
    pinned: join(tools, 'pinned'),
    runs: join(tools, 'runs'),
    digests: join(tools, 'digests'),
    setAside: join(tools, 'set-aside'),
  };
}
