/**
 * The one door to `fs-xattr`: user attributes of regular files. What is worked on is opened first, without following a
 * link, and only as a place: no FIFO is waited for, no right to read is needed, and no time of access changes. Then it
 * is reached through what was opened, so that nobody swaps it for something else in between.
 *
 * The package is optional, because its addon is compiled when it is installed: it is loaded when it is needed.
 */
import { closeSync, existsSync, constants as flags, fstatSync, openSync, type Stats, utimesSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { ConfigError } from '../../../errors/cache-error.ts';
import { hasErrno, unlessAbsent } from '../../../errors/errno.ts';
import { O_PATH } from '../../held-folders.ts';

type FsXattr = Pick<typeof import('fs-xattr'), 'getAttributeSync' | 'setAttributeSync' | 'removeAttributeSync'>;

/** A regular file that is held open: nothing that is done to its path changes which file it is. */
export interface HeldFile {
  readonly stats: Stats;
  /** The value of an attribute such as `user.hits`; undefined where there is none. */
  get(name: string): Buffer | undefined;
  set(name: string, value: string | Buffer): void;
  /** Removes an attribute; one that is absent is fine. */
  remove(name: string): void;
  /** Opens it for writing, and closes it again: as much as that may be done, attributes may be set. */
  tryWriting(): void;
  /** Sets both times, epoch seconds; they are kept to about a microsecond. */
  setTimes(accessedSec: number, modifiedSec: number): void;
}

/** Attributes of files. Failed system calls are thrown as Node's own are. */
export class UserAttributes {
  readonly #xattr: FsXattr;
  /** Without it names have to do. */
  readonly #hasProcfs = existsSync('/proc/self/fd');

  constructor(xattr: FsXattr) {
    this.#xattr = xattr;
  }

  /**
   * Does something with a regular file.
   *
   * @param path its last part is not followed when it is a link
   * @returns undefined where there is no such regular file, and nothing was done
   */
  withFile<T>(path: string, work: (file: HeldFile) => T): T | undefined {
    const handle = unlessAbsent(() => openSync(path, O_PATH | flags.O_NOFOLLOW));
    if (handle === undefined) return undefined;
    try {
      const stats = fstatSync(handle);
      return stats.isFile() ? work(this.#held(stats, this.#hasProcfs ? `/proc/self/fd/${handle}` : path)) : undefined;
    } finally {
      closeSync(handle);
    }
  }

  /** Whether the file system of a folder keeps user attributes. Nothing is written to find that out. */
  areKeptIn(folder: string): boolean {
    try {
      this.#get(folder, 'user.hits');
      return true;
    } catch (error) {
      if (hasErrno(error, 'ENOTSUP', 'EOPNOTSUPP')) return false;
      // Whoever may not read the folder cannot tell.
      if (hasErrno(error, 'EACCES', 'EPERM')) return true;
      throw error;
    }
  }

  #held(stats: Stats, way: string): HeldFile {
    return {
      stats,
      get: (name) => this.#get(way, name),
      set: (name, value) => asSystemCall('setxattr', () => this.#xattr.setAttributeSync(way, name, value)),
      remove: (name) => asSystemCall('removexattr', () => this.#xattr.removeAttributeSync(way, name)),
      tryWriting: () => {
        const noFollow = this.#hasProcfs ? 0 : flags.O_NOFOLLOW;
        closeSync(openSync(way, flags.O_WRONLY | flags.O_NONBLOCK | noFollow));
      },
      setTimes: (accessedSec, modifiedSec) => utimesSync(way, accessedSec, modifiedSec),
    };
  }

  #get(way: string, name: string): Buffer | undefined {
    return asSystemCall('getxattr', () => this.#xattr.getAttributeSync(way, name));
  }
}

/**
 * Loads the package.
 *
 * @throws ConfigError CONFIG_DRIVER where it is not installed, or its addon does not work here
 */
export async function loadUserAttributes(): Promise<UserAttributes> {
  try {
    return new UserAttributes(await import('fs-xattr'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') throw unusable('is not installed', error);
    if (code === 'ERR_DLOPEN_FAILED') throw unusable('was built for another system or another Node', error);
    throw error;
  }
}

function unusable(state: string, cause: unknown): ConfigError {
  return new ConfigError(
    'CONFIG_DRIVER',
    `Cannot use image_cache_driver "xattr": the optional package fs-xattr, which reads attributes of files, ${state}`,
    {
      hint:
        'Its build needs Python, make and a C++ compiler: run "apt-get install python3 make g++", and then install ' +
        'glance-cache-tools again, as with "npm install --global --include=optional glance-cache-tools"; or let ' +
        'glance-api use the driver sqlite or centralized_db, which need no such package',
      details: { package: 'fs-xattr' },
      cause,
    },
  );
}

/**
 * What a call returns; undefined where there is no such attribute. The package's errors have a code and a positive number,
 * and a text that was written for another system.
 */
function asSystemCall<T>(syscall: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') throw error;
    if (error.errno === constants.errno.ENODATA) return undefined;
    const [name, text] = getSystemErrorMap().get(-error.errno) ?? ['UNKNOWN', 'failed'];
    const told = new Error(`${name}: ${text}, ${syscall}`, { cause: error });
    throw Object.assign(told, { code: name, errno: -error.errno, syscall });
  }
}
