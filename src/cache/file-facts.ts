/**
 * What the toolkit remembers of a file between looking and acting. A fact that changed in between means that somebody
 * else is at work there, and the action is given up.
 */
import type { Stats } from 'node:fs';

/** The facts of one regular file. Times are epoch seconds with fraction. */
export interface FileFacts {
  readonly device: number;
  readonly inode: number;
  readonly sizeBytes: number;
  /** What removing the file gives back to the file system: sparse and hard-linked files give less than their size. */
  readonly reclaimableBytes: number;
  readonly accessedSec: number;
  readonly modifiedSec: number;
  /** When name, owner, links or content last changed; unlike the modification time nobody can set it back. */
  readonly changedSec: number;
}

const STAT_BLOCK_BYTES = 512;

/** The facts in a `stat` of a regular file. */
export function fileFacts(stats: Stats): FileFacts {
  return {
    device: stats.dev,
    inode: stats.ino,
    sizeBytes: stats.size,
    reclaimableBytes: stats.nlink > 1 ? 0 : stats.blocks * STAT_BLOCK_BYTES,
    accessedSec: stats.atimeMs / 1000,
    modifiedSec: stats.mtimeMs / 1000,
    changedSec: stats.ctimeMs / 1000,
  };
}

/**
 * Whether two looks saw the same file with the same content. Being read in between makes no difference, nor does being
 * moved away and put back, which changes the change time.
 */
export function isSameFile(before: FileFacts, after: FileFacts): boolean {
  return (
    before.device === after.device &&
    before.inode === after.inode &&
    before.sizeBytes === after.sizeBytes &&
    before.modifiedSec === after.modifiedSec
  );
}
