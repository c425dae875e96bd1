/**
 * Shows that the hash of a file is that of the file which was meant, or none, and that nothing is left open. What
 * becomes of it when threads die or are ended is shown in file-hashers-faults.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { lstat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { mountOf } from '../../../../src/cache/index/xattr/mount-options.ts';
import { CacheStateError, IntegrityError } from '../../../../src/errors/cache-error.ts';
import { FileHashers } from '../../../../src/execute/verify/file-hashers.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { openBelow, requestFor, useFileHashers } from '../../../support/file-hashes.ts';
import { useHashThread } from '../../../support/hash-thread.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { sha256Of } from '../../../support/transfers.ts';

const KIB = 1024;
const READ_BYTES = 512 * KIB;
const STRETCH_BYTES = 4096 * KIB;
const NOBODY = 65_534;
const CONTENT = contentOf('file-hashers', 2 * STRETCH_BYTES + READ_BYTES + 1);
/** As long as a file that takes two stretches. */
const TWO_STRETCHES = CONTENT.subarray(0, STRETCH_BYTES + 1);

const folder = useTempDir();
const code = useHashThread();
const hashersWith = useFileHashers();
let hashers: FileHashers;

beforeEach(() => {
  hashers = hashersWith({ threads: 3, threadEntry: code().entry });
});

function path(name = 'image'): string {
  return join(folder(), name);
}

function write(content: Uint8Array, name?: string): string {
  writeFileSync(path(name), content);
  return path(name);
}

/** Root may do anything, so it becomes nobody. */
function becomeNobody(): void {
  if (process.geteuid?.() === 0) process.seteuid?.(NOBODY);
}

function becomeYourself(): void {
  if (process.getuid?.() === 0) process.seteuid?.(0);
}

async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  chmodSync(folder(), 0o755);
  becomeNobody();
  try {
    return await work();
  } finally {
    becomeYourself();
  }
}

describe('FileHashers.hash()', () => {
  test.each([
    0,
    1,
    READ_BYTES - 1,
    READ_BYTES,
    READ_BYTES + 1,
    STRETCH_BYTES - 1,
    STRETCH_BYTES,
    STRETCH_BYTES + 1,
    2 * STRETCH_BYTES,
    CONTENT.length,
  ])('hashes as Node does, and tells of every byte once, when the file has %d', async (length) => {
    const content = CONTENT.subarray(0, length);
    write(content);
    for (const algorithm of ['sha512', 'sha256', 'md5']) {
      const told: number[] = [];
      const digest = await hashers.hash(requestFor(path(), { algorithm, onBytes: (bytes) => told.push(bytes) }));
      expect(digest).toBe(createHash(algorithm).update(content).digest('hex'));
      expect(told.reduce((sum, bytes) => sum + bytes, 0)).toBe(length);
      expect(Math.max(...told)).toBeLessThanOrEqual(STRETCH_BYTES);
    }
    expect(openBelow(folder())).toEqual([]);
  });

  test('hashes holes as zeros', async () => {
    write(Buffer.from('x'));
    truncateSync(path(), STRETCH_BYTES + 5);
    const content = Buffer.alloc(STRETCH_BYTES + 5);
    content.write('x');
    expect(await hashers.hash(requestFor(path()))).toBe(sha256Of(content));
  });

  test('hashes many files at once, of which no more are open than there are threads', async () => {
    const contents = Array.from({ length: 40 }, (_, file) => CONTENT.subarray(file, STRETCH_BYTES + 2 * file));
    const paths = contents.map((content, file) => write(content, `file-${file}`));
    let mostOpen = 0;
    const onBytes = () => {
      mostOpen = Math.max(mostOpen, openBelow(folder()).length);
    };
    const digests = await Promise.all(paths.map((each) => hashers.hash(requestFor(each, { onBytes }))));
    expect(digests).toEqual(contents.map(sha256Of));
    expect(mostOpen).toBeLessThanOrEqual(hashers.width);
    expect(openBelow(folder())).toEqual([]);
  });

  test('is undefined, and reads nothing, when the file is not the one that is meant', async () => {
    write(CONTENT.subarray(0, 10));
    const told: number[] = [];
    const request = requestFor(path(), { onBytes: (bytes) => told.push(bytes) });
    const { facts } = request;
    for (const other of [
      { sizeBytes: 11 },
      { inode: facts.inode + 1 },
      { device: facts.device + 1 },
      { modifiedSec: facts.modifiedSec - 1 },
    ]) {
      expect(await hashers.hash({ ...request, facts: { ...facts, ...other } })).toBeUndefined();
    }
    expect([told, openBelow(folder())]).toEqual([[], []]);
  });

  test.each<readonly [string, (path: string) => unknown]>([
    ['nothing', () => undefined],
    ['a link to the file', (at) => symlinkSync(path('meant'), at)],
    ['a folder', (at) => mkdirSync(at)],
    ['a FIFO that nobody writes to', (at) => execFileSync('mkfifo', [at])],
    ['a socket', (at) => new Promise<void>((resolve) => void createServer().unref().listen(at, resolve))],
  ])('is undefined, at once, when there is %s in its place', async (_what, make) => {
    const request = requestFor(write(CONTENT, 'meant'));
    await make(path());
    expect(await hashers.hash({ ...request, path: path() })).toBeUndefined();
    expect(openBelow(folder())).toEqual([]);
  });

  test.each<readonly [string, () => void]>([
    ['appended to', () => appendFileSync(path(), 'x')],
    ['truncated', () => truncateSync(path(), 1)],
    ['truncated where the next stretch begins', () => truncateSync(path(), STRETCH_BYTES)],
    ['removed', () => unlinkSync(path())],
    ['moved away', () => renameSync(path(), path('elsewhere'))],
    ['replaced by another one', () => renameSync(write(TWO_STRETCHES, 'other'), path())],
    [
      'replaced by a link to it',
      () => {
        renameSync(path(), path('elsewhere'));
        symlinkSync(path('elsewhere'), path());
      },
    ],
    [
      'written to in its midst',
      () => {
        const descriptor = openSync(path(), 'r+');
        writeSync(descriptor, 'x', 7);
        closeSync(descriptor);
      },
    ],
  ])('is undefined when the file is %s while it is read', async (_what, change) => {
    write(TWO_STRETCHES);
    // Else a change within the same tick of the file system's clock could not be told.
    utimesSync(path(), 1000, 1000);
    let isChanged = false;
    const onBytes = () => {
      if (!isChanged) change();
      isChanged = true;
    };
    expect(await hashers.hash(requestFor(path(), { onBytes }))).toBeUndefined();
    expect([isChanged, openBelow(folder())]).toEqual([true, []]);
  });

  test('hashes on when the file is moved away and put back, and its mode is changed, while it is read', async () => {
    write(TWO_STRETCHES);
    const onBytes = () => {
      renameSync(path(), path('elsewhere'));
      renameSync(path('elsewhere'), path());
      chmodSync(path(), 0o640);
    };
    expect(await hashers.hash(requestFor(path(), { onBytes }))).toBe(sha256Of(TWO_STRETCHES));
  });

  test('does not count as a use of the file', async () => {
    write(CONTENT);
    // Older than the modification, so that any use would be noted.
    utimesSync(path(), 1000, 2000);
    expect(await hashers.hash(requestFor(path()))).toBe(sha256Of(CONTENT));
    expect(statSync(path()).atimeMs).toBe(1_000_000);
    // Any other reading is one, unless nothing is noted here at all.
    if (mountOf(path('.'))?.options.includes('noatime') === true) return;
    readFileSync(path());
    expect(statSync(path()).atimeMs).toBeGreaterThan(1_000_000);
  });

  test('hashes the file of another user, which may be read', async () => {
    write(CONTENT);
    // The code of the threads may not be read by that user, so they have to be there.
    await Promise.all(Array.from({ length: hashers.width }, () => hashers.hash(requestFor(path()))));
    expect(await asNobody(() => hashers.hash(requestFor(path())))).toBe(sha256Of(CONTENT));
  });

  test('is CACHE_PERMISSION when the file may not be read', async () => {
    write(CONTENT);
    chmodSync(path(), 0);
    const error = await asNobody(() => rejectionOf(hashers.hash(requestFor(path()))));
    expect(error).toBeInstanceOf(CacheStateError);
    expect(error).toMatchObject({ code: 'CACHE_PERMISSION', details: { path: path(), errno: 'EACCES' } });
  });

  test('is CACHE_PERMISSION when the folder may not be searched any more after the last byte', async () => {
    write(CONTENT.subarray(0, 1));
    const request = requestFor(path());
    const onBytes = () => {
      chmodSync(folder(), 0);
      becomeNobody();
    };
    const hash = hashers.hash({ ...request, onBytes });
    const error = await rejectionOf(hash).finally(becomeYourself);
    chmodSync(folder(), 0o700);
    expect(error).toMatchObject({ code: 'CACHE_PERMISSION', details: { path: path(), errno: 'EACCES' } });
    expect(openBelow(folder())).toEqual([]);
  });

  test.each(['sha1024', '', 'shake-none'])('is INTEGRITY_UNVERIFIABLE for the algorithm %j', async (algorithm) => {
    write(CONTENT);
    const error = await rejectionOf(hashers.hash(requestFor(path(), { algorithm })));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ code: 'INTEGRITY_UNVERIFIABLE', details: { algorithm } });
    expect(openBelow(folder())).toEqual([]);
  });
});

describe('FileHashers.start()', () => {
  const threads = (): number => readdirSync('/proc/self/task').length;

  test('starts as many threads as the files need and no more than it may, which then hash', async () => {
    write(TWO_STRETCHES);
    // Node's own threads for files are there now.
    await lstat(path());
    const before = threads();
    hashers.start(2);
    expect(threads() - before).toBe(2);
    hashers.start(2);
    expect(threads() - before).toBe(2);
    hashers.start(100);
    expect(threads() - before).toBe(3);
    const digests = await Promise.all([1, 2, 3, 4].map(() => hashers.hash(requestFor(path()))));
    expect(digests).toEqual([1, 2, 3, 4].map(() => sha256Of(TWO_STRETCHES)));
    expect(threads() - before).toBe(3);
  });

  test('starts nothing when the hashers are closed', async () => {
    const before = threads();
    await hashers.close();
    hashers.start(2);
    expect(threads() - before).toBe(0);
  });
});

describe('FileHashers.width', () => {
  test('is as many as are given, else one a core and no more than 8', () => {
    expect(hashers.width).toBe(3);
    expect(new FileHashers().width).toBe(Math.min(availableParallelism(), 8));
  });
});
