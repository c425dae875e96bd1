import { DiskDirectory } from '../../cache/disk-directory.ts';
import type { CacheLayout } from '../../cache/layout.ts';

/** Whether anything is queued: without, nobody has to log in anywhere. */
export function isAnythingQueued(layout: CacheLayout): boolean {
  return new DiskDirectory(layout).list('queue').files.length > 0;
}
