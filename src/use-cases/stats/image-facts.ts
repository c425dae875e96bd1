/**
 * What the cached images amount to. Pure: a snapshot in, figures out, one look at each image. What counts is the files,
 * as for the pruner: a row without a file takes no space.
 */
import type { FileFacts } from '../../cache/file-facts.ts';
import type { IndexRow } from '../../cache/index/index-db.ts';
import type { CachedImage, CacheSnapshot } from '../../cache/snapshot.ts';
import type { CacheSize } from '../../plan/prune.ts';
import { rowFor } from '../../plan/reconcile.ts';
import { AgeHistogram, type AgeShare } from './age-histogram.ts';
import { ARRIVALS_SEC, type Arrivals } from './forecast.ts';
import { GrowingSummary, type RowSummary } from './row-summary.ts';

/** The figures of the cached images. */
export interface ImageFacts {
  readonly total: RowSummary;
  /** By last use; `never` are those that were not read once since they came. */
  readonly ages: readonly AgeShare[];
  /** Of the total, files that the index does not list. */
  readonly unlisted: CacheSize;
  /** Rows of images whose file is gone: they are not in the total. */
  readonly lostRows: number;
  readonly arrivals: Arrivals;
}

/** The figures of a snapshot. */
export function imageFacts({ images, takenSec }: CacheSnapshot): ImageFacts {
  const summary = new GrowingSummary();
  const ages = new AgeHistogram();
  const unlisted = { images: 0, bytes: 0 };
  const recent = { images: 0, bytes: 0 };
  let lostRows = 0;
  let firstSec = takenSec;
  for (const image of images) {
    if (image.file === undefined) {
      lostRows += 1;
      continue;
    }
    const row = rowOf(image, image.file);
    summary.add(row);
    ages.add(ageOf(image, row, takenSec), row.sizeBytes);
    if (image.row === undefined) addTo(unlisted, row);
    firstSec = Math.min(firstSec, row.lastModifiedSec);
    if (takenSec - row.lastModifiedSec < ARRIVALS_SEC) addTo(recent, row);
  }
  return { total: summary.soFar, ages: ages.shares, unlisted, lostRows, arrivals: { ...recent, firstSec, takenSec } };
}

/** The row of an image as it should be: the file knows its size best, and when it came where the row does not. */
function rowOf({ imageId, row }: CachedImage, file: FileFacts): IndexRow {
  if (row === undefined) return rowFor(imageId, file);
  if (row.sizeBytes === file.sizeBytes && row.lastModifiedSec > 0) return row;
  const lastModifiedSec = row.lastModifiedSec > 0 ? row.lastModifiedSec : file.modifiedSec;
  return { ...row, lastModifiedSec, sizeBytes: file.sizeBytes };
}

/**
 * How long ago an image was used, seconds; undefined where it never was. Glance enters the time it came as its last
 * access, so only hits tell of use. Of a file without a row nobody knows them: there the file's times count.
 */
function ageOf(image: CachedImage, row: IndexRow, takenSec: number): number | undefined {
  if (image.row !== undefined && row.hits === 0) return undefined;
  return takenSec - (row.lastAccessedSec > 0 ? row.lastAccessedSec : row.lastModifiedSec);
}

function addTo(size: { images: number; bytes: number }, { sizeBytes }: IndexRow): void {
  size.images += 1;
  size.bytes += sizeBytes;
}
