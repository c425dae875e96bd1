import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { hasErrno } from '../errors/errno.ts';

/**
 * The text of a regular file that is not to be larger than it says. No link is followed, and nothing is waited for.
 *
 * @returns undefined where something else is there, or something larger
 * @throws the system's error, ENOENT too
 */
export function readCappedFile(path: string, maxBytes: number): string | undefined {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A link, or a socket.
    if (hasErrno(error, 'ELOOP', 'ENXIO')) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(handle);
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(handle, 'utf8') : undefined;
  } finally {
    closeSync(handle);
  }
}
