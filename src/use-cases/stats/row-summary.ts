/**
 * What the rows of an index amount to: sums, and the rows that stand out. Pure, and one look at each row however many
 * there are; where two rows are alike in what is asked for, the smaller image ID stands for both.
 */
import type { IndexRow } from '../../cache/index/index-db.ts';

/** An image and when it was used. */
export interface ImageUse {
  readonly imageId: string;
  /** Epoch seconds: the last access, or for an image that was never read, when it came into the cache. */
  readonly usedSec: number;
}

/** An image and its size. */
export interface ImageSize {
  readonly imageId: string;
  readonly sizeBytes: number;
}

/** An image and how often it was read from the cache. */
export interface ImageHits {
  readonly imageId: string;
  readonly hits: number;
  /** As in {@link ImageUse}; undefined where the row has no time at all. */
  readonly usedSec: number | undefined;
}

/** What rows amount to. What stands out is undefined where there is no row, or none that says anything about it. */
export interface RowSummary {
  readonly images: number;
  readonly sizeBytes: number;
  readonly hits: number;
  readonly leastRecent: ImageUse | undefined;
  readonly mostRecent: ImageUse | undefined;
  readonly largest: ImageSize | undefined;
  /** The one with most hits, of several the one used last; undefined where none has any. */
  readonly mostUsed: ImageHits | undefined;
  /** The one with the fewest hits, of several the one that was not used for longest. */
  readonly leastUsed: ImageHits | undefined;
}

/** The row that comes first in some order, of those that were offered. */
class Foremost {
  row: IndexRow | undefined;
  #rank = 0;
  #tieBreak = 0;

  /** The lowest rank is first, then the lowest tie break, then the smaller image ID. */
  offer(row: IndexRow, rank: number, tieBreak = 0): void {
    if (this.row !== undefined) {
      const order = rank - this.#rank || tieBreak - this.#tieBreak || (row.imageId < this.row.imageId ? -1 : 1);
      if (order > 0) return;
    }
    this.row = row;
    this.#rank = rank;
    this.#tieBreak = tieBreak;
  }
}

/** A summary that grows row by row. */
export class GrowingSummary {
  #images = 0;
  #sizeBytes = 0;
  #hits = 0;
  readonly #leastRecent = new Foremost();
  readonly #mostRecent = new Foremost();
  readonly #largest = new Foremost();
  readonly #mostUsed = new Foremost();
  readonly #leastUsed = new Foremost();

  /** Takes one more row into account. */
  add(row: IndexRow): void {
    const { sizeBytes, hits } = row;
    this.#images += 1;
    this.#sizeBytes += sizeBytes;
    this.#hits += hits;
    const usedSec = rowUsedSec(row);
    if (usedSec !== undefined) {
      this.#leastRecent.offer(row, usedSec);
      this.#mostRecent.offer(row, -usedSec);
    }
    this.#largest.offer(row, -sizeBytes);
    if (hits > 0) this.#mostUsed.offer(row, -hits, -(usedSec ?? 0));
    this.#leastUsed.offer(row, hits, usedSec ?? 0);
  }

  /** What the rows so far amount to. */
  get soFar(): RowSummary {
    const largest = this.#largest.row;
    return {
      images: this.#images,
      sizeBytes: this.#sizeBytes,
      hits: this.#hits,
      leastRecent: useOf(this.#leastRecent.row),
      mostRecent: useOf(this.#mostRecent.row),
      largest: largest === undefined ? undefined : { imageId: largest.imageId, sizeBytes: largest.sizeBytes },
      mostUsed: hitsOf(this.#mostUsed.row),
      leastUsed: hitsOf(this.#leastUsed.row),
    };
  }
}

function useOf(row: IndexRow | undefined): ImageUse | undefined {
  const usedSec = row === undefined ? undefined : rowUsedSec(row);
  return row === undefined || usedSec === undefined ? undefined : { imageId: row.imageId, usedSec };
}

function hitsOf(row: IndexRow | undefined): ImageHits | undefined {
  return row === undefined ? undefined : { imageId: row.imageId, hits: row.hits, usedSec: rowUsedSec(row) };
}

/** When an image was used last, as far as its row knows, epoch seconds; undefined where that has no time at all. */
function rowUsedSec({ lastAccessedSec, lastModifiedSec }: IndexRow): number | undefined {
  if (lastAccessedSec > 0) return lastAccessedSec;
  return lastModifiedSec > 0 ? lastModifiedSec : undefined;
}

/** What rows amount to. */
export function summarizeRows(rows: Iterable<IndexRow>): RowSummary {
  const summary = new GrowingSummary();
  for (const row of rows) summary.add(row);
  return summary.soFar;
}
