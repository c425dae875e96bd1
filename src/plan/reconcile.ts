/**
 * Brings index and directory together: what must change in the index so that both tell the same.
 */
import type { FileFacts } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { IndexRow } from '../cache/index/index-db.ts';
import type { CachedImage, CacheSnapshot } from '../cache/snapshot.ts';
import type { AdoptFile, CorrectSize, DropRow } from './action.ts';
import { isSettled } from './grace.ts';
import { lastUsedSec } from './last-used.ts';

/** A change that only mends the index. */
export type Reconciliation = AdoptFile | DropRow | CorrectSize;

/** What mends the index for one image, if anything has to. Pure. */
export function reconcile(image: CachedImage, snapshot: CacheSnapshot): Reconciliation | undefined {
  const { imageId, file, row } = image;
  if (file === undefined || row === undefined) {
    if (!isSettled(image, snapshot.takenSec)) return undefined;
    if (file === undefined) return { kind: 'drop-row', imageId };
    return { kind: 'adopt-file', imageId, file, row: rowFor(imageId, file) };
  }
  if (row.sizeBytes === file.sizeBytes) return undefined;
  return { kind: 'correct-size', imageId, file, recordedBytes: row.sizeBytes };
}

/** The row of a file that has none. */
export function rowFor(imageId: ImageId, file: FileFacts): IndexRow {
  return {
    imageId,
    lastAccessedSec: lastUsedSec(file, undefined),
    lastModifiedSec: file.modifiedSec,
    sizeBytes: file.sizeBytes,
    hits: 0,
  };
}
