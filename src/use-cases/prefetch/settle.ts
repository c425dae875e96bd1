/**
 * Ends an image's stay in the queue, and what an earlier run has left of it.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { WantedImage } from '../../plan/prefetch.ts';

/** Drops the markers of an image, and its part with the journal: nothing more is to be fetched. */
export function settle({ directory, parts }: CacheAccess, { imageId, markers }: WantedImage): void {
  parts.remove(imageId);
  for (const name of markers) directory.unlink('queue', name);
}
