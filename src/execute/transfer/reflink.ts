import { constants } from 'node:fs';
import { chmod, copyFile, unlink } from 'node:fs/promises';
import { hasErrno } from '../../errors/errno.ts';
import { fromErrno } from '../../errors/from-errno.ts';

/**
 * What is said when two files cannot share blocks: by file systems without reflinks, between two file systems, of a
 * kernel or a sandbox that does not know the call, of files that are immutable, or swapped on.
 */
const UNABLE = ['EOPNOTSUPP', 'ENOTSUP', 'ENOTTY', 'ENOSYS', 'EXDEV', 'EINVAL', 'EPERM', 'ETXTBSY'];

const FILE_MODE = 0o640;

/** The system calls of a reflink. */
export interface ReflinkCalls {
  readonly copyFile: typeof copyFile;
  readonly chmod: typeof chmod;
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
  calls: ReflinkCalls = { copyFile, chmod, unlink },
): Promise<boolean> {
  try {
    await calls.copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
  } catch (error) {
    // Whatever is there was there before.
    if (hasErrno(error, 'EEXIST')) throw fromErrno('create', to, error);
    await removeHalfMade(to, calls);
    if (hasErrno(error, ...UNABLE)) return false;
    throw fromErrno('create', to, error);
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
