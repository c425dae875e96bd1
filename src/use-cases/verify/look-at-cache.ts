/**
 * One look at everything but the bytes of images. An index that is damaged is no reason to look away: what can still be
 * read of it counts.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { CacheFile } from '../../cache/directory.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { IndexDb, IndexHealth } from '../../cache/index/index-db.ts';
import { NO_INDEX } from '../../cache/index/no-index.ts';
import { unenteredImages } from '../../cache/prefetch/parts.ts';
import { type CacheSnapshot, readSnapshot } from '../../cache/snapshot.ts';
import { CacheError } from '../../errors/cache-error.ts';

/** What was seen. */
export interface Look {
  readonly snapshot: CacheSnapshot;
  readonly health: IndexHealth;
  readonly queue: readonly CacheFile[];
  /** What a killed prefetch may have published and not entered. */
  readonly unentered: ReadonlySet<ImageId>;
}

/**
 * Looks at a cache. A missing cache directory is an empty cache.
 *
 * @throws CacheStateError, but INDEX_CORRUPT; BusyError
 */
export async function lookAtCache(access: CacheAccess): Promise<Look> {
  const queue = access.directory.list('queue').files;
  const unentered = unenteredImages(access.parts.list());
  try {
    const index = await access.index.open(false);
    try {
      return { ...(await lookThroughIndex(access, index)), queue, unentered };
    } finally {
      index.close();
    }
  } catch (error) {
    const health = { damage: damageOf(error), oddRows: new Set<string>() };
    return { snapshot: await snapshotOf(access, NO_INDEX), health, queue, unentered };
  }
}

async function lookThroughIndex(access: CacheAccess, index: IndexDb): Promise<Omit<Look, 'queue' | 'unentered'>> {
  let health: IndexHealth;
  try {
    health = await index.check();
  } catch (error) {
    health = { damage: damageOf(error), oddRows: new Set() };
  }
  // Pages that hold no row of the list may be all that is damaged: then hits and times live on.
  return { health, snapshot: await snapshotOf(access, index) };
}

function snapshotOf({ directory, clock }: CacheAccess, index: IndexDb): Promise<CacheSnapshot> {
  return readSnapshot(directory, index, clock.nowSec());
}

/** What SQLite says of a damaged index; any other error is thrown on. */
function damageOf(error: unknown): string {
  if (!(error instanceof CacheError) || error.code !== 'INDEX_CORRUPT') throw error;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
