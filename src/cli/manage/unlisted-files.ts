/**
 * An index that lists nothing beside image files: the driver may have been flipped, and whoever looks at the cache is to
 * know.
 */
import { countOf } from '../../text/amounts.ts';
import type { Call } from '../program.ts';

/**
 * Tells of image files that the index does not list.
 *
 * @param unlistedFiles how many; undefined where nobody has counted them
 */
export async function tellUnlisted({ invocation }: Call, unlistedFiles = 0): Promise<void> {
  if (unlistedFiles === 0) return;
  const files = countOf(unlistedFiles, 'image file');
  await invocation.stderr.write(
    `The index lists nothing, yet the directory holds ${files}: check image_cache_driver, or see "glance-cache-pruner --dry-run"\n`,
  );
}
