/**
 * Who but root can change where a path leads. A run of root's that has nobody's rights to take, because the cache is
 * root's own, must not be led elsewhere by those who may write to a folder on the way; nor anybody to the secrets of others.
 */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = 0;
const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_OTHERS = 0o002;
const STICKY = 0o1000;

/** As many as the kernel follows: beyond that it has refused the path already. */
const LINKS = 40;

/**
 * Whether others than root may make, rename and remove what is in a folder.
 *
 * @param self a user who may as well
 */
export function isOpenToOthers({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>, self = ROOT): boolean {
  return (
    (uid !== ROOT && uid !== self) ||
    (mode & WRITABLE_BY_OTHERS) !== 0 ||
    ((mode & WRITABLE_BY_GROUP) !== 0 && gid !== ROOT)
  );
}

/**
 * The first folder on the way to a path in which somebody other than root may put something else in place of what is
 * there.
 *
 * @param path absolute; links in it are followed one by one, for they may be planted as well
 * @param self a user who may as well
 * @returns undefined where there is none
 */
export function weakSpotOf(path: string, self = ROOT): string | undefined {
  const names = path.split('/');
  let folder = '/';
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      folder = dirname(folder);
      continue;
    }
    const next = join(folder, name);
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (isReplaceable(lstatSync(folder), stats, self)) return folder;
    if (stats?.isSymbolicLink() === true && links++ < LINKS) {
      const target = readlinkSync(next);
      names.unshift(...target.split('/'));
      if (target.startsWith('/')) folder = '/';
    } else if (stats?.isDirectory() === true) folder = next;
    else return undefined;
  }
  return undefined;
}

/** In a folder such as /tmp nobody can take away what is root's; what is not there yet anybody can put there. */
function isReplaceable(folder: Stats, entry: Stats | undefined, self: number): boolean {
  if (!isOpenToOthers(folder, self)) return false;
  const isOwn = (stats: Stats | undefined): boolean => stats?.uid === ROOT || stats?.uid === self;
  return !isOwn(folder) || (folder.mode & STICKY) === 0 || !isOwn(entry);
}
