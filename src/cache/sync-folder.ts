import { constants, promises } from 'node:fs';
import { fromErrno } from '../errors/from-errno.ts';

/**
 * Waits until the names in a folder are on the disk.
 *
 * @throws CacheStateError that names the folder
 */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await promises.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fromErrno('sync', path, error);
  }
}
