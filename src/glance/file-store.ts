/**
 * Glance's file store, where it is mounted on this machine: an image is a file named by its ID in one of the store's
 * directories.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '../errors/errno.ts';
import type { Image } from './image.ts';

/**
 * The file of an image in a store.
 *
 * @param folders the directories of all file stores, preferred first
 * @returns its path; undefined where there is no regular file of the right size, or none that can be looked at: then the
 *   image is downloaded
 */
export function findInStore(folders: readonly string[], { imageId, sizeBytes }: Image): string | undefined {
  return folders
    .map((folder) => join(folder, imageId))
    .find((path) => {
      const facts = lookAt(path);
      return facts?.isFile() === true && (sizeBytes === undefined || facts.size === sizeBytes);
    });
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A store that this user may not look into, or that is not mounted, is none.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
