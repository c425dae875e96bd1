import { describe, expect, test } from 'vitest';
import { RingPool } from '../../../../src/execute/transfer/ring-pool.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { rejectionOf } from '../../../support/thrown.ts';
import {
  ChunkSource,
  inPieces,
  MemorySink,
  PacedHasher,
  pumpThrough,
  sha256Of,
  Told,
  turns,
} from '../../../support/transfers.ts';

const CONTENT = contentOf('pump', 1000);
const RING = { buffers: 2, bufferBytes: 16 };

/** Chunks that do not fit the buffers. */
function sourceOf(bytes: Uint8Array = CONTENT, more: ConstructorParameters<typeof ChunkSource>[1] = {}): ChunkSource {
  return new ChunkSource(inPieces(bytes, [7]), more);
}

describe('pump()', () => {
  test('tells of no bytes, and writes and hashes none, when the source is empty', async () => {
    const [sink, hasher, told] = [new MemorySink(), new PacedHasher(), new Told()];
    expect(await pumpThrough({ source: sourceOf(Buffer.of()), sink, hasher, maxBytes: 0, onBytes: told.onBytes })).toBe(
      0,
    );
    expect([sink.writes, hasher.takenBytes, told.steps]).toEqual([0, 0, []]);
  });

  test('leaves source and hash to the caller', async () => {
    const [source, hasher] = [sourceOf(), new PacedHasher()];
    await pumpThrough({ source, hasher });
    expect(source.isClosed).toBe(false);
    await hasher.update(Buffer.from('more'));
    expect(await hasher.digest()).toBe(sha256Of(Buffer.concat([CONTENT, Buffer.from('more')])));
  });

  test('does without a file, and without a hash', async () => {
    const [told, sink] = [new Told(), new MemorySink()];
    expect(await pumpThrough({ source: sourceOf(), onBytes: told.onBytes })).toBe(CONTENT.length);
    expect(told.bytes).toBe(CONTENT.length);
    await pumpThrough({ source: sourceOf(), sink });
    expect(sha256Of(sink.bytes)).toBe(sha256Of(CONTENT));
  });

  test('writes and hashes what has come, and does not keep it until more comes', async () => {
    const [sink, hasher] = [new MemorySink(), new PacedHasher()];
    const source = sourceOf(CONTENT.subarray(0, 7), { end: 'never' });
    const toldBytes = await new Promise((onBytes) => void pumpThrough({ source, sink, hasher, onBytes }));
    expect([sink.lengthBytes, hasher.takenBytes, toldBytes]).toEqual([7, 7, 7]);
  });

  test('reads on while it writes, as far as there are buffers, and no further', async () => {
    const sink = new MemorySink(0, { pauses: [1e6] });
    const source = sourceOf();
    void pumpThrough({ source, sink, rings: new RingPool({ buffers: 3, bufferBytes: 20 }) });
    await turns(100);
    expect([sink.writes, source.givenBytes]).toEqual([1, 60]);
  });

  test('is held back by a slow hash as it is by a slow file', async () => {
    const [sink, hasher] = [new MemorySink(), new PacedHasher({ pauses: [1e6] })];
    const source = sourceOf();
    void pumpThrough({ source, sink, hasher, rings: new RingPool({ buffers: 3, bufferBytes: 20 }) });
    await turns(100);
    expect([hasher.takenBytes, source.givenBytes, sink.lengthBytes]).toEqual([0, 60, 60]);
  });

  test('makes few large writes of many small chunks when the file is slower than the source', async () => {
    const sink = new MemorySink(0, { pauses: [10] });
    const chunks = inPieces(CONTENT, [1]);
    await pumpThrough({ source: new ChunkSource(chunks), sink, rings: new RingPool({ buffers: 2, bufferBytes: 250 }) });
    expect(sha256Of(sink.bytes)).toBe(sha256Of(CONTENT));
    expect(sink.writes).toBeLessThan(10);
  });

  test('writes on where a write took only some of the bytes', async () => {
    const sink = new MemorySink(5, { portions: [1, 2, 3] });
    await pumpThrough({ source: sourceOf(), sink, offsetBytes: 5 });
    expect(sha256Of(sink.bytes)).toBe(sha256Of(CONTENT));
  });

  test('takes exactly as many bytes as there may be', async () => {
    const sink = new MemorySink();
    expect(await pumpThrough({ source: sourceOf(), sink, maxBytes: CONTENT.length })).toBe(CONTENT.length);
    expect(sha256Of(sink.bytes)).toBe(sha256Of(CONTENT));
  });

  test.each([[0], [1], [15], [16], [17], [CONTENT.length - 1]])(
    'is INTEGRITY_SIZE, with %d bytes in place and none beyond, when there may be no more',
    async (maxBytes) => {
      const [source, sink, hasher, told] = [sourceOf(), new MemorySink(100), new PacedHasher(), new Told()];
      const transfer = { source, sink, hasher, maxBytes, offsetBytes: 100, onBytes: told.onBytes };
      expect(await rejectionOf(pumpThrough(transfer))).toMatchObject({
        code: 'INTEGRITY_SIZE',
        message: `Cannot take the image: there are more bytes than the ${100 + maxBytes} expected`,
        details: { expected: 100 + maxBytes },
      });
      expect([sink.lengthBytes, hasher.takenBytes, told.bytes]).toEqual([maxBytes, maxBytes, maxBytes]);
      // One more tells that there are more.
      expect(source.givenBytes).toBe(maxBytes + 1);
    },
  );

  test('takes no byte when there may be fewer than none', async () => {
    const sink = new MemorySink();
    expect(await rejectionOf(pumpThrough({ source: sourceOf(), sink, maxBytes: -5 }))).toMatchObject({
      code: 'INTEGRITY_SIZE',
    });
    expect(sink.writes).toBe(0);
    expect(await pumpThrough({ source: sourceOf(Buffer.of()), sink, maxBytes: -5 })).toBe(0);
  });

  test('uses the buffers of the pool one transfer after the other, and gives them back after a failure', async () => {
    const rings = new RingPool(RING);
    const ring = rings.take();
    rings.giveBack(ring);
    await pumpThrough({ source: sourceOf(), rings });
    await rejectionOf(pumpThrough({ source: sourceOf(CONTENT, { end: new Error('fault') }), rings }));
    await turns(1);
    expect(rings.take()).toBe(ring);
    expect(rings.take()).not.toBe(ring);
  });

  test('keeps transfers apart that share a pool', async () => {
    const rings = new RingPool(RING);
    const contents = [...Array(12).keys()].map((place) => CONTENT.subarray(place * 50));
    const sinks = contents.map((_, place) => new MemorySink(0, { pauses: [place % 4], portions: [5, 50] }));
    const sourceAt = (place: number) => sourceOf(contents[place], { pauses: [place % 3] });
    await Promise.all(sinks.map((sink, place) => pumpThrough({ source: sourceAt(place), sink, rings })));
    expect(sinks.map(({ bytes }) => sha256Of(bytes))).toEqual(contents.map(sha256Of));
  });

  test('makes Node warn of no leak when many transfers share a signal', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const stop = new AbortController();
    const running = Array.from({ length: 30 }, () =>
      rejectionOf(pumpThrough({ source: sourceOf(CONTENT, { end: 'never' }), signal: stop.signal })),
    );
    await turns(5);
    stop.abort(new Error('stopped'));
    await Promise.all(running);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
