/**
 * The refusal to conclude anything from an index that looks given up.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { CacheSnapshot } from '../cache/snapshot.ts';
import { CacheStateError } from '../errors/cache-error.ts';
import { isFlipped } from '../plan/grace.ts';

/** The first thing to do about an index without rows beside images. */
export const CHECK_DRIVER =
  'Check image_cache_driver in glance-api.conf: since release 2024.1 its default is centralized_db, which empties this index';

/**
 * Refuses a cache whose index has no rows although the directory has had images for a while.
 *
 * @param verb what is refused: "prune"
 * @throws CacheStateError INDEX_FLIPPED
 */
export function refuseFlipped(access: CacheAccess, verb: string, snapshot: CacheSnapshot): void {
  if (!isFlipped(snapshot)) return;
  const { root, index } = access.layout;
  const images = snapshot.images.filter(({ file }) => file !== undefined).length;
  const state = access.hasIndex() ? 'has no rows' : 'is missing';
  throw new CacheStateError(
    'INDEX_FLIPPED',
    `Cannot ${verb} ${JSON.stringify(root)}: the index ${JSON.stringify(index)} ${state}, yet the directory holds ${images === 1 ? 'an image' : `${images} images`}`,
    {
      hint: `${CHECK_DRIVER}. If the driver is sqlite and the index was lost, "glance-cache-manage verify --repair" enters the images into a new one`,
      details: { root, index, images },
    },
  );
}
