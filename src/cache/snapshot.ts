/**
 * One look at the cached images: the directory and the index side by side, as plain data for the planners.
 */
import type { CacheFile, Directory, FileSystemSpace, ForeignEntry } from './directory.ts';
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
  const imageRows = rows.filter(isImageRow);
  return {
    takenSec: nowSec,
    images: meet(listing.files.toSorted(byImageId), imageRows.sort(byImageId)),
    indexHasRows: imageRows.length > 0,
    foreignRows: rows.flatMap((row) => (isImageRow(row) ? [] : row.imageId)),
    foreign: listing.foreign,
    space: directory.space(),
  };
}

type ImageRow = IndexRow & { readonly imageId: ImageId };

function isImageRow(row: IndexRow): row is ImageRow {
  return isImageId(row.imageId);
}

function byImageId(a: { readonly imageId: ImageId }, b: { readonly imageId: ImageId }): number {
  return a.imageId < b.imageId ? -1 : Number(a.imageId > b.imageId);
}

/**
 * Files and rows side by side. Both are in order, so that no table of all of them is needed. A damaged index may have an
 * image twice: then the last row counts.
 */
function meet(files: readonly CacheFile[], rows: readonly ImageRow[]): readonly CachedImage[] {
  const images: CachedImage[] = [];
  let place = 0;
  for (const [rowPlace, row] of rows.entries()) {
    if (rows[rowPlace + 1]?.imageId === row.imageId) continue;
    let file = files[place];
    for (; file !== undefined && file.imageId < row.imageId; file = files[++place]) images.push(rowless(file));
    const hasFile = file?.imageId === row.imageId;
    images.push({ imageId: row.imageId, file: hasFile ? file?.facts : undefined, row });
    if (hasFile) place++;
  }
  for (const file of files.slice(place)) images.push(rowless(file));
  return images;
}

function rowless({ imageId, facts }: CacheFile): CachedImage {
  return { imageId, file: facts, row: undefined };
}
