/**
 * An image out of what Glance answers. Nonsense is refused here, so that nothing behind has to look twice.
 */
import { type ImageId, parseImageId } from '../cache/image-id.ts';
import { RemoteError } from '../errors/cache-error.ts';
import { isJsonObject } from '../http/json.ts';
import type { Image } from './image.ts';
import { digestOf } from './image-digest.ts';

/**
 * Reads an image.
 *
 * @param value JSON of an image
 * @param asked the ID that was asked for
 * @throws RemoteError REMOTE_ANSWER where it is no image, or another one
 */
export function parseImage(value: unknown, asked: ImageId): Image {
  if (!isJsonObject(value)) throw nonsense(asked, 'is no image');
  const { id, name, status, size } = value;
  // An image may have been given an ID in capitals.
  if (typeof id !== 'string' || parseImageId(id) !== asked) throw nonsense(asked, 'is about another image');
  if (typeof status !== 'string' || status === '') throw nonsense(asked, 'has no status');
  return {
    imageId: asked,
    name: typeof name === 'string' ? name : undefined,
    status,
    sizeBytes: sizeOf(asked, size),
    digest: digestOf(value),
  };
}

function sizeOf(imageId: ImageId, size: unknown): number | undefined {
  if (size === undefined || size === null) return undefined;
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw nonsense(imageId, 'has a size that is no number of bytes');
}

function nonsense(imageId: ImageId, state: string): RemoteError {
  return new RemoteError('REMOTE_ANSWER', `Cannot read what Glance says about image ${imageId}: the answer ${state}`, {
    hint: 'Check that the endpoint is that of Glance, and look at what is in front of it: openstack catalog show image',
    details: { image_id: imageId },
  });
}
