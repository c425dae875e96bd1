import { constants } from 'node:fs';
import { copyFile, open, unlink } from 'node:fs/promises';
import { FILE_MODE } from '../../cache/own-modes.ts';
import { hasErrno, isSystemError } from '../../errors/errno.ts';
import { fromErrno } from '../../errors/from-errno.ts';

/**
 * What keeps a copy from being made in any way. All else only says that these two files cannot share blocks, in more
 * words than can be listed: EOPNOTSUPP, ENOTTY, EXDEV, EINVAL, on ZFS EAGAIN while the file is not on the disk yet. Who
 * then copies byte by byte finds out what is really wrong, and with which of the two.
 */
const HOPELESS = ['EACCES', 'EROFS', 'ENOSPC', 'EDQUOT'];

/** The system calls of a reflink. */
export interface ReflinkCalls {
  readonly copyFile: typeof copyFile;
  readonly chmod: (path: string, mode: number) => Promise<void>;
  readonly unlink: typeof unlink;
}

/**
 * Makes a file whose blocks are those of another one, which takes no time and no space.
 *
 * @param from a regular file, which has been opened as one
 * @param to where there is nothing yet
 * @returns false where the file system cannot; there is nothing at `to` then
 * @throws CacheStateError CACHE_NO_SPACE, CACHE_PERMISSION, CACHE_IO; there is nothing of ours at `to` then
 */
export async function tryReflink(
  from: string,
  to: string,
  calls: ReflinkCalls = { copyFile, chmod: chmodFile, unlink },
): Promise<boolean> {
  try {
    await calls.copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
  } catch (error) {
    // Whatever is there was there before.
    if (hasErrno(error, 'EEXIST')) throw fromErrno('create', to, error);
    await removeHalfMade(to, calls);
    if (hasErrno(error, ...HOPELESS)) throw fromErrno('create', to, error);
    if (isSystemError(error)) return false;
    throw error;
  }
  try {
    // It has the mode of the other file.
    await calls.chmod(to, FILE_MODE);
    return true;
  } catch (error) {
    await removeHalfMade(to, calls);
    throw fromErrno('create', to, error);
  }
}

async function removeHalfMade(path: string, calls: ReflinkCalls): Promise<void> {
  try {
    await calls.unlink(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw fromErrno('remove', path, error);
  }
}

/** As chmod(2), which would follow a link that somebody has put there meanwhile. */
async function chmodFile(path: string, mode: number): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}
