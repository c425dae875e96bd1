/**
 * A Glance in memory, which has every image that is asked for but one, for prefetches that are killed or stopped.
 */
import { createHash } from 'node:crypto';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { ExpectedContent } from '../../src/cache/prefetch/journal.ts';
import type { Glance, ImageBytes } from '../../src/glance/glance.ts';
import type { Image } from '../../src/glance/image.ts';
import { contentOf } from '../support/seeded-cache.ts';

/** What Glance tells of the content of an image. */
export function contentTold(imageId: ImageId, size: number) {
  const digest = { algorithm: 'sha512', hex: createHash('sha512').update(contentOf(imageId, size)).digest('hex') };
  return { sizeBytes: size, digest } satisfies ExpectedContent;
}

const PIECE_BYTES = 700;

/** Such a Glance. */
export class MemoryGlance implements Glance {
  readonly #sizeBytes: number;
  readonly #notYet: ImageId;

  /**
   * @param sizeBytes of every image
   * @param notYet the image that is still being uploaded
   */
  constructor(sizeBytes: number, notYet: ImageId) {
    this.#sizeBytes = sizeBytes;
    this.#notYet = notYet;
  }

  async image(imageId: ImageId): Promise<Image> {
    const status = imageId === this.#notYet ? 'saving' : 'active';
    return { imageId, name: undefined, status, ...contentTold(imageId, this.#sizeBytes) };
  }

  async download(imageId: ImageId, offsetBytes = 0): Promise<ImageBytes> {
    const bytes = Buffer.from(contentOf(imageId, this.#sizeBytes)).subarray(offsetBytes);
    return { offsetBytes, totalBytes: this.#sizeBytes, md5: undefined, chunks: inPieces(bytes) };
  }

  async isAdmin(): Promise<boolean> {
    return true;
  }

  lookUp(): Promise<never> {
    return Promise.reject(new Error('Nobody is to look for images'));
  }

  find(): Promise<never> {
    return Promise.reject(new Error('Nobody is to look for images'));
  }
}

async function* inPieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
