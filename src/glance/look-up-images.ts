/**
 * What Glance tells of many images whose IDs are known, in few requests.
 */
import { type ImageId, parseImageId } from '../cache/image-id.ts';
import { type JsonObject, stringIn } from '../http/json.ts';
import type { AskOptions } from '../keystone/ask.ts';
import type { ListedImage } from './glance.ts';
import { listImages } from './list-pages.ts';
import { parseImage } from './parse-image.ts';

/**
 * IDs in one request. Web servers bound the first line of a request together with its headers, uWSGI to 4096 bytes: so
 * many IDs take about half of that, and a token of Keystone has room beside them.
 */
const IDS_A_REQUEST = 50;

/** More than are asked for, so that no page is ever full, and none has another behind it. */
const PAGE_SIZE = 2 * IDS_A_REQUEST;

/**
 * Those of the images that are listed, hidden ones and community images of others included.
 *
 * @throws AuthError; RemoteError; ConfigError CONFIG_ENDPOINT
 */
export async function lookUpImages(
  options: AskOptions,
  imageIds: readonly ImageId[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ImageId, ListedImage>> {
  const found = new Map<ImageId, ListedImage>();
  const wanted = new Set(imageIds);
  // A hidden image is in a list of its own, where few are: only who is in no other is looked for there.
  for (const isHidden of [false, true]) {
    const missing = [...wanted].filter((imageId) => !found.has(imageId));
    for (let from = 0; from < missing.length; from += IDS_A_REQUEST) {
      const some = missing.slice(from, from + IDS_A_REQUEST);
      for await (const image of listImages(options, (marker) => queryOf(some, { isHidden, marker }), signal)) {
        const imageId = parseImageId(stringIn(image, 'id') ?? '');
        // Whoever answers with all images there are has not understood the question: what was asked for is among them.
        if (imageId !== undefined && wanted.has(imageId)) found.set(imageId, listedImage(image, imageId));
      }
    }
  }
  return found;
}

function queryOf(
  imageIds: readonly ImageId[],
  { isHidden, marker }: { readonly isHidden: boolean; readonly marker: string | undefined },
): URLSearchParams {
  // Without a visibility Glance leaves community images of others out, even for an admin.
  const params = new URLSearchParams({ limit: `${PAGE_SIZE}`, visibility: 'all', id: `in:${imageIds.join(',')}` });
  if (isHidden) params.set('os_hidden', 'true');
  if (marker !== undefined) params.set('marker', marker);
  return params;
}

function listedImage(image: JsonObject, imageId: ImageId): ListedImage {
  const updatedSec = Date.parse(stringIn(image, 'updated_at') ?? '') / 1000;
  return { ...parseImage(image, imageId), updatedSec: Number.isNaN(updatedSec) ? undefined : updatedSec };
}
