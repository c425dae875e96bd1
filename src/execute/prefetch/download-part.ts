/**
 * Fills a part from Glance over HTTP. A cut answer is gone on with where it was cut; a server that cannot do that starts
 * over.
 */

import { IntegrityError, RemoteError } from '../../errors/cache-error.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import type { ImageBytes } from '../../glance/glance.ts';
import type { Image } from '../../glance/image.ts';
import type { RetryBudget } from '../../http/with-retries.ts';
import { httpSource } from '../transfer/http-source.ts';
import type { FetchPorts } from './fetch-ports.ts';
import { type WorkingPart, wrongSize } from './working-part.ts';

/** A download. */
export interface Download {
  readonly ports: FetchPorts;
  readonly image: Image;
  readonly part: WorkingPart;
  /** Bounds how often in a row it may fail. */
  readonly budget: RetryBudget;
}

/** Worth beginning the count of failures anew: a connection that brings a byte at a time is none. */
const PROGRESS_BYTES = 1024 * 1024;

/**
 * Downloads what a part lacks.
 *
 * @throws NotFoundError, AuthError, RemoteError once the tries are used up; IntegrityError INTEGRITY_SIZE,
 *   INTEGRITY_UNVERIFIABLE; CacheStateError; the signal's reason. The part keeps what came
 */
export async function downloadPart(download: Download): Promise<void> {
  const { part, budget, image } = download;
  const ends = new CleanEnds(image);
  while (image.sizeBytes === undefined || part.lengthBytes < image.sizeBytes) {
    const beforeBytes = part.lengthBytes;
    try {
      await downloadOnce(download);
      if (image.sizeBytes === undefined) return;
      ends.check(part.lengthBytes);
    } catch (error) {
      // Only the end of the answer was lost.
      if (error instanceof RemoteError && part.lengthBytes === image.sizeBytes) return;
      if (part.lengthBytes - beforeBytes >= PROGRESS_BYTES) budget.progressed();
      await budget.failed(error);
    }
  }
}

async function downloadOnce({ ports, image, part }: Download): Promise<void> {
  // glance-api fails over any Range where it knows no size.
  const offsetBytes = image.sizeBytes === undefined ? undefined : part.lengthBytes;
  const answer = await ports.glance.download(image.imageId, offsetBytes, ports.signal);
  const source = httpSource(answer.chunks);
  try {
    checkTotal(image, answer);
    if (answer.offsetBytes !== part.lengthBytes) await part.restart();
    await part.append(source);
    if (image.sizeBytes === undefined) checkUnknownSize(image, answer, part.lengthBytes);
  } finally {
    await source.close();
  }
}

/** Another length than Glance has told is another image, or a broken one: nothing of it is worth reading. */
function checkTotal({ imageId, sizeBytes }: Image, { totalBytes }: ImageBytes): void {
  if (sizeBytes !== undefined && totalBytes !== undefined && totalBytes !== sizeBytes) {
    throw wrongSize(imageId, sizeBytes, totalBytes);
  }
}

/** Without a size, a hash or the length of the answer nobody can tell a whole image from a cut one. */
function checkUnknownSize({ imageId, digest }: Image, { totalBytes }: ImageBytes, lengthBytes: number): void {
  if (totalBytes !== undefined && totalBytes !== lengthBytes) throw wrongSize(imageId, totalBytes, lengthBytes);
  if (digest !== undefined || totalBytes !== undefined) return;
  throw new IntegrityError(
    'INTEGRITY_UNVERIFIABLE',
    `Cannot verify image ${imageId}: Glance knows neither its size nor a checksum, and does not tell the length of its download`,
    {
      hint: `Upload the image again, so that Glance reckons its size and checksum, or take it out of the queue: glance-cache-manage delete-queued-image ${imageId}`,
      details: { image_id: imageId },
    },
  );
}

/**
 * Answers that ended as they should and yet were short. glance-api ends a download that it cannot go on with like that,
 * so the first time it counts as a cut; the second time at the same place it is all there is.
 */
class CleanEnds {
  readonly #image: Image;
  #lastBytes: number | undefined;

  constructor(image: Image) {
    this.#image = image;
  }

  check(lengthBytes: number): void {
    const { imageId, sizeBytes } = this.#image;
    if (sizeBytes === undefined || lengthBytes === sizeBytes) return;
    if (lengthBytes === this.#lastBytes) throw wrongSize(imageId, sizeBytes, lengthBytes);
    this.#lastBytes = lengthBytes;
    throw new RemoteError(
      'REMOTE_CUT',
      `Cannot download image ${imageId}: the answer ended after ${lengthBytes} of ${sizeBytes} B`,
      { isTransient: true, hint: `Look at the log of glance-api; the next run goes on from there: ${THIS_COMMAND}` },
    );
  }
}
