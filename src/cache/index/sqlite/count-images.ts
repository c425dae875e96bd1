/**
 * A look at the index of the `sqlite` driver by another one, which only wants to know whether somebody keeps it.
 */
import { existsSync } from 'node:fs';
import { isImageId } from '../../image-id.ts';
import type { CacheLayout } from '../../layout.ts';

/** How many images it lists, in words: "an image", "3 images"; undefined where there are none, or none can be read. */
export async function imagesInSqlite({ index }: CacheLayout): Promise<string | undefined> {
  const images = await countImages(index);
  return images === 0 ? undefined : images === 1 ? 'an image' : `${images} images`;
}

/** Whatever is wrong with it is no matter of whoever looks. */
async function countImages(path: string): Promise<number> {
  try {
    // Whoever opened it now would roll back what somebody is writing, or was killed at.
    if (existsSync(`${path}-journal`)) return 0;
    const { openConnection } = await import('../../../sqlite/connection.ts');
    const connection = openConnection(path, false);
    try {
      let images = 0;
      for (const [imageId] of connection.rows('SELECT image_id FROM cached_images')) {
        if (typeof imageId === 'string' && isImageId(imageId)) images++;
      }
      return images;
    } finally {
      connection.close();
    }
  } catch {
    return 0;
  }
}
