/**
 * The cache directory on a real disk. The process has taken the rights of the directory's owner before it comes here,
 * so that a link planted in the cache leads nowhere that Glance could not go.
 */
import {
  closeSync,
  constants,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  statfsSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { hasErrno, unlessAbsent } from '../errors/errno.ts';
import { fromErrno, onPath } from '../errors/from-errno.ts';
import type { AreaListing, CacheFile, Directory, FileSystemSpace, ForeignEntry, ForeignKind } from './directory.ts';
import { type FileFacts, fileFacts } from './file-facts.ts';
import { HeldFolders } from './held-folders.ts';
import { type ImageId, isImageId, parseImageId } from './image-id.ts';
import { type Area, type CacheLayout, SUB_AREAS } from './layout.ts';
import { type FolderEntry, listFolder } from './list-folder.ts';
import type { GlanceLock } from './locks/glance-lock.ts';
import { makeFolders } from './make-folders.ts';
import { notAFolder } from './not-a-folder.ts';
import { FILE_MODE, FOLDER_MODE } from './own-modes.ts';

/** What oslo.concurrency leaves in the cache directory where `lock_path` is not set; glance-api makes them anew. */
export const GLANCE_LOCK_FILES: ReadonlySet<string> = new Set<GlanceLock | 'image_cache_db_init'>([
  'glance-cache',
  'glance-cache-clean',
  'glance-cache-prune',
  'image_cache_db_init',
  'sqlite_centralized_migrate',
]);

const NO_ENTRY_IS_FINE = { throwIfNoEntry: false } as const;

/** {@link Directory} on the file system. */
export class DiskDirectory implements Directory {
  readonly #layout: CacheLayout;
  readonly #folders: HeldFolders;

  /** @param folders who closes them decides for how long they are held; for as long as the process lives unless given */
  constructor(layout: CacheLayout, folders = new HeldFolders(layout.root)) {
    this.#layout = layout;
    this.#folders = folders;
  }

  exists(): boolean {
    return this.#isFolder('cached');
  }

  list(area: Area): AreaListing {
    const files: CacheFile[] = [];
    const foreign: ForeignEntry[] = [];
    if (!this.#isFolder(area)) return { files, foreign };
    const folder = this.#layout.areas[area];
    onPath('list', folder, () => {
      for (const entry of listFolder(this.#folders.wayTo(folder))) {
        const imageId = area === 'queue' ? parseImageId(entry.name) : isImageId(entry.name) ? entry.name : undefined;
        if (imageId === undefined || !entry.isFile()) {
          if (!this.#isOwnFurniture(area, entry)) foreign.push({ area, name: entry.name, kind: kindOf(entry) });
          continue;
        }
        const facts = this.look(area, entry.name);
        if (facts !== undefined) files.push({ imageId, name: entry.name, facts });
      }
    });
    // As the disk lists them, no two reports were alike.
    foreign.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { files, foreign };
  }

  look(area: Area, name: string): FileFacts | undefined {
    try {
      const stats = unlessAbsent(() => lstatSync(this.#reach(area, name), NO_ENTRY_IS_FINE));
      return stats?.isFile() === true ? fileFacts(stats) : undefined;
    } catch (error) {
      throw fromErrno('look at', this.#path(area, name), error);
    }
  }

  ensureFolders(): void {
    const { root, areas } = this.#layout;
    onPath('create', root, () => makeFolders(root, FOLDER_MODE));
    for (const area of SUB_AREAS) {
      if (!this.#isFolder(area)) onPath('create', areas[area], () => makeFolders(areas[area], FOLDER_MODE));
    }
  }

  retire(imageId: ImageId): void {
    try {
      renameSync(this.#reach('cached', imageId), this.#reach('invalid', imageId));
    } catch (error) {
      throw fromErrno('remove', this.#path('cached', imageId), error);
    }
  }

  restore(imageId: ImageId): void {
    const path = this.#path('cached', imageId);
    onPath('put back', path, () => {
      const retired = this.#reach('invalid', imageId);
      try {
        // Not a rename: it would replace an image that glance-api has cached again in the meantime.
        linkSync(retired, path);
      } catch (error) {
        if (hasErrno(error, 'EPERM', 'ENOTSUP', 'EMLINK') && this.look('cached', imageId) === undefined) {
          // No hard links here: the moment between the look and this is the price.
          renameSync(retired, path);
        } else if (!hasErrno(error, 'EEXIST', 'ENOENT')) throw error;
      }
      unlessAbsent(() => unlinkSync(retired));
    });
  }

  unlink(area: Area, name: string): void {
    try {
      unlessAbsent(() => unlinkSync(this.#reach(area, name)));
    } catch (error) {
      throw fromErrno('remove', this.#path(area, name), error);
    }
  }

  createMarker(imageId: ImageId, queuedSec: number): boolean {
    const path = this.#path('queue', imageId);
    return onPath('create', path, () => {
      try {
        const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
        const handle = openSync(this.#reach('queue', imageId), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, FILE_MODE);
        try {
          futimesSync(handle, queuedSec, queuedSec);
        } finally {
          closeSync(handle);
        }
        return true;
      } catch (error) {
        if (hasErrno(error, 'EEXIST')) return false;
        throw error;
      }
    });
  }

  space(): FileSystemSpace {
    return onPath('look at', this.#layout.root, () => {
      let path = this.#layout.root;
      // A directory that is still missing will lie on the file system of the one above it.
      while (lstatSync(path, { throwIfNoEntry: false }) === undefined) path = dirname(path);
      const { blocks, bavail, bsize } = statfsSync(path);
      return { totalBytes: blocks * bsize, availableBytes: bavail * bsize };
    });
  }

  /** The path for people. Made when there is something to say: it would cost as much as the system call itself. */
  #path(area: Area, name: string): string {
    return join(this.#layout.areas[area], name);
  }

  /** The path for system calls. A name without a slash needs nothing of what `join` does, which takes a microsecond. */
  #reach(area: Area, name: string): string {
    return `${this.#folders.wayTo(this.#layout.areas[area])}/${name}`;
  }

  /** What the toolkit and Glance themselves keep beside the images is not worth a word in any report. */
  #isOwnFurniture(area: Area, entry: FolderEntry): boolean {
    if (area !== 'cached') return false;
    const path = join(this.#layout.root, entry.name);
    if (entry.isDirectory()) return path === this.#layout.tools || SUB_AREAS.some((sub) => sub === entry.name);
    // An index that lies elsewhere may be linked here.
    if (path === this.#layout.index) return entry.isFile() || entry.isSymbolicLink();
    return entry.isFile() && path === `${this.#layout.index}-journal`;
  }

  #isFolder(area: Area): boolean {
    const path = this.#layout.areas[area];
    const stats = onPath('look at', path, () => lstatSync(path, { throwIfNoEntry: false }));
    if (stats === undefined) return false;
    if (stats.isDirectory()) return true;
    throw notAFolder(path);
  }
}

function kindOf(entry: FolderEntry): ForeignKind {
  if (entry.isFile()) return GLANCE_LOCK_FILES.has(entry.name) ? 'lock' : 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
