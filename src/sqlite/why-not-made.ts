/**
 * Why a file could not be opened or made in a folder: SQLite only says that it could not. The folder is asked, never
 * the database: closing a descriptor of that would drop the locks that SQLite has on it.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { hasErrno, isSystemError, type SystemError } from '../errors/errno.ts';

/**
 * Makes a file that has no name, and so is gone with its descriptor: Node has no constant for it.
 * https://www.man7.org/linux/man-pages/man2/open.2.html
 */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/** What a file system, or a kernel, says that knows no such files; and a folder that is not there. */
const NO_ANSWER = ['ENOTSUP', 'EISDIR', 'EINVAL', 'ENOENT', 'ENOTDIR'];

/**
 * What keeps this process from making a file in a folder now.
 *
 * @returns undefined where nothing does, or where that cannot be found out
 */
export function whyNotMade(folder: string): SystemError | undefined {
  try {
    closeSync(openSync(folder, O_TMPFILE | constants.O_WRONLY, 0o600));
    return undefined;
  } catch (error) {
    return isSystemError(error) && !hasErrno(error, ...NO_ANSWER) ? error : undefined;
  }
}
