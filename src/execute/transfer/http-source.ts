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
      target.set(rest.length > length ? rest.subarray(0, length) : rest);
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
