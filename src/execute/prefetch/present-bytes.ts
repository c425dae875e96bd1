import { isSameContent } from '../../cache/prefetch/journal.ts';
import type { Parts } from '../../cache/prefetch/parts.ts';
import type { Image } from '../../glance/image.ts';

/**
 * What an earlier run has left of an image, as far as it can be gone on with: a part whose journal tells the same
 * content as Glance does now.
 *
 * @returns bytes; 0 where it is begun anew
 */
export function presentBytes(parts: Parts, image: Image): number {
  const part = parts.look(image.imageId);
  const journal = parts.journal(image.imageId);
  if (part === undefined || journal === undefined || !isSameContent(journal.content, image)) return 0;
  // Without a size it cannot be gone on with: glance-api fails over any Range then.
  return part.sizeBytes <= (image.sizeBytes ?? 0) ? part.sizeBytes : 0;
}
