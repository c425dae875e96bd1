// The same as with ends in memory, on a real file and with real threads.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFileSource } from '../../../../src/execute/transfer/file-source.ts';
import { Hashers } from '../../../../src/execute/transfer/hashers.ts';
import { RingPool } from '../../../../src/execute/transfer/ring-pool.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { useHashThread } from '../../../support/hash-thread.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { ChunkSource, inPieces, pumpThrough, Told } from '../../../support/transfers.ts';

const CONTENT = contentOf('files', 400_000);

const folder = useTempDir();
const code = useHashThread();
let hashers: Hashers;

beforeAll(() => {
  hashers = new Hashers({ threadEntry: code().entry });
});
afterAll(() => hashers.close());

const anySlice = fc
  .tuple(fc.nat(CONTENT.length), fc.nat(CONTENT.length))
  .map(([from, to]) => CONTENT.subarray(Math.min(from, to), Math.max(from, to)));
const anyShape = fc.record({
  buffers: fc.integer({ min: 2, max: 5 }),
  bufferBytes: fc.integer({ min: 500, max: 100_000 }),
});

/** One image of several that are transferred at once. */
const anyImage = fc.record({
  content: anySlice,
  chunks: fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 6 }).map((all) => [...all, 10_000]),
  algorithm: fc.constantFrom('md5', 'sha256', 'sha512'),
  isThreaded: fc.boolean(),
  offsetBytes: fc.nat(5000),
});

function digestOf(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

describe('pump()', () => {
  test('brings images side by side to their files and their hashes', async () => {
    const anyImages = fc.array(anyImage, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(anyImages, anyShape, async (images, shape) => {
        const rings = new RingPool(shape);
        const transfers = images.map(async ({ content, chunks, algorithm, isThreaded, offsetBytes }, place) => {
          const path = join(folder(), `image-${place}`);
          const sink = await open(path, 'w');
          const hasher = hashers.create({ algorithm, sizeBytes: isThreaded ? undefined : content.length });
          const [source, told] = [new ChunkSource(inPieces(content, chunks)), new Told()];
          await pumpThrough({ source, sink, hasher, offsetBytes, rings, onBytes: told.onBytes });
          await sink.close();
          const expected = content.length === 0 ? content : Buffer.concat([new Uint8Array(offsetBytes), content]);
          expect(readFileSync(path).equals(expected)).toBe(true);
          expect([await hasher.digest(), told.bytes]).toEqual([digestOf(algorithm, content), content.length]);
        });
        await Promise.all(transfers);
      }),
      { numRuns: 40 },
    );
  });

  test('hashes a file from anywhere to its end', async () => {
    await fc.assert(
      fc.asyncProperty(anySlice, fc.nat(1000), anyShape, async (content, offsetBytes, shape) => {
        const path = join(folder(), 'image');
        writeFileSync(path, content);
        const source = await openFileSource(path, offsetBytes);
        if (source === undefined) throw new Error('There is no file');
        const hasher = hashers.create({ algorithm: 'sha256', sizeBytes: undefined });
        const lengthBytes = await pumpThrough({ source, hasher, rings: new RingPool(shape) });
        await source.close();
        const rest = content.subarray(offsetBytes);
        expect([lengthBytes, await hasher.digest()]).toEqual([rest.length, digestOf('sha256', rest)]);
      }),
      { numRuns: 40 },
    );
  });

  test('leaves in the file what was told of when the thread of its hash dies, and no write comes later', async () => {
    const dying = code().write(
      'dies.js',
      `import { parentPort } from 'node:worker_threads';
       let tasks = 0;
       const on = parentPort.on.bind(parentPort);
       parentPort.on = (event, listener) => on(event, (task) => {
         if (++tasks > 3) process.exit(1);
         listener(task);
       });
       await import('./hash-thread-entry.cjs');`,
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: 5000 }), async (chunkBytes) => {
        const path = join(folder(), 'image');
        const sink = await open(path, 'w');
        const mortal = new Hashers({ threadEntry: dying });
        const hasher = mortal.create({ algorithm: 'sha256', sizeBytes: undefined });
        const [source, told] = [new ChunkSource(inPieces(CONTENT.subarray(0, 60_000), [chunkBytes])), new Told()];
        const rings = new RingPool({ buffers: 3, bufferBytes: 10_000 });
        const outcome = await pumpThrough({ source, sink, hasher, rings, onBytes: told.onBytes }).catch(
          (error: unknown) => error,
        );
        expect(outcome).toMatchObject({ message: 'Cannot hash on: the thread ended with 1' });
        // A write that is in flight would fail.
        await sink.close();
        const written = readFileSync(path);
        expect(written.equals(CONTENT.subarray(0, written.length))).toBe(true);
        expect([told.steps.length, told.bytes <= written.length]).toEqual([3, true]);
        await hasher.close();
        await mortal.close();
      }),
      { numRuns: 8 },
    );
  });
});
