import type { ByteSource } from './byte-source.ts';

/**
 * Reads what comes over the network. A failed read, or one after the end, ends it.
 *
 * @param chunks of any length, none of them kept once it is read
 */
export function httpSource(chunks: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  let isReading = false;
  return {
    async read(target) {
      // An empty chunk is no end.
      while (rest.length === 0) {
        isReading = true;
        const next = await iterator.next().finally(() => {
          isReading = false;
        });
        if (next.done === true) return 0;
        rest = next.value;
      }
      const length = Math.min(rest.length, target.length);
      copy(rest.subarray(0, length), target);
      rest = rest.subarray(length);
      return length;
    },
    async close() {
      rest = new Uint8Array();
      const ended = iterator.return?.();
      // The way to end a read that still waits is the signal of the request. Nothing that an end says matters.
      const settled = Promise.resolve(ended).catch(() => undefined);
      if (!isReading) await settled;
    },
  };
}

/** Not `target.set(bytes)`: into shared memory V8 copies word by word, which takes three times as long. */
function copy(bytes: Uint8Array, target: Uint8Array): void {
  Buffer.from(target.buffer, target.byteOffset, bytes.length).fill(bytes);
}
