/**
 * Images by name, tags and properties. All pages of both of Glance's lists are read: that of hidden images, and that of
 * the others.
 */
import { type ImageId, parseImageId } from '../cache/image-id.ts';
import { stringIn } from '../http/json.ts';
import type { AskOptions } from '../keystone/ask.ts';
import type { ImageQuery } from './glance.ts';
import type { Image } from './image.ts';
import { listImages } from './list-pages.ts';
import { listQuery, matchesQuery } from './list-query.ts';
import { parseImage } from './parse-image.ts';

/** The images that match, each once, in Glance's order. */
export async function findImages(
  options: AskOptions,
  query: ImageQuery,
  signal: AbortSignal,
): Promise<readonly Image[]> {
  const found = new Map<ImageId, Image>();
  for (const isHidden of [false, true]) {
    for await (const image of listImages(options, (marker) => listQuery(query, { isHidden, marker }), signal)) {
      const imageId = parseImageId(stringIn(image, 'id') ?? '');
      // What has another kind of ID is from before version 2, and no cache holds it.
      if (imageId !== undefined && matchesQuery(image, query)) found.set(imageId, parseImage(image, imageId));
    }
  }
  return [...found.values()];
}
