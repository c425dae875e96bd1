import { createHash, getHashes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { IntegrityError } from '../../../../src/errors/cache-error.ts';
import type { Hasher } from '../../../../src/execute/transfer/hasher.ts';
import { Hashers } from '../../../../src/execute/transfer/hashers.ts';
import { Child } from '../../../support/child.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { useHashThread } from '../../../support/hash-thread.ts';
import { rejectionOf, thrownBy } from '../../../support/thrown.ts';
import { turns } from '../../../support/transfers.ts';

const code = useHashThread();
const opened: Hashers[] = [];
const children: Child[] = [];

afterEach(async () => {
  for (const hashers of opened.splice(0)) await hashers.close();
  for (const child of children.splice(0)) await child.kill();
});

const INLINE_BYTES = 8 * 1024 * 1024;
const THREADED = { algorithm: 'sha256', sizeBytes: undefined };
const CONTENT = contentOf('hashers', 300_000);
/** What the program of test/support/programs/hashing.ts hashes to. */
const DIGESTS = ['0', '1'].map((text) => expected(Buffer.from(text))).join(' ');
const MISSING = new URL('file:///nonexistent/hash-thread-entry.js');

function hashersOf(threadEntry = code().entry): Hashers {
  const hashers = new Hashers({ threadEntry });
  opened.push(hashers);
  return hashers;
}

/** Hashes without waiting in between. */
async function digestOf(hasher: Hasher, pieces: readonly Uint8Array[]): Promise<string> {
  const updates = pieces.map((piece) => hasher.update(piece));
  const [digest] = await Promise.all([hasher.digest(), ...updates]);
  return digest;
}

function expected(bytes: Uint8Array, algorithm = 'sha256'): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** The real code of a thread, which does something else first when it is given bytes that begin with an X. */
function spoilt(name: string, instead: string): URL {
  return code().spoil(name, `if (task.bytes?.[0] === 88) { ${instead} }`);
}

describe('Hashers.create()', () => {
  test.each(['md5', 'sha1', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-512', 'blake2b512'])(
    'hashes as Node does with %s, on the spot and in a thread',
    async (algorithm) => {
      const hashers = hashersOf();
      const pieces = [
        CONTENT.subarray(0, 1),
        CONTENT.subarray(1, 1),
        CONTENT.subarray(1, 70_000),
        CONTENT.subarray(70_000),
      ];
      for (const sizeBytes of [CONTENT.length, undefined]) {
        const hasher = hashers.create({ algorithm, sizeBytes });
        expect(await digestOf(hasher, pieces)).toBe(expected(CONTENT, algorithm));
      }
    },
  );

  test('hashes nothing to the hash of nothing, on the spot and in a thread', async () => {
    const hashers = hashersOf();
    for (const sizeBytes of [0, undefined]) {
      expect(await hashers.create({ algorithm: 'sha512', sizeBytes }).digest()).toBe(expected(Buffer.of(), 'sha512'));
    }
  });

  test.each([
    [0, true],
    [INLINE_BYTES, true],
    [INLINE_BYTES + 1, false],
    [undefined, false],
  ])('needs no thread for %s bytes: %s', async (sizeBytes, isInline) => {
    // A thread without code dies of it.
    const hasher = hashersOf(MISSING).create({ algorithm: 'sha256', sizeBytes });
    const digest = await digestOf(hasher, [CONTENT]).catch(() => 'none');
    expect(digest).toBe(isInline ? expected(CONTENT) : 'none');
  });

  test.each(['sha1024', '', 'SHA_512', '__proto__', 'x'.repeat(1000)])(
    'is INTEGRITY_UNVERIFIABLE for the algorithm %j, whatever the size',
    (algorithm) => {
      expect(getHashes()).not.toContain(algorithm);
      for (const sizeBytes of [1, INLINE_BYTES + 1, undefined]) {
        const error = thrownBy(() => hashersOf(MISSING).create({ algorithm, sizeBytes }));
        expect(error).toBeInstanceOf(IntegrityError);
        expect(error).toMatchObject({ code: 'INTEGRITY_UNVERIFIABLE', details: { algorithm } });
      }
    },
  );

  test('keeps many streams apart that are hashed at once, those that are given up among them', async () => {
    const hashers = hashersOf();
    const streams = [...Array(24).keys()];
    // The same bytes to all, each from somewhere else and to another length.
    const bytesOf = (stream: number) => CONTENT.subarray(stream * 1000, stream * 1001 + 20_000);
    const algorithmOf = (stream: number) => (stream % 2 === 0 ? 'sha256' : 'md5');
    const running = streams.map((stream) => hashers.create({ algorithm: algorithmOf(stream), sizeBytes: undefined }));
    for (let at = 0; at < 20_000 + streams.length; at += 1000) {
      const updates = running.map((hasher, stream) => hasher.update(bytesOf(stream).subarray(at, at + 1000)));
      if (at % 5000 === 0) await Promise.all(updates);
    }
    const results = await Promise.all(
      running.map((hasher, stream) => (stream % 3 === 0 ? hasher.close() : hasher.digest())),
    );
    expect(results).toEqual(
      streams.map((stream) => (stream % 3 === 0 ? undefined : expected(bytesOf(stream), algorithmOf(stream)))),
    );
  });

  test('takes updates in their order, of memory that is shared and of memory that is not', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(CONTENT.length));
    shared.set(CONTENT);
    for (const bytes of [shared, Uint8Array.from(CONTENT)]) {
      const pieces = Array.from({ length: 300 }, (_, piece) => bytes.subarray(piece * 1000, (piece + 1) * 1000));
      expect(await digestOf(hashersOf().create(THREADED), pieces)).toBe(expected(CONTENT));
    }
  });

  test('lets a hash be given up before it began, after it ended, and twice', async () => {
    const hashers = hashersOf();
    for (const sizeBytes of [1, undefined]) {
      const hasher = hashers.create({ algorithm: 'sha256', sizeBytes });
      await hasher.close();
      await hasher.close();
      const another = hashers.create({ algorithm: 'sha256', sizeBytes });
      expect(await digestOf(another, [CONTENT])).toBe(expected(CONTENT));
      await another.close();
    }
  });
});

/** Ways in which a thread dies. */
const DEATHS: Readonly<Record<string, string>> = {
  'ends itself': `process.exit(7)`,
  throws: `throw new TypeError('of its own')`,
  'runs out of memory': `for (const all = []; ; ) all.push(new Array(1e6).fill({}))`,
};

describe('Hashers, when a thread dies', () => {
  test.each(Object.keys(DEATHS))('fail the hashes in it, and hash on in another one, when it %s', async (death) => {
    const hashers = hashersOf(spoilt('dies.js', DEATHS[death] ?? ''));
    const hasher = hashers.create(THREADED);
    await hasher.update(CONTENT);
    const outcomes = await Promise.allSettled([
      hasher.update(Buffer.from('X')),
      hasher.update(CONTENT),
      hasher.digest(),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    // What comes later fails as well, and never hangs; what is given up is given up.
    expect(await rejectionOf(hasher.update(CONTENT))).toBeInstanceOf(Error);
    expect(await rejectionOf(hasher.digest())).toBeInstanceOf(Error);
    await hasher.close();
    expect(await digestOf(hashers.create(THREADED), [CONTENT])).toBe(expected(CONTENT));
  });

  test('leave the hashes in the other thread alone', async () => {
    const hashers = hashersOf(spoilt('dies-alone.js', 'process.exit(0);'));
    const [dying, living] = [hashers.create(THREADED), hashers.create(THREADED)];
    await living.update(CONTENT);
    expect(await rejectionOf(dying.update(Buffer.from('X')))).toMatchObject({
      message: 'Cannot hash on: the thread ended with 0',
    });
    expect(await living.digest()).toBe(expected(CONTENT));
  });

  test('fail what waits for a thread whose code is missing, and try it again with the next hash', async () => {
    const hashers = hashersOf(MISSING);
    for (let again = 0; again < 3; again++) {
      const hasher = hashers.create(THREADED);
      expect(await rejectionOf(hasher.update(CONTENT))).toMatchObject({
        message: expect.stringContaining('/nonexistent/hash-thread-entry.js') as unknown,
      });
      await hasher.close();
    }
  });

  test('fail only the one task that cannot be done', async () => {
    const hashers = hashersOf();
    const [one, other] = [hashers.create(THREADED), hashers.create(THREADED)];
    // @ts-expect-error: no bytes, but a thread has to bear it
    const bad = one.update({});
    const good = other.update(CONTENT);
    expect(await rejectionOf(bad)).toMatchObject({ name: 'TypeError' });
    await good;
    expect(await other.digest()).toBe(expected(CONTENT));
    expect(await one.digest()).toBe(expected(Buffer.of()));
  });
});

describe('Hashers.close()', () => {
  test('fails what still waits, says why, and may be called again', async () => {
    const hashers = hashersOf();
    const hasher = hashers.create(THREADED);
    const bytes = new Uint8Array(new SharedArrayBuffer(32 * 1024 * 1024));
    const update = rejectionOf(hasher.update(bytes));
    const digest = rejectionOf(hasher.digest());
    await turns(1);
    await hashers.close();
    for (const error of [await update, await digest, await rejectionOf(hasher.update(bytes))]) {
      expect(error).toMatchObject({ message: 'Cannot hash on: the thread was closed' });
    }
    await hashers.close();
  });

  test('does nothing where no thread was ever needed', async () => {
    const hashers = hashersOf(MISSING);
    expect(await digestOf(hashers.create({ algorithm: 'sha256', sizeBytes: 1 }), [CONTENT])).toBe(expected(CONTENT));
    await hashers.close();
  });

  test.each([
    ['are closed', 'closed', [DIGESTS]],
    ['are left alone', 'idle', [DIGESTS]],
    ['were never used', 'unused', ['']],
    ['are closed while they hash', 'busy', [DIGESTS, Array(8).fill('true').join(' ')]],
  ])(
    'a program hashes with the code beside it, and ends by itself and without a warning, when its threads %s',
    async (_what, fate, lines) => {
      const child = new Child(process.execPath, [code().bundle('hashing'), fate]);
      children.push(child);
      for (const line of [...lines, 'exit', undefined]) expect(await child.line()).toBe(line);
      expect([await child.ended, child.complaint]).toEqual([0, '']);
    },
  );
});
