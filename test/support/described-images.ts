/**
 * A Glance that only describes images: what `verify` and the cleaner ask it for.
 */
import { createHash } from 'node:crypto';
import type { ImageId } from '../../src/cache/image-id.ts';
import { NotFoundError } from '../../src/errors/cache-error.ts';
import type { Glance, ListedImage } from '../../src/glance/glance.ts';
import type { Image } from '../../src/glance/image.ts';
import { contentOf } from './seeded-cache.ts';

/** An image as its content in a seeded cache asks for. */
export function describedImage(imageId: ImageId, size = 100, more: Partial<Image> = {}): Image {
  const hex = createHash('sha512').update(contentOf(imageId, size)).digest('hex');
  return { imageId, name: 'debian', status: 'active', sizeBytes: size, digest: { algorithm: 'sha512', hex }, ...more };
}

/**
 * A Glance that knows these images.
 *
 * @param images what it says about each; an error is thrown
 */
export function describingGlance(images: ReadonlyMap<string, Image | ListedImage | Error>, isAdmin = true): Glance {
  const refuse = (): Promise<never> => Promise.reject(new Error('Nothing is to be asked but descriptions'));
  return {
    image: async (imageId) => {
      const image = images.get(imageId) ?? new NotFoundError('NOT_FOUND_IMAGE', `Cannot find image ${imageId}`);
      if (image instanceof Error) throw image;
      return image;
    },
    isAdmin: async () => isAdmin,
    lookUp: async (imageIds) => {
      const listed = new Map<ImageId, ListedImage>();
      for (const imageId of imageIds) {
        const image = images.get(imageId);
        if (image !== undefined && !(image instanceof Error)) listed.set(imageId, { updatedSec: undefined, ...image });
      }
      return listed;
    },
    find: refuse,
    download: refuse,
  };
}
