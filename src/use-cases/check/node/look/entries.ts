/**
 * What lies in a folder, with owners and modes: the directory of the cache does not tell of those.
 */
import { lstatSync, opendirSync, type Stats } from 'node:fs';
import { listFolder } from '../../../../cache/list-folder.ts';
import { hasErrno, unlessAbsent } from '../../../../errors/errno.ts';

/** An entry of a folder; a link is told of, not what it leads to. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly stats: Stats;
}

/** The entries one by one; none where the folder is missing, is none, or may not be listed. */
export function* entriesIn(folder: string): Iterable<Entry> {
  // A link in place of a folder leads elsewhere.
  if (lookAt(folder)?.isDirectory() !== true) return;
  try {
    for (const { name } of listFolder(folder)) {
      const path = `${folder}/${name}`;
      const stats = lookAt(path);
      if (stats !== undefined) yield { name, path, stats };
    }
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  }
}

/** What is there, a link itself; undefined where there is nothing, or where it may not be looked at. */
export function lookAt(path: string): Stats | undefined {
  try {
    return unlessAbsent(() => lstatSync(path, { throwIfNoEntry: false }));
  } catch (error) {
    if (hasErrno(error, 'EACCES')) return undefined;
    throw error;
  }
}

/** Whether a folder may be listed, and what is in it looked at; a missing one holds nothing that is hidden. */
export function isOpen(folder: string): boolean {
  try {
    unlessAbsent(() => {
      opendirSync(folder).closeSync();
      lstatSync(`${folder}/.`);
    });
    return true;
  } catch (error) {
    if (hasErrno(error, 'EACCES')) return false;
    throw error;
  }
}
