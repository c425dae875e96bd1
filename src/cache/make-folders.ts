import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors/errno.ts';

/**
 * Creates a folder, and those above it, where they are missing. Node's own `recursive` says "no such file" of a
 * file system that is read-only.
 *
 * @param mode of every folder that is made
 */
export function makeFolders(path: string, mode: number): void {
  try {
    makeFolder(path, mode);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') || dirname(path) === path) throw error;
    makeFolders(dirname(path), mode);
    makeFolder(path, mode);
  }
}

function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Whatever is there, whoever uses it next will tell if it is no folder.
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
}
