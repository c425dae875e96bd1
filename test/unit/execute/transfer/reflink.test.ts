import { constants, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, copyFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type ReflinkCalls, tryReflink } from '../../../../src/execute/transfer/reflink.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const folder = useTempDir();
let [from, to] = ['', ''];

beforeEach(() => {
  [from, to] = [join(folder(), 'from'), join(folder(), 'to')];
  writeFileSync(from, 'content', { mode: 0o604 });
});

/** A system call that fails as the kernel says it. */
function failing(errno: string, syscall: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(`${errno}: injected, ${syscall}`), { code: errno, syscall }));
}

/** What a file system does that can share blocks: this one may be another. */
const able: ReflinkCalls = { copyFile: (source, target) => copyFile(source, target), chmod, unlink };

/** What one does that has made the file when it finds out that it cannot. */
function unable(errno: string): ReflinkCalls {
  const fail = failing(errno, 'copyfile');
  return { ...able, copyFile: (_source, target) => copyFile(from, target).then(fail) };
}

describe('tryReflink()', () => {
  test('makes a file of its own with the same content, or none, on whatever file system this is', async () => {
    expect(await tryReflink(from, to)).toBe(existsSync(to));
    if (existsSync(to)) expect([readFileSync(to, 'utf8'), lstatSync(to).mode & 0o777]).toEqual(['content', 0o640]);
    writeFileSync(from, 'another');
    if (existsSync(to)) expect(readFileSync(to, 'utf8')).toBe('content');
  });

  test('asks for shared blocks and nothing else, and for a file that is not there yet', async () => {
    const modes: unknown[] = [];
    const copying: ReflinkCalls['copyFile'] = (source, target, mode) => {
      modes.push(mode);
      return copyFile(source, target);
    };
    await tryReflink(from, to, { ...able, copyFile: copying });
    expect(modes).toEqual([constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL]);
  });

  test('gives the file the mode of a part, not that of the store', async () => {
    expect(await tryReflink(from, to, able)).toBe(true);
    expect([readFileSync(to, 'utf8'), lstatSync(to).mode & 0o777]).toEqual(['content', 0o640]);
    expect(lstatSync(from).mode & 0o777).toBe(0o604);
  });

  test.each([
    'EOPNOTSUPP',
    'ENOTSUP',
    'ENOTTY',
    'ENOSYS',
    'EXDEV',
    'EINVAL',
    'EPERM',
    'ETXTBSY',
    'EAGAIN',
    'EBADF',
    'EIO',
    'ENOENT',
  ])('is false, and leaves nothing, when the file system says %s', async (errno) => {
    expect(await tryReflink(from, to, unable(errno))).toBe(false);
    expect([existsSync(to), readFileSync(from, 'utf8')]).toEqual([false, 'content']);
    // Nor where nothing had been made yet.
    expect(await tryReflink(from, to, { ...able, copyFile: failing(errno, 'copyfile') })).toBe(false);
  });

  test.each([
    ['ENOSPC', 'CACHE_NO_SPACE'],
    ['EDQUOT', 'CACHE_NO_SPACE'],
    ['EACCES', 'CACHE_PERMISSION'],
    ['EROFS', 'CACHE_READ_ONLY'],
  ])('fails, and leaves nothing, when no copy could be made either: %s is %s', async (errno, code) => {
    expect(await rejectionOf(tryReflink(from, to, unable(errno)))).toMatchObject({
      code,
      message: expect.stringContaining(`Cannot create ${JSON.stringify(to)}`) as unknown,
      details: { path: to, errno },
    });
    expect(existsSync(to)).toBe(false);
  });

  test('leaves alone what is there already', async () => {
    writeFileSync(to, 'older');
    expect(await rejectionOf(tryReflink(from, to))).toMatchObject({ code: 'CACHE_IO', details: { errno: 'EEXIST' } });
    expect(readFileSync(to, 'utf8')).toBe('older');
  });

  test('leaves alone a folder that is there already', async () => {
    mkdirSync(to);
    expect(await rejectionOf(tryReflink(from, to))).toMatchObject({ code: 'CACHE_IO' });
    expect(lstatSync(to).isDirectory()).toBe(true);
  });

  test('is false when the file has gone meanwhile', async () => {
    await unlink(from);
    expect(await tryReflink(from, to)).toBe(false);
    expect(existsSync(to)).toBe(false);
  });

  test('fails, and leaves nothing, when the mode cannot be set', async () => {
    const calls = { ...able, chmod: failing('EPERM', 'chmod') };
    expect(await rejectionOf(tryReflink(from, to, calls))).toMatchObject({
      code: 'CACHE_PERMISSION',
      details: { path: to },
    });
    expect(existsSync(to)).toBe(false);
  });

  test('fails when what is half made cannot be removed', async () => {
    const calls = { ...unable('EOPNOTSUPP'), unlink: failing('EIO', 'unlink') };
    expect(await rejectionOf(tryReflink(from, to, calls))).toMatchObject({
      code: 'CACHE_IO',
      message: `Cannot remove ${JSON.stringify(to)}: injected (EIO)`,
    });
  });

  test('throws on what is no failure of the system', async () => {
    const bug = new TypeError('bug');
    const calls = { ...able, copyFile: () => Promise.reject(bug) };
    expect(await rejectionOf(tryReflink(from, to, calls))).toBe(bug);
  });
});
