/**
 * Which nodes hold an image.
 */

import type { ImageId } from '../../cache/image-id.ts';
import type { Fleet, FleetRow } from '../../cache/index/centralized/fleet.ts';

/** An image and the nodes whose caches have it. */
export interface HeldImage {
  readonly imageId: ImageId;
  /** One row for each node, ordered by node; none where no node holds it. */
  readonly copies: readonly FleetRow[];
}

/**
 * Looks up images, each of them once, in the order given.
 *
 * @param signal ends the search between two images with its reason
 * @throws as the fleet does
 */
export async function findHolders(
  fleet: Fleet,
  imageIds: readonly ImageId[],
  signal: AbortSignal,
): Promise<readonly HeldImage[]> {
  const found: HeldImage[] = [];
  for (const imageId of new Set(imageIds)) {
    signal.throwIfAborted();
    found.push({ imageId, copies: await fleet.rows(imageId) });
  }
  return found;
}
