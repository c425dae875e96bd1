/**
 * Shows that every hash ends, that nothing is left open, and that the next file is hashed as ever: when somebody wants
 * to stop, when threads die or are ended, and when a file cannot be read.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { CacheStateError } from '../../../../src/errors/cache-error.ts';
import type { FileHashers } from '../../../../src/execute/verify/file-hashers.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { openBelow, requestFor, useFileHashers } from '../../../support/file-hashes.ts';
import { useHashThread } from '../../../support/hash-thread.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { sha256Of } from '../../../support/transfers.ts';

const STRETCH_BYTES = 4096 * 1024;
/** Takes three stretches. */
const CONTENT = contentOf('file-hashers-faults', 2 * STRETCH_BYTES + 1);

const folder = useTempDir();
const code = useHashThread();
const hashersWith = useFileHashers();
let image = '';

beforeEach(() => {
  image = join(folder(), 'image');
  writeFileSync(image, CONTENT);
});

function hashersOf(threads: number, threadEntry = code().entry): FileHashers {
  return hashersWith({ threads, threadEntry });
}

/** The real code of a thread, which does something else first when a second stretch is to be hashed as MD5. */
function spoilt(name: string, instead: string): URL {
  return code().spoil(name, `if (task.algorithm === 'md5' && task.stretch?.offsetBytes > 0) { ${instead} }`);
}

/** The file can still be hashed, and is open no more. */
async function expectFit(hashers: FileHashers): Promise<void> {
  expect(openBelow(folder())).toEqual([]);
  const digests = await Promise.all(Array.from({ length: 2 * hashers.width }, () => hashers.hash(requestFor(image))));
  expect(new Set(digests)).toEqual(new Set([sha256Of(CONTENT)]));
  expect(openBelow(folder())).toEqual([]);
}

describe('FileHashers.hash(), when it shall stop', () => {
  test('ends with the reason, after the stretch in which it was told, and leaves nothing open', async () => {
    const hashers = hashersOf(1);
    const controller = new AbortController();
    const reason = new Error('enough');
    const told: number[] = [];
    const onBytes = (bytes: number) => {
      told.push(bytes);
      controller.abort(reason);
    };
    const { signal } = controller;
    expect(await rejectionOf(hashers.hash(requestFor(image, { onBytes, signal })))).toBe(reason);
    expect(told).toEqual([STRETCH_BYTES]);
    await expectFit(hashers);
  });

  test('ends with the reason, and opens nothing, when it was told before or while it waited', async () => {
    const hashers = hashersOf(1);
    const controller = new AbortController();
    const reason = new Error('enough');
    const told: number[] = [];
    const { signal } = controller;
    const first = hashers.hash(requestFor(image, { onBytes: () => controller.abort(reason) }));
    const waiting = [1, 2, 3].map(() =>
      rejectionOf(hashers.hash(requestFor(image, { onBytes: (bytes) => told.push(bytes), signal }))),
    );
    expect(await first).toBe(sha256Of(CONTENT));
    expect(await Promise.all(waiting)).toEqual([reason, reason, reason]);
    expect(await rejectionOf(hashers.hash(requestFor(image, { signal })))).toBe(reason);
    expect(told).toEqual([]);
    await expectFit(hashers);
  });

  test('passes on what is thrown where bytes are told of', async () => {
    const hashers = hashersOf(1);
    const fault = new Error('of the bars');
    const onBytes = () => {
      throw fault;
    };
    expect(await rejectionOf(hashers.hash(requestFor(image, { onBytes })))).toBe(fault);
    await expectFit(hashers);
  });
});

/** Ways in which a thread dies. */
const DEATHS: Readonly<Record<string, string>> = {
  'ends itself': `process.exit(7)`,
  throws: `throw new TypeError('of its own')`,
  'runs out of memory': `for (const all = []; ; ) all.push(new Array(1e6).fill({}))`,
};

describe('FileHashers.hash(), when something fails', () => {
  test.each(Object.keys(DEATHS))('fails with its thread, and with no other one, when it %s', async (death) => {
    const hashers = hashersOf(2, spoilt('dies.js', DEATHS[death] ?? ''));
    const requests = ['md5', 'sha512', 'md5', 'sha512'].map((algorithm) => requestFor(image, { algorithm }));
    const outcomes = await Promise.allSettled(requests.map((request) => hashers.hash(request)));
    const digest = createHash('sha512').update(CONTENT).digest('hex');
    expect(outcomes).toEqual([
      { status: 'rejected', reason: expect.any(Error) as unknown },
      { status: 'fulfilled', value: digest },
      { status: 'rejected', reason: expect.any(Error) as unknown },
      { status: 'fulfilled', value: digest },
    ]);
    await expectFit(hashers);
  });

  test('hashes in another thread when its own has ended while it had nothing to do', async () => {
    const entry = code().spoil(
      'dies-later.js',
      `if (task.algorithm === 'md5' && task.end === 'digest') setImmediate(() => process.exit(3));`,
    );
    const hashers = hashersOf(1, entry);
    const ended = new Promise((resolve) => {
      process.once('worker', (thread) => thread.once('exit', resolve));
    });
    expect(await hashers.hash(requestFor(image, { algorithm: 'md5' }))).toHaveLength(32);
    expect(await ended).toBe(3);
    await expectFit(hashers);
  });

  test('says what the thread died of', async () => {
    const hashers = hashersOf(1, spoilt('dies.js', DEATHS['ends itself'] ?? ''));
    expect(await rejectionOf(hashers.hash(requestFor(image, { algorithm: 'md5' })))).toMatchObject({
      message: 'Cannot hash on: the thread ended with 7',
    });
  });

  test('fails, and leaves nothing open, when the code of the threads is missing', async () => {
    const hashers = hashersOf(1, new URL('file:///nonexistent/hash-thread-entry.js'));
    for (let again = 0; again < 3; again++) {
      expect(await rejectionOf(hashers.hash(requestFor(image)))).toMatchObject({
        message: expect.stringContaining('/nonexistent/hash-thread-entry.js') as unknown,
      });
    }
    expect(openBelow(folder())).toEqual([]);
  });

  test('is CACHE_IO, with path and cause, when a read fails', async () => {
    const entry = spoilt('misreads.js', 'task = { ...task, stretch: { ...task.stretch, descriptor: 2 ** 30 } };');
    const hashers = hashersOf(1, entry);
    const error = await rejectionOf(hashers.hash(requestFor(image, { algorithm: 'md5' })));
    expect(error).toBeInstanceOf(CacheStateError);
    expect(error).toMatchObject({ code: 'CACHE_IO', details: { path: image, errno: 'EBADF' } });
    await expectFit(hashers);
  });

  test('is undefined when a read fails of a file that is gone by then', async () => {
    const entry = spoilt('misreads.js', 'task = { ...task, stretch: { ...task.stretch, descriptor: 2 ** 30 } };');
    const onBytes = () => unlinkSync(image);
    expect(await hashersOf(1, entry).hash(requestFor(image, { algorithm: 'md5', onBytes }))).toBeUndefined();
    expect(openBelow(folder())).toEqual([]);
  });
});

describe('FileHashers', () => {
  test('hash in as many threads as they are wide, at the same time', async () => {
    const meeting = join(folder(), 'meeting');
    mkdirSync(meeting);
    // No thread goes on before all are there.
    const entry = code().spoil(
      'meets.js',
      `const { writeFileSync, readdirSync } = process.getBuiltinModule('node:fs');
      const { threadId } = process.getBuiltinModule('node:worker_threads');
      writeFileSync(${JSON.stringify(meeting)} + '/' + threadId, '');
      const sleeper = new Int32Array(new SharedArrayBuffer(4));
      while (readdirSync(${JSON.stringify(meeting)}).length < 3) Atomics.wait(sleeper, 0, 0, 5);`,
    );
    await expectFit(hashersOf(3, entry));
  });

  test('close() ends what is hashed and what waits, and leaves nothing open, when it is called meanwhile', async () => {
    const hashers = hashersOf(2);
    const closings: Promise<void>[] = [];
    const onBytes = () => {
      closings.push(hashers.close());
    };
    const requests = Array.from({ length: 6 }, () => hashers.hash(requestFor(image, { onBytes })));
    const outcomes = await Promise.allSettled(requests);
    await Promise.all(closings);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
    expect([closings.length > 0, openBelow(folder())]).toEqual([true, []]);
    expect(await rejectionOf(hashers.hash(requestFor(image)))).toMatchObject({
      message: 'Cannot hash on: the threads are closed',
    });
    expect(openBelow(folder())).toEqual([]);
  });

  test('close() returns when all that was being hashed has ended', async () => {
    const hashers = hashersOf(2);
    let ended = 0;
    const end = () => {
      ended++;
    };
    for (let file = 0; file < 6; file++) void hashers.hash(requestFor(image)).then(end, end);
    await hashers.close();
    expect([ended, openBelow(folder())]).toEqual([6, []]);
    await hashers.close();
  });

  test('close() does nothing where nothing was ever hashed', async () => {
    await hashersOf(2, new URL('file:///nonexistent/hash-thread-entry.js')).close();
  });
});
