/**
 * Asking the database that all nodes share.
 */
import type { Fleet } from '../../cache/index/centralized/fleet.ts';
import { CacheError } from '../../errors/cache-error.ts';

/**
 * Opens the fleet, asks it, and closes it. A connection may be lost between two questions: then all of them are asked
 * again with a new one, once.
 *
 * @param read asks; what it does beside that may happen twice
 * @throws what opening and asking throw
 */
export async function readFleet<T>(open: () => Promise<Fleet>, read: (fleet: Fleet) => Promise<T>): Promise<T> {
  try {
    return await readOnce(open, read);
  } catch (error) {
    if (!(error instanceof CacheError) || error.code !== 'INDEX_IO') throw error;
    return readOnce(open, read);
  }
}

async function readOnce<T>(open: () => Promise<Fleet>, read: (fleet: Fleet) => Promise<T>): Promise<T> {
  const fleet = await open();
  try {
    return await read(fleet);
  } finally {
    fleet.close();
  }
}
