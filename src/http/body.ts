/**
 * The body of an answer: as text, which is bounded in size and time, or chunk by chunk, which is not.
 */
import type { Readable } from 'node:stream';
import { type Attempt, type Failure, fromNetwork, remoteError, stalled } from './errors.ts';
import type { ReadBuffers } from './read-buffers.ts';

/** How much of a body is taken as text. */
export interface TextBounds {
  /** Longer answers of a success are an error. */
  readonly maxBytes: number;
  /** As much as is looked at of other answers. */
  readonly maxErrorBytes: number;
  /** Until the body must be complete; what drips never stalls. */
  readonly maxSec: number;
}

/** The bounds of all answers: a catalog has kilobytes, a page of images a megabyte. */
export const TEXT_BOUNDS: Omit<TextBounds, 'maxSec'> = { maxBytes: 8 * 1024 * 1024, maxErrorBytes: 64 * 1024 };

/** Where a body comes from. */
export interface BodyOrigin {
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  /** The memory its chunks may lie in. */
  readonly readBuffers: ReadBuffers;
}

/** One body. */
export class Body {
  readonly #stream: Readable;
  readonly #origin: BodyOrigin;

  /** @param stream undici's, destroyed with the signal's reason when that is aborted */
  constructor(stream: Readable, origin: BodyOrigin) {
    this.#stream = stream;
    this.#origin = origin;
    // A stream that is given up emits an error which nobody waits for.
    stream.on('error', () => {});
  }

  /**
   * The body in UTF-8.
   *
   * @param isSuccess whether all of it is wanted, not only its beginning
   */
  async text(isSuccess: boolean, bounds: TextBounds): Promise<string> {
    // Decoded as it comes: the bytes of a long list would be held beside its text.
    const decoder = new TextDecoder();
    let text = '';
    const maxBytes = isSuccess ? bounds.maxBytes : bounds.maxErrorBytes;
    let leftBytes = maxBytes;
    const giveUp = () => this.#stream.destroy(remoteError(stalled('the answer takes too long'), this.#origin.attempt));
    const timer = setTimeout(giveUp, bounds.maxSec * 1000);
    try {
      for await (const chunk of this.#chunks()) {
        if (isSuccess && chunk.length > leftBytes) throw remoteError(tooLong(maxBytes), this.#origin.attempt);
        text += decoder.decode(chunk.subarray(0, leftBytes), { stream: true });
        leftBytes -= chunk.length;
        this.#origin.readBuffers.giveBack(chunk);
        if (leftBytes <= 0 && !isSuccess) break;
      }
    } finally {
      clearTimeout(timer);
    }
    return text + decoder.decode();
  }

  /**
   * The body as it comes. A chunk is good until the next one is asked for. Whoever ends the loop early gives the rest
   * up.
   */
  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.#chunks()) {
      yield chunk;
      this.#origin.readBuffers.giveBack(chunk);
    }
  }

  /** Gives the body up, and the connection, unless all of it has come. */
  discard(): void {
    this.#stream.destroy();
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const chunks: AsyncIterable<Uint8Array> = this.#stream;
      for await (const chunk of chunks) yield chunk;
    } catch (error) {
      this.#origin.signal.throwIfAborted();
      throw fromNetwork(error, this.#origin.attempt, 'body');
    }
  }
}

function tooLong(maxBytes: number): Failure {
  return {
    code: 'REMOTE_ANSWER',
    state: `the answer is longer than ${maxBytes} bytes`,
    hint: 'Check the URL: it may be that of something else than Keystone or Glance',
    isTransient: false,
  };
}
