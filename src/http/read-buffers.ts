/**
 * The memory that plain connections read into. Left to itself Node takes 64 KiB of fresh memory for every read, and a
 * download of some GiB makes V8 look through its whole heap again and again, only to give them back: measured, a sixth
 * of all its work, and 20 MiB of memory. Here whoever has read some bytes gives their buffer back for the next read.
 */
import type { OnReadOpts, Socket } from 'node:net';

/** Four times what Node reads at once, so that there are fewer steps. Each connection has two or three of them. */
const BUFFER_BYTES = 256 * 1024;

/** More than are on their way at once; what is given back beyond that is left to V8. */
const MAX_FREE = 16;

/** The buffers of all connections of a transport. */
export class ReadBuffers {
  readonly #free: Uint8Array[] = [];
  /** The buffers that hold bytes, with how many of them. */
  readonly #filled = new WeakMap<ArrayBufferLike, number>();

  /**
   * How a connection reads into them.
   *
   * @param socketOf the connection itself, once it is made
   */
  onread(socketOf: () => Socket | undefined): OnReadOpts {
    return {
      buffer: () => this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES),
      callback: (lengthBytes, buffer) => {
        this.#filled.set(buffer.buffer, lengthBytes);
        return socketOf()?.push(buffer.subarray(0, lengthBytes)) ?? false;
      },
    };
  }

  /**
   * Takes back bytes of a body that nobody needs any more. Their buffer is used again only when they are all that was
   * read into it: of others a part may be a header, which undici keeps.
   */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (this.#filled.get(buffer) !== bytes.length) return;
    // Given back twice it would be read into twice.
    this.#filled.delete(buffer);
    if (this.#free.length < MAX_FREE) this.#free.push(Buffer.from(buffer));
  }
}
