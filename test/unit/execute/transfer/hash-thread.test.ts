import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileStretch } from '../../../../src/execute/transfer/hash-protocol.ts';
import { HashThread } from '../../../../src/execute/transfer/hash-thread.ts';
import { useHashThread } from '../../../support/hash-thread.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { sha256Of } from '../../../support/transfers.ts';

const code = useHashThread();
const folder = useTempDir();
let thread: HashThread;

beforeEach(() => {
  thread = new HashThread(code().entry);
});
afterEach(() => thread.close());

const algorithm = 'sha256';
const bytes = Buffer.from('bytes');

describe('HashThread', () => {
  test('answers every task in its turn, with the digest only where it is asked for', async () => {
    const answers = await Promise.all([
      thread.run({ hash: 1, algorithm, bytes }),
      thread.run({ hash: 2, algorithm, end: 'digest' }),
      thread.run({ hash: 1, algorithm, bytes, end: 'digest' }),
      thread.run({ hash: 3, algorithm, bytes }),
      thread.run({ hash: 3, algorithm, end: 'discard' }),
    ]);
    const twice = sha256Of(Buffer.concat([bytes, bytes]));
    expect(answers).toEqual([undefined, sha256Of(Buffer.of()), twice, undefined, undefined]);
  });

  test.each(['digest', 'discard'] as const)('forgets a hash after its %s', async (end) => {
    await thread.run({ hash: 1, algorithm, bytes, end });
    expect(await thread.run({ hash: 1, algorithm, end: 'digest' })).toBe(sha256Of(Buffer.of()));
  });

  test('fails a task that it cannot do, and does the next one', async () => {
    const failed = thread.run({ hash: 1, algorithm: 'sha1024', bytes });
    const next = thread.run({ hash: 2, algorithm, bytes, end: 'digest' });
    expect(await rejectionOf(failed)).toBeInstanceOf(Error);
    expect([await next, thread.isDead]).toEqual([sha256Of(bytes), false]);
  });

  test('fails a task that cannot be sent, and does the next one', async () => {
    // @ts-expect-error: no algorithm, but nothing may wait for its answer
    const failed = thread.run({ hash: 1, algorithm: () => undefined });
    expect(await rejectionOf(failed)).toMatchObject({ name: 'DataCloneError' });
    expect(await thread.run({ hash: 2, algorithm, bytes, end: 'digest' })).toBe(sha256Of(bytes));
  });

  test('reads a stretch of a file, and nothing before or after it', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'some bytes more');
    const descriptor = openSync(path, 'r');
    const stretch = { descriptor, offsetBytes: 5, lengthBytes: 5 };
    try {
      await thread.run({ hash: 1, algorithm, stretch });
      expect(await thread.run({ hash: 1, algorithm, stretch, end: 'digest' })).toBe(
        sha256Of(Buffer.from('bytesbytes')),
      );
    } finally {
      closeSync(descriptor);
    }
  });

  test('fails with the code of the system call when a stretch cannot be read or is not all there', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, bytes);
    const descriptor = openSync(path, 'r');
    const run = (stretch: FileStretch) => thread.run({ hash: 1, algorithm, stretch, end: 'digest' });
    try {
      for (const offsetBytes of [bytes.length - 1, bytes.length, bytes.length + 1]) {
        const error = await rejectionOf(run({ descriptor, offsetBytes, lengthBytes: 2 }));
        expect(error).toMatchObject({ code: 'EIO', syscall: 'read' });
      }
    } finally {
      closeSync(descriptor);
    }
    const error = await rejectionOf(run({ descriptor: 2 ** 30, offsetBytes: 0, lengthBytes: 2 }));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'EBADF', syscall: 'read' });
  });

  test('is dead once it is closed, and says so at once', async () => {
    const closed = thread.close();
    const message = 'Cannot hash on: the thread was closed';
    expect(thread.isDead).toBe(true);
    expect(await rejectionOf(thread.run({ hash: 1, algorithm, bytes }))).toMatchObject({ message });
    await closed;
    expect(await rejectionOf(thread.run({ hash: 1, algorithm, bytes }))).toMatchObject({ message });
  });

  test('keeps what the program was told out of the thread', async () => {
    const curious = new HashThread(
      code().write(
        'curious.js',
        `import { parentPort } from 'node:worker_threads';
         parentPort.on('message', () =>
           parentPort.postMessage({ digest: JSON.stringify([process.env, process.execArgv, process.argv.slice(2)]) }));`,
      ),
    );
    expect(await curious.run({ hash: 1, algorithm })).toBe('[{},[],[]]');
    await curious.close();
  });
});
