/**
 * Glance over version 2 of its API: https://docs.openstack.org/api-ref/image/v2/
 */
import type { ImageId } from '../cache/image-id.ts';
import { isJsonObject, parseJsonObject } from '../http/json.ts';
import type { Answer, AskOptions } from '../keystone/ask.ts';
import { errorOfAnswer, imageNotFound, notGlance } from './answer-errors.ts';
import { askGlance } from './ask-glance.ts';
import { findImages } from './find-images.ts';
import type { Glance, ImageBytes, ImageQuery, ListedImage } from './glance.ts';
import type { Image } from './image.ts';
import { lookUpImages } from './look-up-images.ts';
import { openDownload } from './open-download.ts';
import { parseImage } from './parse-image.ts';

/** A Glance that is asked over HTTP. Nothing is sent before the first question. */
export function createGlance(options: AskOptions): Glance {
  return new GlanceClient(options);
}

class GlanceClient implements Glance {
  readonly #options: AskOptions;
  #isGlance = false;

  constructor(options: AskOptions) {
    this.#options = options;
  }

  image(imageId: ImageId, signal: AbortSignal): Promise<Image> {
    const what = `get image ${imageId}`;
    return askGlance(
      this.#options,
      {
        path: `/images/${imageId}`,
        headers: { accept: 'application/json' },
        read: async (answer) => {
          if (answer.response.status !== 200) throw await this.#errorOf(answer, { imageId, what, signal });
          const image = parseImage(parseJsonObject(await answer.response.text(), what), imageId);
          this.#isGlance = true;
          return image;
        },
      },
      signal,
    );
  }

  find(query: ImageQuery, signal: AbortSignal): Promise<readonly Image[]> {
    return findImages(this.#options, query, signal);
  }

  lookUp(imageIds: readonly ImageId[], signal: AbortSignal): Promise<ReadonlyMap<ImageId, ListedImage>> {
    return lookUpImages(this.#options, imageIds, signal);
  }

  download(imageId: ImageId, offsetBytes: number | undefined, signal: AbortSignal): Promise<ImageBytes> {
    const what = `download image ${imageId}`;
    const errorOf = (answer: Answer) => this.#errorOf(answer, { imageId, what, signal });
    return openDownload(this.#options, { imageId, startBytes: offsetBytes, errorOf }, signal);
  }

  async isAdmin(signal: AbortSignal): Promise<boolean> {
    return (await this.#options.session.access(signal)).isAdmin;
  }

  async #errorOf(answer: Answer, asked: Asked): Promise<Error> {
    const { response } = answer;
    if (response.status !== 404 && response.status !== 410) return errorOfAnswer(answer, asked.what);
    // Read to its end, it leaves the connection for the next question; what it says counts for nothing.
    await response.text().catch(() => undefined);
    return (await this.#comesFromGlance(asked.signal))
      ? imageNotFound(asked.imageId, answer)
      : notGlance(answer.access.imageEndpoint, { what: asked.what, status: response.status });
  }

  /**
   * Any web server, Keystone too, says 404 to a path that it does not know. To take that for the end of an image would
   * empty the queue over a wrong endpoint; so unless an image was told before, it is seen whether there are images.
   */
  async #comesFromGlance(signal: AbortSignal): Promise<boolean> {
    this.#isGlance ||= await this.#listsImages(signal);
    return this.#isGlance;
  }

  #listsImages(signal: AbortSignal): Promise<boolean> {
    const read = async (answer: Answer): Promise<boolean> => {
      const { response } = answer;
      if (response.status === 200) return Array.isArray(imagesIn(await response.text()));
      const isElsewhere = response.status === 300 || response.status === 404 || response.status === 410;
      if (!isElsewhere) throw await errorOfAnswer(answer, 'list the images of Glance');
      response.discard();
      return false;
    };
    return askGlance({ ...this.#options, retries: 0 }, { path: '/images?limit=1', read }, signal);
  }
}

/** An image that was asked for. */
interface Asked {
  readonly imageId: ImageId;
  /** What was attempted, such as `get image 71c6...`. */
  readonly what: string;
  readonly signal: AbortSignal;
}

function imagesIn(text: string): unknown {
  try {
    const page: unknown = JSON.parse(text);
    return isJsonObject(page) ? page['images'] : undefined;
  } catch {
    return undefined;
  }
}
