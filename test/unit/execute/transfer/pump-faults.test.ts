// Transfers that fail or are stopped: at which point of the way, and what is in flight then.
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createRateLimiter } from '../../../../src/execute/transfer/rate-limiter.ts';
import { RingPool } from '../../../../src/execute/transfer/ring-pool.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';
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
const FAULT = new Error('fault');
const REASON = new Error('stopped');

function sourceOf(more: ConstructorParameters<typeof ChunkSource>[1] = {}): ChunkSource {
  return new ChunkSource(inPieces(CONTENT, [7]), more);
}

/** A promise that somebody else resolves. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** Some steps within one turn of the event loop. */
async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await Promise.resolve();
}

/** What a promise is rejected with; 'hangs' when it is not so before long. */
function rejectionSoon(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([rejectionOf(promise), turns(50).then(() => 'hangs')]);
}

describe('pump(), when something fails', () => {
  test('fails with the error of the source, and has written and hashed what came before', async () => {
    const [sink, hasher] = [new MemorySink(0, { pauses: [3] }), new PacedHasher({ pauses: [2] })];
    expect(await rejectionOf(pumpThrough({ source: sourceOf({ end: FAULT }), sink, hasher }))).toBe(FAULT);
    expect(sha256Of(sink.bytes)).toBe(sha256Of(CONTENT));
    expect(await hasher.digest()).toBe(sha256Of(CONTENT));
  });

  test('fails with what a source throws instead of rejecting', async () => {
    const source = {
      read() {
        throw FAULT;
      },
      async close() {},
    };
    expect(await rejectionOf(pumpThrough({ source }))).toBe(FAULT);
  });

  test.each([0, 1, 5])(
    'fails with the error of the file when write %d fails, and writes nothing after it',
    async (at) => {
      const [sink, told] = [new MemorySink(0, { pauses: [2], fault: { at, error: FAULT } }), new Told()];
      expect(await rejectionOf(pumpThrough({ source: sourceOf(), sink, onBytes: told.onBytes }))).toBe(FAULT);
      await turns(5);
      expect([sink.writes, told.bytes]).toEqual([at + 1, sink.lengthBytes]);
    },
  );

  test('is CACHE_IO when the file takes no more bytes', async () => {
    const sink = new MemorySink(0, { portions: [5, 0] });
    expect(await rejectionOf(pumpThrough({ source: sourceOf(), sink }))).toMatchObject({ code: 'CACHE_IO' });
    expect([sink.writes, sink.lengthBytes]).toEqual([2, 5]);
  });

  test.each([0, 1, 5])('fails with the error of the hash when update %d fails, and waits for the file', async (at) => {
    const [sink, told] = [new MemorySink(0, { pauses: [9] }), new Told()];
    const hasher = new PacedHasher({ fault: { at, error: FAULT } });
    expect(await rejectionOf(pumpThrough({ source: sourceOf(), sink, hasher, onBytes: told.onBytes }))).toBe(FAULT);
    expect([sink.running, hasher.running]).toEqual([0, 0]);
    // What was written behind the bytes that were not hashed has no place in the count.
    expect(told.steps).toHaveLength(at);
    expect(told.bytes).toBeLessThan(sink.lengthBytes);
  });

  test('begins nothing more for the file when the hash has failed', async () => {
    // A full buffer, and some that wait for the next one to be full.
    const source = new ChunkSource([CONTENT.subarray(0, 20)], { end: 'never' });
    const [sink, hasher] = [new MemorySink(), new PacedHasher({ pauses: [1], fault: { at: 0, error: FAULT } })];
    expect(await rejectionOf(pumpThrough({ source, sink, hasher }))).toBe(FAULT);
    expect([sink.writes, hasher.updates]).toEqual([1, 1]);
  });

  test('does not wait until bytes may pass the limit when the file fails', async () => {
    const sink = new MemorySink(0, { pauses: [2], fault: { at: 0, error: FAULT } });
    // A byte a second.
    const limiter = createRateLimiter(1, systemClock);
    const rings = new RingPool({ buffers: 2, bufferBytes: 1 });
    expect(await rejectionSoon(pumpThrough({ source: sourceOf(), sink, limiter, rings }))).toBe(FAULT);
  });

  test('fails with what the listener throws', async () => {
    const sink = new MemorySink();
    const onBytes = (): never => {
      throw FAULT;
    };
    expect(await rejectionOf(pumpThrough({ source: sourceOf(), sink, onBytes }))).toBe(FAULT);
    expect(sink.running).toBe(0);
  });

  test('fails with the first of several errors', async () => {
    const sink = new MemorySink(0, { pauses: [1], fault: { at: 0, error: FAULT } });
    const hasher = new PacedHasher({ pauses: [5], fault: { at: 0, error: new Error('later') } });
    const source = sourceOf({ pauses: [0, 20], end: new Error('last') });
    expect(await rejectionOf(pumpThrough({ source, sink, hasher }))).toBe(FAULT);
  });

  test('does not wait for a source that hangs when the file fails, at whichever step of whatever it does that is', async () => {
    for (const chunkBytes of [3, 16, 40]) {
      for (let tick = 0; tick < 40; tick++) {
        const source = new ChunkSource([CONTENT.subarray(0, chunkBytes)], { end: 'never' });
        const write = async (): Promise<never> => {
          await ticks(tick);
          throw FAULT;
        };
        const rings = new RingPool({ buffers: 2, bufferBytes: 3 });
        expect(await rejectionSoon(pumpThrough({ source, sink: { write }, rings }))).toBe(FAULT);
      }
    }
  });
});

describe('pump(), when it is stopped', () => {
  test('reads nothing when it was stopped before', async () => {
    const [source, sink] = [sourceOf(), new MemorySink()];
    expect(await rejectionOf(pumpThrough({ source, sink, signal: AbortSignal.abort(REASON) }))).toBe(REASON);
    await turns(3);
    expect([source.givenBytes, sink.writes]).toEqual([0, 0]);
  });

  test('does not wait for a read, and keeps what came before it', async () => {
    const [sink, hasher, stop] = [new MemorySink(), new PacedHasher(), new AbortController()];
    const source = sourceOf({ end: 'never' });
    source.onHang = () => stop.abort(REASON);
    expect(await rejectionSoon(pumpThrough({ source, sink, hasher, signal: stop.signal }))).toBe(REASON);
    expect([sha256Of(sink.bytes), await hasher.digest()]).toEqual([sha256Of(CONTENT), sha256Of(CONTENT)]);
  });

  test('does not wait for a read at whichever step it is stopped', async () => {
    for (const chunkBytes of [1, 3, 16, 40]) {
      for (let tick = 0; tick < 60; tick++) {
        const stop = new AbortController();
        const source = new ChunkSource([CONTENT.subarray(0, chunkBytes)], { end: 'never' });
        const rings = new RingPool({ buffers: 2, bufferBytes: 3 });
        const done = pumpThrough({ source, rings, signal: stop.signal });
        void ticks(tick).then(() => stop.abort(REASON));
        expect(await rejectionSoon(done)).toBe(REASON);
      }
    }
  });

  test('lets nobody else have the buffer that a read may still fill', async () => {
    const rings = new RingPool({ buffers: 2, bufferBytes: 4 });
    const [stop, gate] = [new AbortController(), new Gate()];
    const source = {
      async read(target: Uint8Array) {
        await gate.opened;
        target.fill(1);
        return target.length;
      },
      async close() {},
    };
    const done = pumpThrough({ source, rings, signal: stop.signal });
    await turns(1);
    stop.abort(REASON);
    expect(await rejectionOf(done)).toBe(REASON);
    const other = rings.take();
    gate.open();
    await turns(1);
    expect(other.flatMap((buffer) => [...buffer])).toEqual(Array(8).fill(0));
    // Now nobody fills it any more.
    expect(rings.take()[0]).toEqual(Uint8Array.of(1, 1, 1, 1));
  });

  test('waits for writes and hashes that are under way, and begins none after them', async () => {
    for (const [sinkPause, hasherPause] of [
      [10, 0],
      [0, 10],
    ] as const) {
      const stop = new AbortController();
      const [sink, hasher] = [new MemorySink(0, { pauses: [sinkPause] }), new PacedHasher({ pauses: [hasherPause] })];
      const done = pumpThrough({ source: sourceOf(), sink, hasher, signal: stop.signal });
      await turns(4);
      stop.abort(REASON);
      expect([sink.running, hasher.running]).not.toEqual([0, 0]);
      expect(await rejectionOf(done)).toBe(REASON);
      const { writes, lengthBytes } = sink;
      expect([sink.running, hasher.running, hasher.takenBytes]).toEqual([0, 0, lengthBytes]);
      await turns(20);
      expect(sink.writes).toBe(writes);
      expect(lengthBytes).toBeLessThan(CONTENT.length);
    }
  });

  test('does not wait until bytes may pass the limit, and keeps those that came', async () => {
    const [sink, hasher, stop] = [new MemorySink(), new PacedHasher(), new AbortController()];
    // A byte a second.
    const limiter = createRateLimiter(1, systemClock);
    const done = pumpThrough({ source: sourceOf(), sink, hasher, limiter, signal: stop.signal });
    await turns(5);
    stop.abort(REASON);
    expect(await rejectionSoon(done)).toBe(REASON);
    expect([sink.lengthBytes, hasher.takenBytes]).toEqual([2, 2]);
  });

  test('still fails when it is stopped while the last bytes are written', async () => {
    const stop = new AbortController();
    const sink = new MemorySink(0, { pauses: [20] });
    const done = pumpThrough({ source: new ChunkSource([CONTENT.subarray(0, 5)]), sink, signal: stop.signal });
    await turns(5);
    stop.abort(REASON);
    expect(await rejectionOf(done)).toBe(REASON);
    expect(sink.lengthBytes).toBe(5);
  });

  test('listens to the signal no more, and is not stopped, after its end', async () => {
    const stop = new AbortController();
    expect(await pumpThrough({ source: sourceOf(), signal: stop.signal })).toBe(CONTENT.length);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    stop.abort(REASON);
    await turns(1);
  });
});
