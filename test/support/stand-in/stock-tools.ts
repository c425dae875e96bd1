/**
 * What glance-cache-pruner and glance-cache-cleaner of Glance itself do to a cache directory (`prune` and `clean` of
 * glance/image_cache): without a lock, one image at a time.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import { deleteCachedImage, filesIn, unlinkIfPresent } from './glance-api.ts';
import { callIndex } from './glance-index.ts';

/** Removes images, the least recently used first, until the files beside the index fit. Returns their IDs. */
export function stockPrune(layout: CacheLayout, maxSizeBytes: number): readonly string[] {
  let totalBytes = filesIn(layout, 'cached').reduce((sum, path) => sum + sizeOf(path), 0);
  const removed: string[] = [];
  if (maxSizeBytes > totalBytes) return removed;
  for (;;) {
    const imageId = leastRecentlyUsed(layout);
    if (imageId === undefined || totalBytes <= maxSizeBytes) return removed;
    const sizeBytes = sizeOf(join(layout.root, imageId));
    // It would never end on an index that it is locked out of.
    if (deleteCachedImage(layout, imageId).result !== 'done') return removed;
    removed.push(imageId);
    totalBytes -= sizeBytes;
  }
}

function leastRecentlyUsed(layout: CacheLayout): string | undefined {
  const found: string[] = [];
  callIndex(layout, (index) => {
    const [row] = index.all('SELECT image_id FROM cached_images ORDER BY last_accessed LIMIT 1');
    if (row !== undefined) found.push(String(row['image_id']));
  });
  return found[0];
}

/** Removes everything from `invalid/`, and from `incomplete/` what was not written to since. Returns how many files. */
export function stockClean(layout: CacheLayout, stallTimeSec: number, nowSec: number): number {
  const invalid = filesIn(layout, 'invalid');
  const stalled = filesIn(layout, 'incomplete').filter((path) => {
    const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    return modifiedMs / 1000 < nowSec - stallTimeSec;
  });
  for (const path of [...invalid, ...stalled]) unlinkIfPresent(path);
  return invalid.length + stalled.length;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
