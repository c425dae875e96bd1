/**
 * Opens log files with the rights of the cache's owner, so that the file belongs to it, and with root's own only where
 * that owner cannot have planted a link on the way.
 */
import { closeSync, fstatSync, lstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors/errno.ts';
import type { OpenFile } from '../log/file-sink.ts';
import type { Rights } from './rights.ts';

/** How a run with these rights opens its log file. */
export function logFileOpener(rights: Rights): OpenFile {
  return (path, flags, mode) => {
    // A run that stays root does so on a cache of root; the folder of the log may be somebody else's all the same.
    if (rights.isRoot) return openOnlyName(path, flags, mode);
    try {
      return openSync(path, flags, mode);
    } catch (error) {
      if (!hasErrno(error, 'EACCES', 'EPERM') || !rights.hasSteppedDown) throw error;
      return rights.withOriginal(() => {
        if (!isOutOfReach(dirname(path), rights)) throw error;
        return openOnlyName(path, flags, mode);
      });
    }
  };
}

/** Whether the cache's owner can change neither a folder nor any one above it. */
function isOutOfReach(folder: string, rights: Rights): boolean {
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || rights.ownerMayChange(stats)) return false;
  return folder === dirname(folder) || isOutOfReach(dirname(folder), rights);
}

/** A second name may lie where others can write, and be of a file that is no log. */
function openOnlyName(path: string, flags: number, mode: number): number {
  const handle = openSync(path, flags, mode);
  if (fstatSync(handle).nlink === 1) return handle;
  closeSync(handle);
  throw Object.assign(new Error(`EPERM: operation not permitted, open '${path}'`), { code: 'EPERM', syscall: 'open' });
}
