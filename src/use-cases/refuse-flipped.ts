/**
 * The refusal to conclude anything from an index that looks given up.
 */
import type { CacheAccess } from '../cache/access.ts';
import { unenteredImages } from '../cache/prefetch/parts.ts';
import type { CacheSnapshot } from '../cache/snapshot.ts';
import { CacheStateError } from '../errors/cache-error.ts';
import { isFlipped } from '../plan/grace.ts';

/**
 * Refuses a cache whose index has no rows although the directory has had images for a while, unless a prefetch was
 * killed before it had entered its own.
 *
 * @param verb what is refused: "prune"
 * @throws CacheStateError INDEX_FLIPPED
 */
export async function refuseFlipped(access: CacheAccess, verb: string, snapshot: CacheSnapshot): Promise<void> {
  if (!isFlipped(snapshot)) return;
  if (!isFlipped(snapshot, unenteredImages(access.parts.list()))) return;
  const { root } = access.layout;
  const { state, check } = await access.index.describeGivenUp();
  const images = snapshot.images.filter(({ file }) => file !== undefined).length;
  throw new CacheStateError(
    'INDEX_FLIPPED',
    `Cannot ${verb} ${JSON.stringify(root)}: ${state}, yet the directory holds ${images === 1 ? 'an image' : `${images} images`}`,
    {
      hint: `${check}. If the driver is ${access.index.name} and the index was lost, "glance-cache-manage verify --repair" enters the images into a new one`,
      details: { root, driver: access.index.name, images },
    },
  );
}
