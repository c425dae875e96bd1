/**
 * Images by name, tags and properties. All pages of both of Glance's lists are read: that of hidden images, and that of
 * the others.
 */
import { type ImageId, parseImageId } from '../cache/image-id.ts';
import { RemoteError } from '../errors/cache-error.ts';
import { type JsonObject, objectsIn, parseJsonObject, stringIn } from '../http/json.ts';
import type { AskOptions } from '../keystone/ask.ts';
import { errorOfAnswer } from './answer-errors.ts';
import { askGlance } from './ask-glance.ts';
import type { ImageQuery } from './glance.ts';
import type { Image } from './image.ts';
import { listQuery, matchesQuery } from './list-query.ts';
import { parseImage } from './parse-image.ts';

/** A page of a list. */
interface Page {
  readonly images: readonly JsonObject[];
  /** The last image of the page, where there are more behind it. */
  readonly marker: string | undefined;
}

/** The images that match, each once, in Glance's order. */
export async function findImages(
  options: AskOptions,
  query: ImageQuery,
  signal: AbortSignal,
): Promise<readonly Image[]> {
  const found = new Map<ImageId, Image>();
  for (const isHidden of [false, true]) {
    for await (const image of listImages(options, { query, isHidden }, signal)) {
      const imageId = parseImageId(stringIn(image, 'id') ?? '');
      // What has another kind of ID is from before version 2, and no cache holds it.
      if (imageId !== undefined && matchesQuery(image, query)) found.set(imageId, parseImage(image, imageId));
    }
  }
  return [...found.values()];
}

async function* listImages(
  options: AskOptions,
  { query, isHidden }: { readonly query: ImageQuery; readonly isHidden: boolean },
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  const seen = new Set<string>();
  let marker: string | undefined;
  do {
    const page: Page = await readPage(options, listQuery(query, { isHidden, marker }), signal);
    yield* page.images;
    marker = page.marker;
    if (marker !== undefined && seen.has(marker)) throw unreadable('its pages lead back to one that was read');
    if (marker !== undefined) seen.add(marker);
  } while (marker !== undefined);
}

function readPage(options: AskOptions, params: URLSearchParams, signal: AbortSignal): Promise<Page> {
  const what = 'list the images of Glance';
  return askGlance(
    options,
    {
      path: `/images?${params.toString()}`,
      headers: { accept: 'application/json' },
      read: async (answer) => {
        if (answer.response.status !== 200) throw await errorOfAnswer(answer, what);
        const page = parseJsonObject(await answer.response.text(), what);
        if (!Array.isArray(page['images'])) throw unreadable('the answer holds no images');
        return { images: objectsIn(page, 'images'), marker: markerIn(page) };
      },
    },
    signal,
  );
}

/**
 * Of the link to the next page only the place counts. The rest of it is Glance's idea of this query, which leaves all
 * but one of the tags out, and a link is no reason to send a token anywhere else.
 */
function markerIn(page: JsonObject): string | undefined {
  const next = stringIn(page, 'next');
  if (next === undefined || !URL.canParse(next, 'http://glance')) return undefined;
  return new URL(next, 'http://glance').searchParams.get('marker') ?? undefined;
}

function unreadable(state: string): RemoteError {
  return new RemoteError('REMOTE_ANSWER', `Cannot list the images of Glance: ${state}`, {
    hint: 'Look at what is in front of Glance: it may answer every request in the same way',
  });
}
