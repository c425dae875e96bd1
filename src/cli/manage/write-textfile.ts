/**
 * Writes a file for the textfile collector of node_exporter: in one step, so that no half of it is ever read, and
 * readable for everybody, as the collector is somebody else.
 *
 * The folder is not Glance's: a run of root's writes there with its own rights again. Whoever may change the way to it
 * could lead such a run elsewhere by a link, as Debian's user prometheus could, whose folder the collector's of root
 * lies in. There links are not followed at all. What is in the folder is reached through what was opened of it, is new,
 * and takes the place of whatever had its name, which is not followed either.
 */

import { closeSync, constants, fchmodSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { O_PATH } from '../../cache/held-folders.ts';
import { CacheStateError } from '../../errors/cache-error.ts';
import { describeErrno, hasErrno, isSystemError, unlessAbsent } from '../../errors/errno.ts';
import { shellWord } from '../../errors/next-step.ts';
import type { Invocation } from '../invocation.ts';
import { weakSpotOf } from '../weak-spot.ts';

const FOR_EVERYBODY = 0o644;

/**
 * Writes a file.
 *
 * @param path absolute
 * @throws CacheStateError OUTPUT_IO; what was there is as it was then
 */
export function writeTextfile(path: string, text: string, { rights, pid }: Pick<Invocation, 'rights' | 'pid'>): void {
  try {
    rights.withOriginal(() => {
      if (!rights.isRoot) {
        replace(dirname(path), { name: basename(path), text, pid });
        return;
      }
      const handle = openFolder(dirname(path));
      try {
        replace(wayTo(handle), { name: basename(path), text, pid });
      } finally {
        closeSync(handle);
      }
    });
  } catch (error) {
    throw isSystemError(error) ? cannotWrite(path, error) : error;
  }
}

/** node_exporter passes over a name that does not end in `.prom`. The process makes it its own: two may write at once. */
function replace(
  folder: string,
  { name, text, pid }: { readonly name: string; readonly text: string; readonly pid: number },
): void {
  const fresh = join(folder, `.${name}.${pid}.tmp`);
  // Of a process that was killed, and had the same number.
  unlessAbsent(() => unlinkSync(fresh));
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = openSync(fresh, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, FOR_EVERYBODY);
  try {
    try {
      // The mask of the run leaves nothing for others.
      fchmodSync(handle, FOR_EVERYBODY);
      writeFileSync(handle, text);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, join(folder, name));
  } catch (error) {
    unlessAbsent(() => unlinkSync(fresh));
    throw error;
  }
}

/** Opens a folder for root; the way to it without a link where somebody else might have planted one. */
function openFolder(folder: string): number {
  const flags = O_PATH | constants.O_DIRECTORY;
  if (weakSpotOf(folder) === undefined) return openSync(folder, flags);
  let handle = openSync('/', flags);
  for (const name of folder.split('/').filter((part) => part !== '')) {
    const above = handle;
    try {
      handle = openSync(join(wayTo(above), name), flags | constants.O_NOFOLLOW);
    } finally {
      closeSync(above);
    }
  }
  return handle;
}

function wayTo(handle: number): string {
  return `/proc/self/fd/${handle}`;
}

function cannotWrite(path: string, error: Parameters<typeof describeErrno>[0]): CacheStateError {
  const hint = hasErrno(error, 'ENOTDIR', 'ELOOP')
    ? `Name the folder itself, as root follows no link where somebody else might have put it: readlink -f ${shellWord(dirname(path))}`
    : `Name a file in the folder that --collector.textfile.directory of node_exporter says, as a user who may write there; who may: ls -ld ${shellWord(dirname(path))}`;
  return new CacheStateError('OUTPUT_IO', `Cannot write ${JSON.stringify(path)}: ${describeErrno(error)}`, {
    hint,
    details: { path },
    cause: error,
  });
}
