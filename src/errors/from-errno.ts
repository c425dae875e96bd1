/**
 * System errors of the cache directory, told as errors of the toolkit: path, cause and next step.
 */
import { type CacheStateCode, CacheStateError } from './cache-error.ts';
import { describeErrno, errnoOf, isSystemError } from './errno.ts';

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
  const { code, hint } = meaningOf(errno);
  const message = `Cannot ${verb} ${JSON.stringify(path)}: ${describeErrno(error)}`;
  return new CacheStateError(code, message, { hint, details: { path, errno }, cause: error });
}

/** What a failure means, and what to do about it. */
export interface Meaning {
  readonly code: CacheStateCode;
  readonly hint: string;
}

/** What an errno means on a path of the cache. */
export function meaningOf(errno: string): Meaning {
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'CACHE_NO_SPACE',
        hint: 'Free some space on that file system, for example by deleting a file in invalid/, and run the command again',
      };
    case 'EROFS':
      return {
        code: 'CACHE_READ_ONLY',
        hint: 'Mount the file system of the cache read-write, or look at it with --dry-run only',
      };
    case 'EACCES':
    case 'EPERM':
      return { code: 'CACHE_PERMISSION', hint: 'Run the command as the user glance-api runs as, or as root' };
    case 'EMFILE':
    case 'ENFILE':
      return { code: 'CACHE_IO', hint: 'Allow more open files, as with "ulimit -n", then run the command again' };
    default:
      return {
        code: 'CACHE_IO',
        hint: 'Look at that path and at the log of the kernel, then run the command again',
      };
  }
}
