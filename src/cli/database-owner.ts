/**
 * Whose rights a look at Glance's database takes when root asks for it. A database in a file may get files beside it,
 * which are to belong to its owner; and what root makes while it looks at one on a server, a log file, is to belong to
 * Glance as well.
 */

import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CacheError, ConfigError } from '../errors/cache-error.ts';
import { unlessAbsent } from '../errors/errno.ts';
import { onPath } from '../errors/from-errno.ts';
import { shellWord } from '../errors/next-step.ts';
import type { Settings } from '../settings/resolve.ts';
import { findCacheDir } from './cache-dir.ts';
import type { Invocation } from './invocation.ts';
import { isOpenToOthers, weakSpotOf } from './weak-spot.ts';

/** Who owns what, and where that is. */
export interface Owner extends Pick<Stats, 'uid' | 'gid'> {
  readonly path: string;
}

const ROOTS_OWN = 'Let nobody but root write there, or give the file to the user that glance-api runs as';

/**
 * The owner of the database file; of the cache directory where the database is on a server.
 *
 * @param file the path of the database; undefined where it is on a server
 * @returns undefined where there is nobody whose rights could be taken, or no need to
 * @throws ConfigError CONFIG_DATABASE where the file is root's and others can put something else in its place or beside
 *   it; CacheStateError when it cannot be looked at
 */
export function ownerForDatabase(
  settings: Settings,
  file: string | undefined,
  invocation: Invocation,
): Owner | undefined {
  if (!invocation.rights.isRoot) return undefined;
  return file === undefined ? ownerOfCache(settings, invocation) : ownerOfFile(file);
}

/** A cache directory that is not set, or cannot be used, is no matter of a run that does not look into it. */
function ownerOfCache(settings: Settings, invocation: Invocation): Owner | undefined {
  try {
    const { path, exists, owner } = findCacheDir(settings, invocation);
    return exists ? { path, uid: owner.uid, gid: owner.gid } : undefined;
  } catch (error) {
    if (error instanceof CacheError) return undefined;
    throw error;
  }
}

function ownerOfFile(path: string): Owner | undefined {
  return onPath('look at', path, () => {
    const stats = unlessAbsent(() => statSync(path));
    if (stats === undefined) return undefined;
    const weakness = stats.uid === 0 ? weaknessOf(path, stats) : undefined;
    if (weakness === undefined) return { path, uid: stats.uid, gid: stats.gid };
    throw new ConfigError(
      'CONFIG_DATABASE',
      `Cannot use the database ${JSON.stringify(path)} as root: it belongs to root, and ${weakness}`,
      { hint: `${ROOTS_OWN}: sudo chown glance:glance ${shellWord(path)}`, details: { path } },
    );
  });
}

/** What stands beside the file, a journal, SQLite takes for a part of it. */
function weaknessOf(path: string, stats: Stats): string | undefined {
  if (isOpenToOthers(stats)) return 'others may write to it';
  const folder = dirname(realpathSync(path));
  const spot = isOpenToOthers(statSync(folder)) ? folder : weakSpotOf(path);
  return spot === undefined ? undefined : `others may put something else in its place in ${JSON.stringify(spot)}`;
}
