/**
 * What fetching an image needs, for tests: a Glance that answers downloads as it is told, and hashes that are counted.
 * The parts are real.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { Parts } from '../../src/cache/prefetch/parts.ts';
import { RemoteError } from '../../src/errors/cache-error.ts';
import type { FetchPorts } from '../../src/execute/prefetch/fetch-ports.ts';
import { hashInline } from '../../src/execute/transfer/hash-inline.ts';
import type { Hasher } from '../../src/execute/transfer/hasher.ts';
import { UNLIMITED } from '../../src/execute/transfer/rate-limiter.ts';
import { RingPool } from '../../src/execute/transfer/ring-pool.ts';
import type { Glance, ImageBytes } from '../../src/glance/glance.ts';
import type { Image } from '../../src/glance/image.ts';
import { FakeClock } from './clocks.ts';
import { imageIdOf } from './seeded-cache.ts';
import { inPieces } from './transfers.ts';
import { NO_SIGNAL } from './transports.ts';

/** An image of these bytes, of which Glance knows all. */
export function imageOf(content: Uint8Array, more: Partial<Image> = {}): Image {
  const hex = createHash('sha512').update(content).digest('hex');
  const digest = { algorithm: 'sha512', hex };
  return {
    imageId: imageIdOf(1),
    name: 'debian',
    status: 'active',
    sizeBytes: content.length,
    digest,
    ...more,
  };
}

/** A connection that has ended; the next one may not. */
export function cut(): RemoteError {
  return new RemoteError('REMOTE_CUT', 'Cannot download: the connection ended', { isTransient: true });
}

/** How Glance answers a download. */
export interface DownloadAnswer {
  /** The most bytes that come; all there are unless given. */
  readonly sentBytes?: number | undefined;
  /** What comes after them instead of the end. */
  readonly error?: unknown;
  /** Whether it begins at the start, wherever it was to begin. */
  readonly isWhole?: boolean | undefined;
  /** The length of the whole image, if it is told. */
  readonly totalBytes?: number | undefined;
  /** The bytes of the image, if not those that it should have. */
  readonly content?: Uint8Array | undefined;
  /** Called when all has been sent, before the end. */
  readonly onSent?: () => void;
}

/** Answers downloads, with the whole rest of the image unless told otherwise. */
export class ScriptedGlance implements Glance {
  readonly #content: Uint8Array;
  readonly #answers: (DownloadAnswer | Error)[];
  /** Where downloads were to begin, in order; undefined where all was asked for. */
  readonly offsets: (number | undefined)[] = [];
  /** Answers that nobody has given up or read to their end. */
  openAnswers = 0;

  /** @param answers an error is one instead of an answer */
  constructor(content: Uint8Array, answers: readonly (DownloadAnswer | Error)[] = []) {
    this.#content = content;
    this.#answers = [...answers];
  }

  async download(_imageId: string, offsetBytes: number | undefined, signal: AbortSignal): Promise<ImageBytes> {
    signal.throwIfAborted();
    this.offsets.push(offsetBytes);
    const answer = this.#answers.shift() ?? {};
    if (answer instanceof Error) throw answer;
    const startBytes = answer.isWhole === true ? 0 : (offsetBytes ?? 0);
    this.openAnswers++;
    return {
      offsetBytes: startBytes,
      totalBytes: answer.totalBytes,
      md5: undefined,
      chunks: this.#chunks(answer, startBytes),
    };
  }

  image(): Promise<never> {
    return Promise.reject(new Error('Nothing is to be asked but bytes'));
  }

  lookUp(): Promise<never> {
    return Promise.reject(new Error('Nobody is to look for images'));
  }

  find(): Promise<never> {
    return this.image();
  }

  isAdmin(): Promise<never> {
    return this.image();
  }

  #chunks({ content = this.#content, ...answer }: DownloadAnswer, startBytes: number): AsyncIterable<Uint8Array> {
    const sent = content.subarray(startBytes, startBytes + (answer.sentBytes ?? content.length));
    const pieces = inPieces(sent, [100, 1, 3000, 65_536]).values();
    let isOpen = true;
    const end = (): IteratorReturnResult<undefined> => {
      if (isOpen) this.openAnswers--;
      isOpen = false;
      return { done: true, value: undefined };
    };
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      const piece = pieces.next();
      if (piece.done !== true) return piece;
      answer.onSent?.();
      if (isOpen && 'error' in answer) {
        end();
        throw answer.error;
      }
      return end();
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: async () => end() }) };
  }
}

/** Makes hashers, and knows which of them were neither ended nor given up. */
export class CountedHashers {
  open = 0;

  readonly create: FetchPorts['createHasher'] = ({ algorithm }) => {
    const hasher = hashInline(algorithm);
    let isOpen = true;
    this.open++;
    const end = (): void => {
      if (isOpen) this.open--;
      isOpen = false;
    };
    return {
      update: (bytes) => (isOpen ? hasher.update(bytes) : Promise.reject(new Error('An update after the end'))),
      digest: () => hasher.digest().finally(end),
      close: async () => end(),
    } satisfies Hasher;
  };
}

/** Ports over real parts, with a clock that nobody waits for. */
export function fetchPortsOf(
  more: Partial<FetchPorts> & { readonly parts: Parts; readonly glance: Glance },
): FetchPorts {
  return {
    clock: new FakeClock(),
    random: () => 0,
    retries: 3,
    limiter: UNLIMITED,
    rings: new RingPool({ buffers: 2, bufferBytes: 1000 }),
    createHasher: new CountedHashers().create,
    signal: NO_SIGNAL,
    ...more,
  };
}

/** How many files this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
