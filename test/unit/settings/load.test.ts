import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CacheError } from '../../../src/errors/cache-error.ts';
import { type ConfigSource, type LoadRequest, loadSettings } from '../../../src/settings/load.ts';
import { OPTIONS } from '../../../src/settings/options.ts';
import type { Settings } from '../../../src/settings/resolve.ts';
import { findSources } from '../../../src/settings/search.ts';

let root: string;
let home: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'settings-'));
  home = join(root, 'home');
  mkdirSync(home);
  chmodSync(root, 0o755);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Writes a file under the test's folder and returns its path. */
function write(path: string, text = '[DEFAULT]\n'): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

const file = (path: string): ConfigSource => ({ kind: 'file', path });
const dir = (path: string): ConfigSource => ({ kind: 'dir', path });

function load(request: Partial<LoadRequest>): Settings {
  return loadSettings({
    program: 'glance-cache-pruner',
    env: {},
    homeDir: home,
    cwd: root,
    sources: [],
    flags: [],
    ...request,
  });
}

/** What was read from the test's folder: the machine may have an /etc/glance of its own. */
function filesRead(request: Partial<LoadRequest>): readonly string[] {
  return load(request)
    .files.filter((path) => path.startsWith(root))
    .map((path) => path.slice(root.length + 1));
}

function failure(call: () => unknown): CacheError {
  try {
    call();
  } catch (error) {
    if (error instanceof CacheError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Root may read everything, so for it somebody else has to look. */
function unprivileged<T>(call: () => T): T {
  if (process.geteuid?.() !== 0) return call();
  process.seteuid?.(65_534);
  try {
    return call();
  } finally {
    process.seteuid?.(0);
  }
}

describe('default files', () => {
  test('are read in the order glance, glance-api, glance-cache, each where it is found first', () => {
    write('home/glance-cache.conf');
    write('home/.glance/glance-cache.conf', '[DEFAULT]\nimage_cache_max_size = 1\n');
    write('home/glance-api.conf', '[DEFAULT]\nimage_cache_max_size = 2\n');
    write('home/.glance/glance.conf');
    expect(filesRead({})).toEqual([
      'home/.glance/glance.conf',
      'home/glance-api.conf',
      'home/.glance/glance-cache.conf',
    ]);
    expect(load({}).get(OPTIONS.imageCacheMaxSize)).toBe(1);
  });

  test('are found in a snap when SNAP_COMMON or SNAP is set', () => {
    write('snap/etc/glance/glance.conf.d/a.conf');
    write('common/etc/glance/glance-cache-pruner.conf.d/b.conf');
    const env = { SNAP: join(root, 'snap'), SNAP_COMMON: join(root, 'common') };
    expect(filesRead({ env })).toEqual([
      'snap/etc/glance/glance.conf.d/a.conf',
      'common/etc/glance/glance-cache-pruner.conf.d/b.conf',
    ]);
  });

  test('are not read when a file is named, while the default folders are, and before it', () => {
    write('home/glance-cache.conf');
    write('home/glance.conf.d/a.conf', '[DEFAULT]\nimage_cache_max_size = 1\n');
    write('own.conf', '[DEFAULT]\nimage_cache_max_size = 2\n');
    expect(filesRead({ sources: [file('own.conf')] })).toEqual(['home/glance.conf.d/a.conf', 'own.conf']);
    expect(load({ sources: [file('own.conf')] }).get(OPTIONS.imageCacheMaxSize)).toBe(2);
  });

  test('raise an error when one is there and cannot be read', () => {
    const path = write('home/glance-cache.conf');
    write('home/glance.conf');
    write('home/glance-api.conf');
    chmodSync(path, 0);
    expect(unprivileged(() => failure(() => load({})))).toMatchObject({
      code: 'CONFIG_FILE_UNREADABLE',
      message: `Cannot read configuration file ${path}: permission denied (EACCES)`,
      details: { files: [path] },
    });
  });

  test('are passed over when the run needs none and one cannot be used', () => {
    const closed = write('home/glance-cache.conf');
    write('home/glance.conf', '[DEFAULT]\nimage_cache_max_size = 1\n');
    const garbled = write('home/glance-api.conf', 'no such line\n');
    chmodSync(closed, 0);
    const skipped: string[] = [];
    const onSkipped = ({ code, message }: CacheError): void => {
      if (message.includes(root)) skipped.push(`${code} ${message.includes(closed) ? closed : garbled}`);
    };
    const settings = unprivileged(() => load({ onSkipped }));
    expect(settings.get(OPTIONS.imageCacheMaxSize)).toBe(1);
    expect(skipped).toEqual([`CONFIG_PARSE ${garbled}`, `CONFIG_FILE_UNREADABLE ${closed}`]);
    const named = unprivileged(() => failure(() => load({ onSkipped, sources: [file(closed), file('gone')] })));
    expect(named).toMatchObject({ code: 'CONFIG_FILE_NOT_FOUND' });
    expect(unprivileged(() => failure(() => load({ onSkipped, sources: [file(closed)] })))).toMatchObject({
      code: 'CONFIG_FILE_UNREADABLE',
    });
  });

  test('are looked for elsewhere when the home directory is closed', () => {
    write('home/glance-cache.conf');
    chmodSync(home, 0);
    const request = { program: 'x', env: {}, homeDir: home, cwd: root, sources: [] };
    const paths = unprivileged(() => findSources(request)).map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith(root))).toEqual([]);
  });

  test('raise an error when a folder of the system is closed', () => {
    write('snap/etc/glance/glance-cache.conf');
    chmodSync(join(root, 'snap/etc/glance'), 0);
    const request = { env: { SNAP: join(root, 'snap') }, sources: [dir(home)] };
    expect(unprivileged(() => failure(() => load(request))).code).toBe('CONFIG_FILE_UNREADABLE');
  });

  test('leave out a folder that is hidden when a file is named', () => {
    write('snap/etc/glance/glance.conf.d/a.conf');
    chmodSync(join(root, 'snap/etc/glance'), 0);
    const request = { env: { SNAP: join(root, 'snap') }, sources: [file(write('own.conf'))] };
    expect(unprivileged(() => filesRead(request))).toEqual(['own.conf']);
  });

  test('do without a home when there is none', () => {
    expect(filesRead({ homeDir: undefined })).toEqual([]);
  });
});

describe('default folders', () => {
  test("go by the program's own name and not by that of its file", () => {
    for (const name of ['glance', 'glance-cache-pruner', 'glance-cache', 'glance-api'])
      write(`home/${name}.conf.d/x.conf`);
    expect(filesRead({})).toEqual(['home/glance.conf.d/x.conf', 'home/glance-cache-pruner.conf.d/x.conf']);
  });

  test('are not read when a folder is named, while the default files are', () => {
    write('home/glance.conf.d/a.conf');
    write('home/glance.conf');
    write('own/b.conf');
    expect(filesRead({ sources: [dir('own')] })).toEqual(['home/glance.conf', 'own/b.conf']);
  });
});

describe('--config-file and --config-dir', () => {
  test('are read in the order given', () => {
    write('a.conf');
    write('d/b.conf');
    write('home/c.conf');
    expect(filesRead({ sources: [dir('d'), file('a.conf'), file('~/c.conf'), file('a.conf')] })).toEqual([
      'd/b.conf',
      'a.conf',
      'home/c.conf',
      'a.conf',
    ]);
  });

  test('sort a folder by code point and leave out hidden and other files', () => {
    for (const name of ['10.conf', '9.conf', 'a.conf', 'Z.conf', '.h.conf', 'x.cfg', '\u{1f600}.conf', '\uff21.conf']) {
      write(`d/${name}`);
    }
    expect(filesRead({ sources: [dir('d'), file('/dev/null')] })).toEqual(
      ['10', '9', 'Z', 'a', '\uff21', '\u{1f600}'].map((name) => `d/${name}.conf`),
    );
  });

  test('name all files that are missing, once the others are read', () => {
    write('a.conf');
    const error = failure(() => load({ sources: [file('no1.conf'), file('a.conf'), file('no2.conf')] }));
    expect(error).toMatchObject({
      code: 'CONFIG_FILE_NOT_FOUND',
      message: `Cannot find configuration files ${join(root, 'no1.conf')}, ${join(root, 'no2.conf')}: no such file`,
      details: { files: [join(root, 'no1.conf'), join(root, 'no2.conf')] },
    });
  });

  test('report a file that cannot be parsed before one that is missing', () => {
    write('bad.conf', 'x');
    expect(failure(() => load({ sources: [file('no.conf'), file('bad.conf')] })).code).toBe('CONFIG_PARSE');
  });

  test('report a dangling link in a folder as a missing file', () => {
    mkdirSync(join(root, 'd'));
    symlinkSync('nowhere', join(root, 'd/x.conf'));
    expect(failure(() => load({ sources: [dir('d')] })).code).toBe('CONFIG_FILE_NOT_FOUND');
  });

  test('refuse a directory, a pipe and a device at once when they stand for a file', () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    mkdirSync(join(root, 'd/sub.conf'), { recursive: true });
    const reasons = [file(''), file(pipe), file('/dev/zero'), dir('d')].map(
      (source) => failure(() => load({ sources: [source] })).message,
    );
    expect(reasons).toEqual([
      `Cannot read configuration file ${root}: it is a directory`,
      `Cannot read configuration file ${pipe}: it is a pipe`,
      'Cannot read configuration file /dev/zero: it is a device',
      `Cannot read configuration file ${join(root, 'd/sub.conf')}: it is a directory`,
    ]);
  });

  test('take /dev/null for an empty file', () => {
    expect(load({ sources: [file('/dev/null')] }).files).toContain('/dev/null');
  });

  test.each([
    ['gone', 'no such file or directory (ENOENT)'],
    ['a.conf', 'not a directory (ENOTDIR)'],
  ])('refuse %s when it stands for a folder', (path, reason) => {
    write('a.conf');
    expect(failure(() => load({ sources: [dir(path)] }))).toMatchObject({
      code: 'CONFIG_DIR_NOT_FOUND',
      message: `Cannot read configuration folder ${join(root, path)}: ${reason}`,
      details: { dir: join(root, path) },
    });
  });

  test('refuse a folder that is closed', () => {
    write('d/a.conf');
    chmodSync(join(root, 'd'), 0);
    expect(unprivileged(() => failure(() => load({ sources: [dir('d')] }))).code).toBe('CONFIG_FILE_UNREADABLE');
  });

  test('keep escape characters out of messages when a path has them', () => {
    expect(failure(() => load({ sources: [file('\u001b[2J.conf')] })).message).not.toContain('\u001b');
  });
});

describe('loadSettings', () => {
  test('puts flags over environment over files', () => {
    const path = write('a.conf', '[cache_tools]\nmax_age = 1\nmin_free = 10%\nlock_timeout = 5\n');
    const settings = load({
      sources: [file(path)],
      env: { OS_CACHE_TOOLS__MAX_AGE: '2', OS_CACHE_TOOLS__MIN_FREE: '1GiB' },
      flags: [{ option: OPTIONS.maxAge, text: '3', flag: '--max-age' }],
    });
    expect(settings.get(OPTIONS.maxAge)).toBe(3);
    expect(settings.get(OPTIONS.minFree)).toEqual({ kind: 'bytes', bytes: 1_073_741_824 });
    expect(settings.get(OPTIONS.lockTimeout)).toBe(5);
  });
});
