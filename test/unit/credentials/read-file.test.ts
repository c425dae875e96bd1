import { spawnSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSmallFile, resolvePath } from '../../../src/credentials/read-file.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { write } from './resolved.ts';

const dir = useTempDir();

describe('readSmallFile()', () => {
  test('reads a text', () => {
    const text = 'ä\n'.repeat(100_000);
    expect(readSmallFile(write(dir(), 'file', text))).toEqual({ kind: 'text', text });
    expect(readSmallFile(write(dir(), 'empty', ''))).toEqual({ kind: 'text', text: '' });
  });

  test('tells what is missing from what cannot be read', () => {
    write(dir(), 'file', 'x');
    for (const path of ['nothing', 'file/below']) {
      expect(readSmallFile(join(dir(), path))).toMatchObject({ kind: 'missing' });
    }
    expect(readSmallFile(dir())).toEqual({ kind: 'unreadable', reason: 'it is a directory' });
    expect(readSmallFile('/dev/null')).toEqual({ kind: 'unreadable', reason: 'it is a device' });
    expect(readSmallFile(join(dir(), 'x'.repeat(5000)))).toMatchObject({ kind: 'unreadable' });
  });

  test('finds nothing under a name that no file can have', () => {
    expect(readSmallFile('/etc/ca\0.pem')).toEqual({ kind: 'missing', reason: 'no path has a NUL character in it' });
  });

  test('does not wait for a pipe', () => {
    const pipe = join(dir(), 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    expect(readSmallFile(pipe)).toEqual({ kind: 'unreadable', reason: 'it is a pipe' });
  });

  test('does not load what is far too long', () => {
    const path = write(dir(), 'long', '');
    truncateSync(path, 64 * 1024 * 1024);
    expect(readSmallFile(path)).toEqual({ kind: 'unreadable', reason: 'it is longer than 8 MiB' });
  });
});

describe('resolvePath()', () => {
  test.each([
    ['/etc/ca.pem', '/etc/ca.pem'],
    ['ca.pem', '/srv/app/ca.pem'],
    ['~', '/home/me'],
    ['~/ca.pem', '/home/me/ca.pem'],
    ['~other/ca.pem', '/srv/app/~other/ca.pem'],
  ])('resolves %s', (path, absolute) => {
    expect(resolvePath(path, { cwd: '/srv/app', homeDir: '/home/me' })).toBe(absolute);
  });

  test.each([undefined, ''])('leaves ~ alone when the home is %o', (homeDir) => {
    expect(resolvePath('~/ca.pem', { cwd: '/srv/app', homeDir })).toBe('/srv/app/~/ca.pem');
  });
});
