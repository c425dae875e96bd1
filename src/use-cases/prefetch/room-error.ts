import { CacheStateError } from '../../errors/cache-error.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import type { Image } from '../../glance/image.ts';
import type { Room, RoomLimits } from '../../plan/room.ts';

/** The error of an image for which there is no room: which bound it breaks, and by how much. */
export function roomError(
  { imageId, sizeBytes = 0 }: Image,
  room: Exclude<Room, { readonly kind: 'fits' | 'run-limit' }>,
  limits: RoomLimits,
): CacheStateError {
  const { lackingBytes } = room;
  const what = `Cannot fetch image ${imageId} of ${sizeBytes} B`;
  const details = { image_id: imageId, size: sizeBytes, lacking_bytes: lackingBytes };
  if (room.kind === 'too-large' && limits.pinnedBytes > 0) {
    return new CacheStateError(
      'CACHE_CAPACITY',
      `${what}: it is ${lackingBytes} B larger than what pinned images leave of the cache ` +
        `(image_cache_max_size is ${limits.maxSizeBytes} B, ${limits.pinnedBytes} B of it are pinned)`,
      {
        hint: 'See what is pinned with "glance-cache-manage list-pinned", and unpin some of it, or raise image_cache_max_size',
        details: { ...details, pinned_bytes: limits.pinnedBytes },
      },
    );
  }
  if (room.kind === 'too-large') {
    return new CacheStateError(
      'CACHE_CAPACITY',
      `${what}: it is ${lackingBytes} B larger than the whole cache may be (image_cache_max_size is ${limits.maxSizeBytes} B)`,
      {
        hint: `Raise the maximum, as in image_cache_max_size = ${sizeBytes}, or take the image out of the queue: glance-cache-manage delete-queued-image ${imageId}`,
        details,
      },
    );
  }
  const reserve = limits.minFreeBytes === 0 ? '' : `, as ${limits.minFreeBytes} B are to stay free (min_free)`;
  return new CacheStateError(
    'CACHE_CAPACITY',
    `${what}: ${lackingBytes} B are missing on the file system of the cache${reserve}`,
    {
      hint: `Make room elsewhere on that file system, or with "sudo glance-cache-pruner --min-free ${limits.minFreeBytes + sizeBytes}", then run it again: ${THIS_COMMAND}`,
      details,
    },
  );
}
