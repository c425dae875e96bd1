/**
 * System errors of the cache directory, told as errors of the toolkit: path, cause and next step.
 */
import { CacheStateError } from './cache-error.ts';
import { describeErrno, isSystemError } from './errno.ts';

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
  const message = `Cannot ${verb} ${JSON.stringify(path)}: ${describeErrno(error)}`;
  const details = { path, errno: error.code };
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new CacheStateError('CACHE_NO_SPACE', message, {
        hint: 'Free some space on that file system, for example by deleting a file in invalid/, and run the command again',
        details,
        cause: error,
      });
    case 'EROFS':
      return new CacheStateError('CACHE_READ_ONLY', message, {
        hint: 'Mount the file system of the cache read-write, or look at it with --dry-run only',
        details,
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new CacheStateError('CACHE_PERMISSION', message, {
        hint: 'Run the command as the user glance-api runs as, or as root',
        details,
        cause: error,
      });
    default:
      return new CacheStateError('CACHE_IO', message, {
        hint: 'Look at that path and at the log of the kernel, then run the command again',
        details,
        cause: error,
      });
  }
}
