/**
 * System errors of the cache directory, told as errors of the toolkit: path, cause and next step.
 */

import { dirname } from 'node:path';
import { type CacheStateCode, CacheStateError } from './cache-error.ts';
import { describeErrno, errnoOf, isSystemError } from './errno.ts';
import { KERNEL_LOG, shellWord, THIS_COMMAND } from './next-step.ts';

/** Runs a system call on a path; a failure becomes a {@link CacheStateError} that says what was attempted. */
export function onPath<T>(verb: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromErrno(verb, path, error);
  }
}

/**
 * The error to raise for a failed system call on a path of the cache.
 *
 * @param verb what was attempted, such as "remove"
 * @returns a {@link CacheStateError}, or the value itself when it is no system error
 */
export function fromErrno(verb: string, path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const errno = errnoOf(error);
  const { code, hint } = meaningOf(errno, path);
  const message = `Cannot ${verb} ${JSON.stringify(path)}: ${describeErrno(error)}`;
  return new CacheStateError(code, message, { hint, details: { path, errno }, cause: error });
}

/** Root takes the rights of whom the cache belongs to. */
export const AS_ROOT = `Run it as the user glance-api runs as, or as root: sudo ${THIS_COMMAND}`;

/** What a failure means, and what to do about it. */
export interface Meaning {
  readonly code: CacheStateCode;
  readonly hint: string;
}

/** What an errno means on a path of the cache. */
export function meaningOf(errno: string, path: string): Meaning {
  const word = shellWord(path);
  // What was to be made is not there yet: df and findmnt want something that is.
  const folder = shellWord(dirname(path));
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'CACHE_NO_SPACE',
        hint: `Free some space on that file system, for example by deleting a file in invalid/: df -h ${folder}`,
      };
    case 'EROFS':
      return {
        code: 'CACHE_READ_ONLY',
        hint: `Look at it with --dry-run only, or mount the file system of the cache read-write: sudo mount -o remount,rw "$(findmnt -n -o TARGET -T ${folder})"`,
      };
    case 'EACCES':
    case 'EPERM':
      return { code: 'CACHE_PERMISSION', hint: AS_ROOT };
    case 'EMFILE':
    case 'ENFILE':
      return { code: 'CACHE_IO', hint: 'Allow more open files, then run the command again: ulimit -n 65536' };
    default:
      return {
        code: 'CACHE_IO',
        hint: `Look at that path, with "ls -ld ${word}", and at the log of the kernel, with "${KERNEL_LOG}"; then again: ${THIS_COMMAND}`,
      };
  }
}
