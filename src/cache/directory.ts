/**
 * The file system port: everything that is done to the files of a cache goes through here. No link is ever followed
 * below the cache directory, and only names that are image IDs become paths (queue markers of the stock tool excepted,
 * which were listed here before).
 */
import type { FileFacts } from './file-facts.ts';
import type { ImageId } from './image-id.ts';
import type { Area } from './layout.ts';

/** What a directory entry is when it is no image; `lock` is one of Glance's lock files. */
export type ForeignKind = 'file' | 'folder' | 'link' | 'lock' | 'other';

/** A directory entry that is none of the cache's: reported, never counted, never deleted. */
export interface ForeignEntry {
  readonly area: Area | 'prefetch';
  /** As the file system spells it; of bytes that are no UTF-8 see `listFolder`. For reading only. */
  readonly name: string;
  readonly kind: ForeignKind;
}

/** A regular file of the cache. */
export interface CacheFile {
  readonly imageId: ImageId;
  /** The name on disk: the image ID, but in the queue any spelling of it that the stock tool accepted. */
  readonly name: string;
  readonly facts: FileFacts;
}

/** One look at one folder. */
export interface AreaListing {
  readonly files: readonly CacheFile[];
  readonly foreign: readonly ForeignEntry[];
}

/** Space of the file system that holds the cache. */
export interface FileSystemSpace {
  readonly totalBytes: number;
  /** Free for unprivileged users, so without the reserve of root. */
  readonly availableBytes: number;
}

/** The files of one cache. Errors are {@link CacheError}s that name the path and the cause. */
export interface Directory {
  /** Whether the cache directory is there at all. */
  exists(): boolean;
  /** What is in one folder now; a missing folder is empty. */
  list(area: Area): AreaListing;
  /** The facts of one file now; undefined where there is no such regular file. */
  look(area: Area, name: string): FileFacts | undefined;
  /** Creates the cache directory and its folders where they are missing, as Glance does. */
  ensureFolders(): void;
  /** Takes an image out of the cache in one step: it lies in `invalid/` afterwards. */
  retire(imageId: ImageId): void;
  /** Takes a {@link retire} back, unless somebody has put an image in its place meanwhile. */
  restore(imageId: ImageId): void;
  /** Removes one file; one that is gone already is fine. */
  unlink(area: Area, name: string): void;
  /**
   * Creates an empty queue marker.
   *
   * @param queuedSec its modification time, which is its place in the queue; epoch seconds
   * @returns false when one is there already
   */
  createMarker(imageId: ImageId, queuedSec: number): boolean;
  /** Space of the file system, asked once per call. */
  space(): FileSystemSpace;
}
