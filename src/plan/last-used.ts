import type { FileFacts } from '../cache/file-facts.ts';
import type { IndexRow } from '../cache/index/index-db.ts';

/**
 * When an image was last used, epoch seconds. The index knows best; 0 there means "never read", so the time it came
 * into the cache counts. A file without a row has its own times: the access time is what is left of its use.
 */
export function lastUsedSec(file: FileFacts, row: IndexRow | undefined): number {
  if (row === undefined) return Math.max(file.accessedSec, file.modifiedSec);
  if (row.lastAccessedSec > 0) return row.lastAccessedSec;
  return row.lastModifiedSec > 0 ? row.lastModifiedSec : file.modifiedSec;
}
