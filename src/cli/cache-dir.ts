/**
 * The cache directory that the settings name, looked at before anything is done in it.
 */

import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../errors/cache-error.ts';
import { hasErrno, unlessAbsent } from '../errors/errno.ts';
import { onPath } from '../errors/from-errno.ts';
import { shellWord } from '../errors/next-step.ts';
import { OPTIONS } from '../settings/options.ts';
import { describeOrigin, type Settings } from '../settings/resolve.ts';
import type { Invocation } from './invocation.ts';
import { missingCacheDir } from './missing-cache-dir.ts';
import { isOpenToOthers, weakSpotOf } from './weak-spot.ts';

/** Where the cache is, and whose. */
export interface CacheDir {
  /** Absolute; with links resolved where it exists. */
  readonly path: string;
  readonly exists: boolean;
  /** The owner of the directory; of the nearest folder above it while it is missing. */
  readonly owner: Pick<Stats, 'uid' | 'gid' | 'mode'>;
}

/**
 * Finds the cache directory. It may be missing: that is an empty cache.
 *
 * @throws ConfigError CONFIG_MISSING, CONFIG_CACHE_DIR; CacheStateError when it cannot be looked at
 */
export function findCacheDir(
  settings: Settings,
  invocation: Pick<Invocation, 'cwd' | 'homeDir' | 'accountHome' | 'rights'> & Partial<Pick<Invocation, 'env'>>,
): CacheDir {
  const configured = settings.get(OPTIONS.imageCacheDir);
  if (configured === undefined) throw missingCacheDir(settings, invocation);
  const origin = describeOrigin(settings.origin(OPTIONS.imageCacheDir));
  const refuse = (state: string, hint: string): ConfigError => {
    const message = `Cannot use image_cache_dir ${JSON.stringify(configured)} from ${origin}: ${state}`;
    return new ConfigError('CONFIG_CACHE_DIR', message, { hint, details: { image_cache_dir: configured, origin } });
  };
  const path = realPathOf(resolve(invocation.cwd, configured));
  const nearest = onPath('look at', path, () => lookAtNearest(path, refuse));
  const homes = [invocation.homeDir, invocation.accountHome].flatMap((home) => home ?? []);
  if (path === '/' || homes.some((home) => path === realPathOf(resolve(home)))) {
    const what = path === '/' ? 'the root of the file system' : 'a home directory';
    throw refuse(
      `it is ${what}`,
      'Name a directory that holds nothing but the cache, as in image_cache_dir = /var/lib/glance/image-cache',
    );
  }
  if (invocation.rights.isRoot && nearest.owner.uid === 0) {
    const weakness = onPath('look at', path, () => weaknessOf(resolve(invocation.cwd, configured), nearest));
    if (weakness !== undefined) throw refuse(weakness, `${ROOTS_OWN}: sudo chown -R glance:glance ${shellWord(path)}`);
  }
  return { path, ...nearest };
}

const ROOTS_OWN = 'Let nobody but root write there, or give the directory to the user that glance-api runs as';

/**
 * What is wrong with a cache of root's: the run would keep the rights of root, while others can plant in the cache what
 * these rights then fall upon.
 */
function weaknessOf(configured: string, { owner, exists }: Omit<CacheDir, 'path'>): string | undefined {
  if (exists && isOpenToOthers(owner)) return 'it belongs to root, and others may write to it';
  const spot = weakSpotOf(configured);
  if (spot === undefined) return undefined;
  return `it belongs to root, and others may put something else in its place in ${JSON.stringify(spot)}`;
}

/** The owner of a folder, or of the nearest one above it that exists. */
function lookAtNearest(path: string, refuse: (state: string, hint: string) => ConfigError): Omit<CacheDir, 'path'> {
  for (let candidate = path; ; candidate = dirname(candidate)) {
    let stats: Stats | undefined;
    try {
      stats = statSync(candidate, { throwIfNoEntry: false });
    } catch (error) {
      if (!hasErrno(error, 'ENOTDIR')) throw error;
    }
    if (stats?.isDirectory() === true) return { owner: stats, exists: candidate === path };
    if (stats !== undefined) {
      const what = candidate === path ? 'it is' : `${JSON.stringify(candidate)} is`;
      throw refuse(
        `${what} not a directory`,
        'Name the directory that glance-api uses, as in image_cache_dir = /var/lib/glance/image-cache',
      );
    }
  }
}

/** A path with its links resolved; a missing one as it is. */
function realPathOf(path: string): string {
  const real = onPath('look at', path, () => unlessAbsent(() => realpathSync(path)));
  return real ?? path;
}
