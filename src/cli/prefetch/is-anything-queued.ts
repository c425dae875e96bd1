import { DiskDirectory } from '../../cache/disk-directory.ts';
import { HeldFolders } from '../../cache/held-folders.ts';
import type { CacheLayout } from '../../cache/layout.ts';

/** Whether anything is queued: without, nobody has to log in anywhere. */
export function isAnythingQueued(layout: CacheLayout): boolean {
  const folders = new HeldFolders(layout.root);
  try {
    return new DiskDirectory(layout, folders).list('queue').files.length > 0;
  } finally {
    folders.close();
  }
}
