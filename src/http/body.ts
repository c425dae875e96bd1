/**
 * The body of an answer: as text, which is bounded in size and time, or chunk by chunk, which is not.
 */
import type { Readable } from 'node:stream';
import { type Attempt, type Failure, fromNetwork, remoteError, stalled } from './errors.ts';

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

/** One body. */
export class Body {
  readonly #stream: Readable;
  readonly #attempt: Attempt;
  readonly #signal: AbortSignal;

  /** @param stream undici's, destroyed with the signal's reason when that is aborted */
  constructor(stream: Readable, attempt: Attempt, signal: AbortSignal) {
    this.#stream = stream;
    this.#attempt = attempt;
    this.#signal = signal;
    // A stream that is given up emits an error which nobody waits for.
    stream.on('error', () => {});
  }

  /**
   * The body in UTF-8.
   *
   * @param isSuccess whether all of it is wanted, not only its beginning
   */
  async text(isSuccess: boolean, bounds: TextBounds): Promise<string> {
    const chunks: Uint8Array[] = [];
    const maxBytes = isSuccess ? bounds.maxBytes : bounds.maxErrorBytes;
    let leftBytes = maxBytes;
    const giveUp = () => this.#stream.destroy(remoteError(stalled('the answer takes too long'), this.#attempt));
    const timer = setTimeout(giveUp, bounds.maxSec * 1000);
    try {
      for await (const chunk of this.bytes()) {
        if (isSuccess && chunk.length > leftBytes) throw remoteError(tooLong(maxBytes), this.#attempt);
        chunks.push(chunk.subarray(0, leftBytes));
        leftBytes -= chunk.length;
        if (leftBytes <= 0 && !isSuccess) break;
      }
    } finally {
      clearTimeout(timer);
    }
    return new TextDecoder().decode(Buffer.concat(chunks));
  }

  /** The body as it comes. Whoever ends the loop early gives the rest up. */
  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const chunks: AsyncIterable<Uint8Array> = this.#stream;
      for await (const chunk of chunks) yield chunk;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw fromNetwork(error, this.#attempt, 'body');
    }
  }

  /** Gives the body up, and the connection, unless all of it has come. */
  discard(): void {
    this.#stream.destroy();
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
