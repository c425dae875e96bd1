/**
 * What the rows of an index amount to: sums, and the rows that stand out. Pure, and one look at each row however many
 * there are; where two rows are alike in what is asked for, the smaller image ID stands for both.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { IndexRow } from '../cache/index/index-db.ts';
import { listCached } from './list.ts';

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

/** What rows amount to. What stands out is undefined where there is no row, or none that says anything about it. */
export interface RowSummary {
  readonly images: number;
  readonly sizeBytes: number;
  readonly hits: number;
  readonly leastRecent: ImageUse | undefined;
  readonly mostRecent: ImageUse | undefined;
  readonly largest: ImageSize | undefined;
}

/** A summary that grows row by row. */
export class GrowingSummary {
  #images = 0;
  #sizeBytes = 0;
  #hits = 0;
  #leastRecent: ImageUse | undefined;
  #mostRecent: ImageUse | undefined;
  #largest: ImageSize | undefined;

  /** Takes one more row into account. */
  add(row: IndexRow): void {
    const { imageId, sizeBytes } = row;
    this.#images += 1;
    this.#sizeBytes += sizeBytes;
    this.#hits += row.hits;
    const usedSec = lastUsedSec(row);
    if (usedSec !== undefined) {
      const least = this.#leastRecent;
      if (isBefore(usedSec, imageId, least?.usedSec, least?.imageId)) this.#leastRecent = { imageId, usedSec };
      const most = this.#mostRecent;
      if (isBefore(-usedSec, imageId, negated(most?.usedSec), most?.imageId)) this.#mostRecent = { imageId, usedSec };
    }
    const largest = this.#largest;
    if (isBefore(-sizeBytes, imageId, negated(largest?.sizeBytes), largest?.imageId)) {
      this.#largest = { imageId, sizeBytes };
    }
  }

  /** What the rows so far amount to. */
  get soFar(): RowSummary {
    return {
      images: this.#images,
      sizeBytes: this.#sizeBytes,
      hits: this.#hits,
      leastRecent: this.#leastRecent,
      mostRecent: this.#mostRecent,
      largest: this.#largest,
    };
  }
}

function negated(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}

/** Whether a candidate comes before what stands so far, or nothing does. */
function isBefore(value: number, imageId: string, best: number | undefined, bestId = ''): boolean {
  return best === undefined || value < best || (value === best && imageId < bestId);
}

/** When an image was used last, as far as its row knows; undefined where that has no time at all. */
function lastUsedSec({ lastAccessedSec, lastModifiedSec }: IndexRow): number | undefined {
  if (lastAccessedSec > 0) return lastAccessedSec;
  return lastModifiedSec > 0 ? lastModifiedSec : undefined;
}

/** What rows amount to. */
export function summarizeRows(rows: Iterable<IndexRow>): RowSummary {
  const summary = new GrowingSummary();
  for (const row of rows) summary.add(row);
  return summary.soFar;
}

/** What the cache of this node amounts to. */
export interface CacheStats {
  readonly total: RowSummary;
  /** Image files in the directory; looked at only when the index lists nothing, undefined otherwise. */
  readonly unlistedFiles: number | undefined;
}

/**
 * Sums up the cache, as the index has it.
 *
 * @throws CacheStateError, BusyError
 */
export async function cacheStats(access: CacheAccess): Promise<CacheStats> {
  const { rows, unlistedFiles } = await listCached(access);
  return { total: summarizeRows(rows), unlistedFiles };
}
