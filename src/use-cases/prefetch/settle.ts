/**
 * Ends an image's stay in the queue, and what an earlier run has left of it.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { WantedImage } from '../../plan/prefetch.ts';

/** Drops the markers of an image, and its part with the journal: nothing more is to be fetched. */
export function settle(access: CacheAccess, wanted: WantedImage): void {
  access.parts.remove(wanted.imageId);
  unqueue(access, wanted);
}

/** Drops the markers of an image, and nothing else. */
export function unqueue({ directory }: CacheAccess, { markers }: WantedImage): void {
  for (const name of markers) directory.unlink('queue', name);
}
