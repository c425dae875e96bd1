/**
 * Ways to the folders of a cache that are safe from being swapped. Where others than the owner may write to the folder
 * above, one of them could put a link in place of `invalid/` between a look and an unlink, and have files of the same
 * names removed elsewhere: Glance's own store is full of them. There a folder is opened once, without following a link,
 * and reached through what was opened: openat(2), which Node does not have, by way of procfs. Everywhere else only the
 * owner could do that, whose rights the run has: names are enough.
 */
import { closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasErrno } from '../errors/errno.ts';
import { notAFolder } from './not-a-folder.ts';

const WRITABLE_BY_GROUP_AND_OTHERS = 0o022;

/** Linux's flag for a handle that only stands for a place, which takes no right to read it. Node has no name for it. */
export const O_PATH = 0o10000000;

/** The folders of one cache. What is opened stays open, and the ways are good, until they are closed. */
export class HeldFolders {
  readonly #root: string;
  readonly #ways = new Map<string, string>();
  readonly #handles: number[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The path by which a folder is to be reached.
   *
   * @param folder the cache directory, or one below it
   * @throws CacheStateError CACHE_DIR where others may write and something else is in place of it; a system error, such
   *   as ENOENT where it is missing
   */
  wayTo(folder: string): string {
    if (folder === this.#root) return folder;
    const known = this.#ways.get(folder);
    if (known !== undefined) return known;
    const above = this.wayTo(dirname(folder));
    const path = join(above, basename(folder));
    const way = (statSync(above).mode & WRITABLE_BY_GROUP_AND_OTHERS) === 0 ? path : this.#hold(folder, path);
    this.#ways.set(folder, way);
    return way;
  }

  /** Lets go of all folders. A way that is asked for afterwards is found anew, and held again. */
  close(): void {
    this.#ways.clear();
    for (const handle of this.#handles.splice(0)) closeSync(handle);
  }

  #hold(folder: string, path: string): string {
    let handle: number;
    try {
      handle = openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    } catch (error) {
      throw hasErrno(error, 'ENOTDIR', 'ELOOP') ? notAFolder(folder) : error;
    }
    const way = `/proc/self/fd/${handle}`;
    if (existsSync(way)) {
      this.#handles.push(handle);
      return way;
    }
    // Without procfs names have to do.
    closeSync(handle);
    return path;
  }
}
