import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CacheStateError } from '../../../../src/errors/cache-error.ts';
import { type FileSource, openFileSource } from '../../../../src/execute/transfer/file-source.ts';
import { closeFile } from '../../../../src/execute/transfer/open-regular-file.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { openDescriptors } from '../../../support/fetch-ports.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { sha256Of } from '../../../support/transfers.ts';

const NOBODY = 65_534;
const CONTENT = contentOf('file', 100_000);

const folder = useTempDir();

function path(name = 'image'): string {
  return join(folder(), name);
}

async function opened(offsetBytes?: number): Promise<FileSource> {
  const source = await openFileSource(path(), offsetBytes);
  if (source === undefined) throw new Error('There is no file');
  return source;
}

async function readAll(source: FileSource, targetBytes = 4099): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const target = new Uint8Array(new SharedArrayBuffer(targetBytes));
    const length = await source.read(target);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(target.subarray(0, length));
  }
}

describe('openFileSource()', () => {
  test('reads a file from its start to its end, and stays there', async () => {
    writeFileSync(path(), CONTENT);
    const source = await opened();
    expect(source.sizeBytes).toBe(CONTENT.length);
    expect(sha256Of(await readAll(source))).toBe(sha256Of(CONTENT));
    expect(await source.read(new Uint8Array(1))).toBe(0);
    await source.close();
  });

  test.each([0, 1, 4099, CONTENT.length - 1, CONTENT.length, CONTENT.length + 1])(
    'begins at byte %d when it is told to',
    async (offsetBytes) => {
      writeFileSync(path(), CONTENT);
      const source = await opened(offsetBytes);
      expect(source.sizeBytes).toBe(CONTENT.length);
      expect(sha256Of(await readAll(source))).toBe(sha256Of(CONTENT.subarray(offsetBytes)));
      await source.close();
    },
  );

  test('ends at once when the file is empty', async () => {
    writeFileSync(path(), '');
    const source = await opened();
    expect([source.sizeBytes, await source.read(new Uint8Array(1))]).toEqual([0, 0]);
    await source.close();
  });

  test('reads what is there, and not what was there, when the file grows or shrinks meanwhile', async () => {
    writeFileSync(path(), 'abc');
    const source = await opened();
    appendFileSync(path(), 'def');
    expect(Buffer.from(await readAll(source, 2)).toString()).toBe('abcdef');
    expect(source.sizeBytes).toBe(3);
    await source.close();
    const shrinking = await opened();
    await shrinking.read(new Uint8Array(2));
    truncateSync(path(), 1);
    expect(await shrinking.read(new Uint8Array(2))).toBe(0);
    await shrinking.close();
  });

  test.each<readonly [string, (path: string) => unknown]>([
    ['nothing', () => undefined],
    ['a link to a file', (at) => symlinkSync(path('victim'), at)],
    ['a link to nowhere', (at) => symlinkSync('/nowhere', at)],
    ['a link to itself', (at) => symlinkSync(at, at)],
    ['a folder', (at) => mkdirSync(at)],
    ['a FIFO that nobody writes to', (at) => execFileSync('mkfifo', [at])],
    ['a socket', (at) => new Promise<void>((resolve) => void createServer().unref().listen(at, resolve))],
  ])('is undefined, at once, and leaves nothing open when there is %s', async (_what, make) => {
    writeFileSync(path('victim'), CONTENT);
    await make(path());
    const before = openDescriptors();
    expect(await openFileSource(path())).toBeUndefined();
    expect(openDescriptors()).toBe(before);
  });

  test('is undefined when a file is in the place of a folder', async () => {
    writeFileSync(path(), CONTENT);
    expect(await openFileSource(join(path(), 'image'))).toBeUndefined();
  });

  test('is CACHE_PERMISSION when the file may not be read', async () => {
    writeFileSync(path(), CONTENT);
    chmodSync(path(), 0);
    chmodSync(folder(), 0o755);
    // Root may read anything.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      const error = await rejectionOf(openFileSource(path()));
      expect(error).toBeInstanceOf(CacheStateError);
      expect(error).toMatchObject({ code: 'CACHE_PERMISSION', details: { path: path(), errno: 'EACCES' } });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test('names path and cause when a read fails', async () => {
    writeFileSync(path(), CONTENT);
    const source = await opened();
    await source.close();
    expect(await rejectionOf(source.read(new Uint8Array(1)))).toMatchObject({
      code: 'CACHE_IO',
      details: { path: path(), errno: 'EBADF' },
    });
  });

  test('close() waits for the read that is under way, and leaves nothing open', async () => {
    writeFileSync(path(), CONTENT);
    const before = openDescriptors();
    const source = await opened();
    let length = -1;
    const read = source.read(new Uint8Array(CONTENT.length)).then((bytes) => {
      length = bytes;
    });
    await source.close();
    expect([length, openDescriptors()]).toEqual([CONTENT.length, before]);
    await read;
    await source.close();
  });
});

describe('closeFile()', () => {
  test('names the file and the cause when a file system tells late that something failed', async () => {
    const late = Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO', errno: -5, syscall: 'close' });
    expect(await rejectionOf(closeFile('/cache/image', { close: () => Promise.reject(late) }))).toMatchObject({
      code: 'CACHE_IO',
      message: 'Cannot close "/cache/image": i/o error (EIO)',
    });
  });
});
