/**
 * One look at the cached images: the directory and the index side by side, as plain data for the planners.
 */
import type { Directory, FileSystemSpace, ForeignEntry } from './directory.ts';
import type { FileFacts } from './file-facts.ts';
import { type ImageId, isImageId } from './image-id.ts';
import type { IndexDb, IndexRow } from './index/index-db.ts';

/** One image: its file, its row, or both. */
export interface CachedImage {
  readonly imageId: ImageId;
  readonly file: FileFacts | undefined;
  readonly row: IndexRow | undefined;
}

/** What the cache held at one moment. */
export interface CacheSnapshot {
  /** When the look began, epoch seconds. */
  readonly takenSec: number;
  /** Every image that has a file or a row, ordered by ID. */
  readonly images: readonly CachedImage[];
  /** Whether the index has a row of any image; a foreign one tells nothing about who keeps it. */
  readonly indexHasRows: boolean;
  /** IDs in the index that are no image IDs. */
  readonly foreignRows: readonly string[];
  /** Entries beside the images that are none of the cache's. */
  readonly foreign: readonly ForeignEntry[];
  readonly space: FileSystemSpace;
}

/**
 * Reads directory and index once.
 *
 * @param nowSec epoch seconds
 * @throws CacheStateError, BusyError
 */
export async function readSnapshot(directory: Directory, index: IndexDb, nowSec: number): Promise<CacheSnapshot> {
  const rows = await index.rows();
  const listing = directory.list('cached');
  const images = new Map<ImageId, CachedImage>();
  for (const { imageId, facts } of listing.files) images.set(imageId, { imageId, file: facts, row: undefined });
  const foreignRows: string[] = [];
  for (const row of rows) {
    const { imageId } = row;
    if (isImageId(imageId)) images.set(imageId, { imageId, file: images.get(imageId)?.file, row });
    else foreignRows.push(imageId);
  }
  return {
    takenSec: nowSec,
    images: [...images.values()].sort((a, b) => (a.imageId < b.imageId ? -1 : 1)),
    indexHasRows: rows.length > foreignRows.length,
    foreignRows,
    foreign: listing.foreign,
    space: directory.space(),
  };
}
