/**
 * A lock of the operating system on a file, which dies with its process: a SQLite database opened with
 * `BEGIN EXCLUSIVE` and never written to, so that the file stays empty. SQLite locks with `fcntl` record locks
 * (https://www.sqlite.org/lockingv3.html), as oslo.concurrency does: each shuts the other out.
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { type BusyError, CacheStateError } from '../../errors/cache-error.ts';
import { hasErrno } from '../../errors/errno.ts';
import { onPath } from '../../errors/from-errno.ts';
import { moveAwayCommand } from '../../errors/next-step.ts';
import { type Connection, isBusy, openConnection } from '../../sqlite/connection.ts';
import { type Patience, retryBusy } from '../../sqlite/retry-busy.ts';
import { fromSqliteLock } from '../../sqlite/sqlite-error.ts';
import { makeFolders } from '../make-folders.ts';
import { FILE_MODE, FOLDER_MODE } from '../own-modes.ts';

/** A lock that is held until it is released or the process ends. */
export interface HeldLock {
  release(): void;
}

/**
 * Two that come at the same moment stand in each other's way: SQLite takes an exclusive lock in steps, and each may have
 * one that the other needs. Without a moment's patience both would give up, and neither would do the work.
 */
const COLLISION_SEC = 0.08;
const COLLISION_STEP_SEC = 0.01;

/**
 * Takes a lock, waiting for it if need be. Missing folders and the file are created. One process may take a path only
 * once at a time.
 *
 * @param path the lock file
 * @param patience how long to wait
 * @param onBusy the error to raise when the wait is over
 * @throws the error of `onBusy`; CacheStateError when the file cannot be used
 */
export async function acquireLock(path: string, patience: Patience, onBusy: () => BusyError): Promise<HeldLock> {
  for (;;) {
    const inode = createLockFile(path);
    if (inode === undefined) continue;
    // glance-api's "delete all" takes lock files in the cache directory for images and removes them, before they are
    // opened here or after: a lock on a file that nobody else can find by its name any more protects nothing.
    const connection = openLockFile(path);
    if (connection === undefined) continue;
    await lockFile(connection, path, { patience, onBusy });
    if (isStill(path, inode, connection)) return { release: () => unlockFile(connection) };
    unlockFile(connection);
  }
}

/**
 * Makes sure that the file is there, regular, and may be written: on others SQLite would pretend to lock.
 *
 * @returns undefined when it is gone again
 */
function createLockFile(path: string): number | undefined {
  const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
  return onPath('lock', path, () => {
    makeFolders(dirname(path), FOLDER_MODE);
    const there = lookAt(path);
    // Not even opened: closing a second name of the index would drop the locks that this process has on it.
    if (there !== undefined && !isLockFile(there)) throw notALockFile(path);
    // In a folder for all, such as /run/lock, the kernel refuses to "create" what is somebody else's, even for root:
    // fs.protected_regular.
    const create = there === undefined ? O_CREAT : 0;
    let handle: number;
    try {
      handle = openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | create, FILE_MODE);
    } catch (error) {
      if (hasErrno(error, 'ELOOP', 'EISDIR', 'ENXIO')) throw notALockFile(path);
      if (create === 0 && hasErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
    try {
      const stats = fstatSync(handle);
      if (!isLockFile(stats)) throw notALockFile(path);
      return stats.ino;
    } finally {
      closeSync(handle);
    }
  });
}

/** A file with another name is somebody's file, and whoever holds that one locked would be waited for. */
function isLockFile(stats: Stats): boolean {
  return stats.isFile() && stats.size === 0 && stats.nlink <= 1;
}

/** Opens the file; undefined when it is gone again. */
function openLockFile(path: string): Connection | undefined {
  try {
    return openConnection(path, false);
  } catch (error) {
    if (lookAt(path) === undefined) return undefined;
    throw fromSqliteLock(path, error);
  }
}

async function lockFile(
  connection: Connection,
  path: string,
  { patience, onBusy }: { readonly patience: Patience; readonly onBusy: () => BusyError },
): Promise<void> {
  try {
    const timeoutSec = Math.max(patience.timeoutSec, COLLISION_SEC);
    // Not the same for both, or they would meet again and again.
    const stepSec = COLLISION_STEP_SEC * (0.5 + Math.random());
    await retryBusy({ ...patience, timeoutSec, stepSec }, () => {
      connection.exec('PRAGMA journal_mode = MEMORY');
      connection.exec('BEGIN EXCLUSIVE');
    });
  } catch (error) {
    connection.close();
    throw isBusy(error) ? onBusy() : fromSqliteLock(path, error);
  }
}

function isStill(path: string, inode: number, connection: Connection): boolean {
  try {
    return lookAt(path)?.ino === inode;
  } catch (error) {
    unlockFile(connection);
    throw error;
  }
}

function lookAt(path: string): Stats | undefined {
  return onPath('lock', path, () => lstatSync(path, { throwIfNoEntry: false }));
}

function unlockFile(connection: Connection): void {
  try {
    connection.exec('ROLLBACK');
  } finally {
    connection.close();
  }
}

function notALockFile(path: string): CacheStateError {
  return new CacheStateError('CACHE_DIR', `Cannot lock ${JSON.stringify(path)}: it is not an empty regular file`, {
    hint: `Look at what it is and move it out of the way; lock files are empty and are made anew: ${moveAwayCommand(path)}`,
    details: { path },
  });
}
