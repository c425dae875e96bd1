/**
 * The bytes of an image, from an offset on.
 */
import type { ImageId } from '../cache/image-id.ts';
import { RemoteError } from '../errors/cache-error.ts';
import type { HttpResponse } from '../http/transport.ts';
import type { Answer, AskOptions } from '../keystone/ask.ts';
import { askGlance } from './ask-glance.ts';
import type { ImageBytes } from './glance.ts';

/** A download. */
export interface Download {
  readonly imageId: ImageId;
  /** Where to begin; undefined asks for the image as a whole. */
  readonly startBytes: number | undefined;
  /** The error for an answer without bytes. */
  errorOf(answer: Answer): Promise<Error>;
}

// What Glance says to a Range where the store cannot begin in the middle, and where the image ends before the offset,
// as an empty one does.
const RANGE_REFUSED = [400, 416];

/**
 * Begins a download. Not tried again here. Where Glance cannot begin at the offset it is asked for all of it.
 *
 * A Range is asked for even from the start: glance-api passes such a download by its cache. Else the one on this very
 * node would write the same image into the same cache at the same time.
 */
export async function openDownload(options: AskOptions, download: Download, signal: AbortSignal): Promise<ImageBytes> {
  const { imageId, startBytes } = download;
  const question = {
    path: `/images/${imageId}/file`,
    headers: startBytes === undefined ? {} : { range: `bytes=${startBytes}-` },
    read: async (answer: Answer) => {
      const { response } = answer;
      if (startBytes === undefined || !RANGE_REFUSED.includes(response.status)) return readBytes(answer, download);
      response.discard();
      return undefined;
    },
  };
  const bytes = await askGlance({ ...options, retries: 0 }, question, signal);
  return bytes ?? openDownload(options, { ...download, startBytes: startBytes === 0 ? undefined : 0 }, signal);
}

async function readBytes(answer: Answer, { imageId, startBytes = 0, errorOf }: Download): Promise<ImageBytes> {
  const { response } = answer;
  if (response.status !== 200 && response.status !== 206) {
    if (response.status !== 204) throw await errorOf(answer);
    response.discard();
    throw new RemoteError('REMOTE_STATUS', `Cannot download image ${imageId}: Glance has no data of it (HTTP 204)`, {
      hint: `Its store has lost it, or nothing has been uploaded yet: openstack image show ${imageId}`,
      details: { image_id: imageId, status: 204 },
    });
  }
  const md5 = response.header('content-md5');
  return {
    ...(response.status === 206 ? partOf(response, imageId, startBytes) : wholeOf(response)),
    // Hexadecimal, although HTTP wants base64 there.
    md5: md5 !== undefined && /^[0-9a-f]{32}$/i.test(md5) ? md5.toLowerCase() : undefined,
    chunks: chunksOf(response),
  };
}

function wholeOf(response: HttpResponse): Pick<ImageBytes, 'offsetBytes' | 'totalBytes'> {
  return { offsetBytes: 0, totalBytes: sizeIn(response.header('content-length')) };
}

/** Bytes from anywhere else than where they were asked for would be put into the wrong place. */
function partOf(
  response: HttpResponse,
  imageId: ImageId,
  startBytes: number,
): Pick<ImageBytes, 'offsetBytes' | 'totalBytes'> {
  const header = response.header('content-range') ?? '';
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header) ?? [];
  const totalBytes = sizeIn(total);
  const lastBytes = sizeIn(last);
  const isWithin = lastBytes !== undefined && lastBytes >= startBytes && lastBytes < (totalBytes ?? Infinity);
  if (sizeIn(first) === startBytes && isWithin) return { offsetBytes: startBytes, totalBytes };
  response.discard();
  throw new RemoteError(
    'REMOTE_ANSWER',
    `Cannot download image ${imageId}: asked for its bytes from ${startBytes} on, Glance sends others`,
    {
      hint: 'Look at what is in front of Glance, as its answer to a request with a Range does not fit: openstack catalog show image',
      details: { image_id: imageId, offset: startBytes },
    },
  );
}

function sizeIn(text: string | undefined): number | undefined {
  const size = text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  return size !== undefined && Number.isSafeInteger(size) ? size : undefined;
}

/** The chunks of a body. Whoever gives them up, even before the first one, gives up the connection. */
function chunksOf(response: HttpResponse): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = response.bytes()[Symbol.asyncIterator]();
      return {
        next: () => chunks.next(),
        return: async () => {
          response.discard();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
