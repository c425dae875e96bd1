/**
 * Lists of images, page by page, as Glance gives them.
 */
import { RemoteError } from '../errors/cache-error.ts';
import { type JsonObject, objectsIn, parseJsonObject, stringIn } from '../http/json.ts';
import type { AskOptions } from '../keystone/ask.ts';
import { errorOfAnswer } from './answer-errors.ts';
import { askGlance } from './ask-glance.ts';

/** A page of a list. */
interface Page {
  readonly images: readonly JsonObject[];
  /** The last image of the page, where there are more behind it. */
  readonly marker: string | undefined;
}

/**
 * The images of all pages of a list.
 *
 * @param queryOf the query of a page; `marker` is the last image seen
 * @throws AuthError; RemoteError; ConfigError CONFIG_ENDPOINT
 */
export async function* listImages(
  options: AskOptions,
  queryOf: (marker: string | undefined) => URLSearchParams,
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  const seen = new Set<string>();
  let marker: string | undefined;
  do {
    const page: Page = await readPage(options, queryOf(marker), signal);
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
    hint: 'Look at what is in front of Glance, which may answer every request in the same way: openstack catalog show image',
  });
}
