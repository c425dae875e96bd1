/**
 * Whether an image was queued that the last round has not seen.
 */
import { DiskDirectory } from '../../cache/disk-directory.ts';
import { HeldFolders } from '../../cache/held-folders.ts';
import type { CacheLayout } from '../../cache/layout.ts';
import type { FolderChanges } from './folder-changes.ts';

/** What is looked at. */
export interface QueueWatch {
  readonly layout: CacheLayout;
  /** Changes in the queue. */
  readonly changes: Pick<FolderChanges, 'next'>;
  /** When the last round began, epoch seconds. */
  readonly sinceSec: number;
}

/** File systems have the time of a moment ago. */
const COARSE_SEC = 0.1;

/**
 * Resolves when an image is queued that was not when the last round began. What that round could not fetch is no reason
 * for another one.
 *
 * @throws the signal's reason when it is aborted; CacheStateError
 */
export async function untilQueued({ layout, changes, sinceSec }: QueueWatch, signal: AbortSignal): Promise<string> {
  while (!isQueuedSince(layout, sinceSec - COARSE_SEC)) await changes.next(signal);
  return 'newly queued';
}

function isQueuedSince(layout: CacheLayout, sinceSec: number): boolean {
  const folders = new HeldFolders(layout.root);
  try {
    // Not the modification time, which says when it was its turn: that may be set.
    return new DiskDirectory(layout, folders).list('queue').files.some(({ facts }) => facts.changedSec >= sinceSec);
  } finally {
    folders.close();
  }
}
