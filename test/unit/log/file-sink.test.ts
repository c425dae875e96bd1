import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors/cache-error.ts';
import { type FileSinkOptions, type OpenFile, openFileSink } from '../../../src/log/file-sink.ts';

const NOBODY = 65534;

let folder: string;
let path: string;
let complaints: string[];
let umask: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-sink-'));
  path = join(folder, 'cleaner.log');
  complaints = [];
  umask = process.umask(0o022);
});

afterEach(() => {
  process.umask(umask);
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

function optionsOf(more: Partial<FileSinkOptions> = {}): FileSinkOptions {
  return {
    path,
    format: (level, message) => `${level} ${message}`,
    complain: (text) => complaints.push(text),
    watch: false,
    ...more,
  };
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('openFileSink()', () => {
  test('appends records to the file, made with mode 0640', async () => {
    for (const message of ['one', 'two']) {
      const sink = openFileSink(optionsOf());
      sink.write('INFO', message);
      await sink.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('INFO one\nINFO two\n');
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(complaints).toEqual([]);
  });

  test('has each record in the file at once', async () => {
    const sink = openFileSink(optionsOf());
    sink.write('INFO', 'one');
    expect(readFileSync(path, 'utf8')).toBe('INFO one\n');
    await sink.close();
  });

  test('writes nothing after the close', async () => {
    const sink = openFileSink(optionsOf());
    await sink.close();
    sink.write('INFO', 'late');
    await sink.close();
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(complaints).toEqual([]);
  });

  test.each([
    ['the folder is missing', () => join(folder, 'no', 'x.log'), 'ENOENT'],
    ['a file stands for the folder', () => join(folder, 'file', 'x.log'), 'ENOTDIR'],
    ['it is a folder', () => join(folder, 'sub'), 'EISDIR'],
    ['it is a link', () => join(folder, 'link'), 'ELOOP'],
    ['it is a link to nothing', () => join(folder, 'dangling'), 'ELOOP'],
  ])('refuses when %s', async (_why, pathOf, errno) => {
    mkdirSync(join(folder, 'sub'));
    await openFileSink(optionsOf({ path: join(folder, 'file') })).close();
    symlinkSync('file', join(folder, 'link'));
    symlinkSync('planted', join(folder, 'dangling'));
    const error = errorOf(() => openFileSink(optionsOf({ path: pathOf() })));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      code: 'CONFIG_LOG',
      exitCode: 3,
      details: { path: pathOf(), errno },
      message: expect.stringMatching(new RegExp(`^Cannot open log file '${pathOf()}': .+ \\(${errno}\\)$`)) as string,
      hint: expect.any(String) as string,
    });
    expect(existsSync(join(folder, 'planted'))).toBe(false);
  });

  test('refuses when the rights it is opened with do not suffice', () => {
    chmodSync(folder, 0o555);
    const asNobody: OpenFile = (...args) => {
      if (process.geteuid?.() !== 0) return openSync(...args);
      process.seteuid?.(NOBODY);
      try {
        return openSync(...args);
      } finally {
        process.seteuid?.(0);
      }
    };
    const error = errorOf(() => openFileSink(optionsOf({ open: asNobody })));
    expect(error).toMatchObject({ code: 'CONFIG_LOG', details: { path, errno: 'EACCES' } });
    expect(existsSync(path)).toBe(false);
  });

  test('complains once and goes on when the disk is full', async () => {
    const sink = openFileSink(optionsOf({ path: '/dev/full' }));
    sink.write('INFO', 'one');
    sink.write('INFO', 'two');
    await sink.close();
    expect(complaints).toEqual([
      "Cannot write log file '/dev/full': no space left on device (ENOSPC); records are lost until there is space",
    ]);
  });

  test('keeps to the renamed file when it does not watch', async () => {
    const sink = openFileSink(optionsOf());
    renameSync(path, `${path}.1`);
    sink.write('INFO', 'one');
    await sink.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('INFO one\n');
    expect(existsSync(path)).toBe(false);
  });

  test('opens anew when it watches and the file was moved or removed', async () => {
    const sink = openFileSink(optionsOf({ watch: true }));
    sink.write('INFO', 'one');
    renameSync(path, `${path}.1`);
    sink.write('INFO', 'two');
    rmSync(path);
    sink.write('INFO', 'three');
    await sink.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('INFO one\n');
    expect(readFileSync(path, 'utf8')).toBe('INFO three\n');
    expect(complaints).toEqual([]);
  });

  test('keeps the old file and complains once when a link was planted in its place', async () => {
    const sink = openFileSink(optionsOf({ watch: true }));
    renameSync(path, `${path}.1`);
    symlinkSync('planted', path);
    sink.write('INFO', 'one');
    sink.write('INFO', 'two');
    await sink.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('INFO one\nINFO two\n');
    expect(existsSync(join(folder, 'planted'))).toBe(false);
    expect(complaints).toEqual([expect.stringMatching(/^Cannot open log file '.*cleaner\.log': .*\(ELOOP\)$/)]);
  });
});
