/**
 * A part while it grows: the file, and the hash of all that is in it. Both always tell of the same bytes.
 */

import type { PartFile } from '../../cache/prefetch/parts.ts';
import { CacheStateError, IntegrityError } from '../../errors/cache-error.ts';
import { shellWord } from '../../errors/next-step.ts';
import type { Image } from '../../glance/image.ts';
import type { ByteSource } from '../transfer/byte-source.ts';
import { openFileSource } from '../transfer/file-source.ts';
import type { Hasher } from '../transfer/hasher.ts';
import { pump, type Transfer } from '../transfer/pump.ts';
import { UNLIMITED } from '../transfer/rate-limiter.ts';
import type { FetchPorts } from './fetch-ports.ts';

/** How a part may grow. */
export interface Growth {
  /** The most bytes the whole part may have. */
  readonly maxBytes: number;
  /** Is told the length of the part, bytes, whenever it changes. */
  readonly onLength: (atBytes: number) => void;
}

/** What a part is made with. */
export interface PartRequest {
  readonly ports: FetchPorts;
  readonly image: Image;
  readonly growth: Growth;
}

/** One part that is being filled. */
export class WorkingPart {
  readonly #request: PartRequest;
  readonly #file: PartFile;
  #hasher: Hasher | undefined;
  #lengthBytes = 0;

  private constructor(request: PartRequest, file: PartFile) {
    this.#request = request;
    this.#file = file;
  }

  /**
   * Opens the part of an image.
   *
   * @param keepBytes how much of what is there is kept and hashed again; the rest is cut off
   * @throws IntegrityError INTEGRITY_UNVERIFIABLE; CacheStateError; the signal's reason
   */
  static async open(request: PartRequest, keepBytes: number): Promise<WorkingPart> {
    const { ports, image } = request;
    const file = await ports.parts.open(image.imageId);
    const part = new WorkingPart(request, file);
    try {
      part.#hasher = part.#newHasher();
      request.growth.onLength(0);
      await file.truncate(keepBytes);
      await part.#hashAgain(keepBytes);
      return part;
    } catch (error) {
      await part.close();
      throw error;
    }
  }

  /** Bytes that are in the part, written and hashed. */
  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  /**
   * Adds what a source gives to the part, up to the source's end.
   *
   * @throws IntegrityError INTEGRITY_SIZE when there is more than the part may have; CacheStateError; errors of the
   *   source. The part has what came until then
   */
  async append(source: ByteSource): Promise<void> {
    const { limiter } = this.#request.ports;
    await this.#pump({ source, sink: this.#file, limiter });
  }

  /** Begins anew. */
  async restart(): Promise<void> {
    await this.#hasher?.close();
    await this.#file.truncate(0);
    this.#hasher = this.#newHasher();
    this.#lengthBytes = 0;
    this.#request.growth.onLength(0);
  }

  /**
   * Checks that the part is the image, and waits until it is on the disk.
   *
   * @throws IntegrityError INTEGRITY_HASH, INTEGRITY_SIZE; CacheStateError
   */
  async finish(): Promise<void> {
    const { imageId, sizeBytes, digest } = this.#request.image;
    if (sizeBytes !== undefined && sizeBytes !== this.#lengthBytes)
      throw wrongSize(imageId, sizeBytes, this.#lengthBytes);
    const hex = await this.#hasher?.digest();
    this.#hasher = undefined;
    if (digest !== undefined && hex !== digest.hex) {
      throw new IntegrityError(
        'INTEGRITY_HASH',
        `Cannot use the bytes of image ${imageId}: their ${digest.algorithm} is ${hex}, not ${digest.hex}`,
        {
          hint: `Look whether the image is damaged in the store of Glance: openstack image save --file /var/tmp/${imageId} ${imageId} && openssl dgst -${digest.algorithm} /var/tmp/${imageId}`,
          details: { image_id: imageId, algorithm: digest.algorithm, expected: digest.hex, found: hex },
        },
      );
    }
    await this.#file.sync();
  }

  /** Gives up the file and the hash; what is in the part stays. */
  async close(): Promise<void> {
    try {
      await this.#hasher?.close();
    } finally {
      await this.#file.close();
    }
  }

  #newHasher(): Hasher | undefined {
    const { ports, image } = this.#request;
    if (image.digest === undefined) return undefined;
    return ports.createHasher({ algorithm: image.digest.algorithm, sizeBytes: image.sizeBytes });
  }

  /** What is on the disk may be torn since it was written: only a hash over it can tell. */
  async #hashAgain(keepBytes: number): Promise<void> {
    const { ports, image } = this.#request;
    if (keepBytes === 0) return;
    const path = ports.parts.path(image.imageId);
    const source = await openFileSource(path);
    if (source === undefined) throw swappedPart(path);
    try {
      await this.#pump({ source, limiter: UNLIMITED });
    } finally {
      await source.close();
    }
  }

  async #pump(stream: Pick<Transfer, 'source' | 'sink' | 'limiter'>): Promise<void> {
    const { ports, growth } = this.#request;
    await pump({
      ...stream,
      hasher: this.#hasher,
      offsetBytes: this.#lengthBytes,
      maxBytes: growth.maxBytes - this.#lengthBytes,
      rings: ports.rings,
      signal: ports.signal,
      onBytes: (count) => {
        this.#lengthBytes += count;
        growth.onLength(this.#lengthBytes);
      },
    });
  }
}

/** A moment ago it was there, and opened for writing. */
function swappedPart(path: string): CacheStateError {
  return new CacheStateError(
    'CACHE_DIR',
    `Cannot read ${JSON.stringify(path)}: it is not the regular file that it was`,
    {
      hint: `Find out who else changes files in that folder, then run the command again: sudo fuser -v ${shellWord(path)}`,
      details: { path },
    },
  );
}

/** The error of bytes that are too few or too many. */
export function wrongSize(imageId: string, expectedBytes: number, foundBytes: number): IntegrityError {
  return new IntegrityError(
    'INTEGRITY_SIZE',
    `Cannot use the bytes of image ${imageId}: they are ${foundBytes} B, not ${expectedBytes} B`,
    {
      hint: `Look whether the image is damaged in the store of Glance: openstack image save --file /var/tmp/${imageId} ${imageId} && ls -l /var/tmp/${imageId}`,
      details: { image_id: imageId, expected: expectedBytes, found: foundBytes },
    },
  );
}
