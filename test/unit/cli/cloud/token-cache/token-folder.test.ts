import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  openInTokenFolder,
  openTokenFolder,
  sweepTokenFolder,
  Unusable,
} from '../../../../../src/cli/cloud/token-cache/token-folder.ts';
import { formatRecord, LONGEST_BYTES } from '../../../../../src/keystone/token-cache/token-record.ts';
import { AS_ROOT } from '../../../../support/run-program.ts';
import { useTempDir } from '../../../../support/temp-dir.ts';
import { thrownBy } from '../../../../support/thrown.ts';

const home = useTempDir();
const USER = process.geteuid?.() ?? 0;
const OTHER = 12_345;
const KEY = 'a'.repeat(64);
const NOW_SEC = 1_790_000_000;

const tokensOf = (base: string): string => join(base, '.cache', 'glance-cache-tools', 'tokens');
const modeOf = (path: string): number => lstatSync(path).mode & 0o7777;

function openHome(env: Readonly<Record<string, string>> = {}): string {
  return openTokenFolder({ env, homeDir: home() }, USER);
}

/** The reason, without the folder of the test. */
function reason(attempt: () => unknown): string {
  const error = thrownBy(attempt);
  if (!(error instanceof Unusable)) throw error;
  return error.message.replaceAll(home(), '~');
}

describe('openTokenFolder()', () => {
  test('makes what is missing in the home, for nobody else', () => {
    const umask = process.umask(0);
    try {
      expect(openHome()).toBe(tokensOf(home()));
    } finally {
      process.umask(umask);
    }
    for (const folder of [tokensOf(home()), dirname(tokensOf(home())), join(home(), '.cache')]) {
      expect(modeOf(folder)).toBe(0o700);
    }
    expect(openHome()).toBe(tokensOf(home()));
  });

  test('goes by XDG_CACHE_HOME where that is absolute, and makes that one as well', () => {
    const xdg = join(home(), 'xdg');
    expect(openHome({ XDG_CACHE_HOME: xdg })).toBe(join(xdg, 'glance-cache-tools', 'tokens'));
    expect(modeOf(xdg)).toBe(0o700);
    expect(readdirSync(home())).toEqual(['xdg']);
  });

  test.each(['', 'cache', './cache', '~/.cache'])('takes no notice of XDG_CACHE_HOME=%j', (xdg) => {
    expect(openHome({ XDG_CACHE_HOME: xdg })).toBe(tokensOf(home()));
  });

  test.each([undefined, '', 'home'])('needs a home: %j is none', (homeDir) => {
    expect(reason(() => openTokenFolder({ env: {}, homeDir }, USER))).toBe(
      'neither XDG_CACHE_HOME nor HOME names a folder; name one of your own: export XDG_CACHE_HOME=/root/.cache',
    );
  });

  test('makes no home', () => {
    const missing = join(home(), 'not', 'there');
    expect(reason(() => openTokenFolder({ env: {}, homeDir: missing }, USER))).toBe(
      '"~/not/there/.cache" cannot be made: no such file or directory (ENOENT); look at it: namei -l ~/not/there/.cache',
    );
    expect(readdirSync(home())).toEqual([]);
  });

  test('says so where something else is in the way', () => {
    writeFileSync(join(home(), '.cache'), '');
    expect(reason(openHome)).toMatch(/^"~\/\.cache\/glance-cache-tools" cannot be made: not a directory \(ENOTDIR\); /);
  });

  test.each(['.cache', '.cache/glance-cache-tools', '.cache/glance-cache-tools/tokens'])(
    'uses no %s that others may write to',
    (name) => {
      openHome();
      const folder = join(home(), name);
      chmodSync(folder, 0o702);
      expect(reason(openHome)).toBe(
        `others may change what is in "~/${name}"; see who: namei -l ~/.cache/glance-cache-tools/tokens`,
      );
      chmodSync(folder, 0o755);
      expect(openHome()).toBe(tokensOf(home()));
    },
  );

  test('makes nothing where others may write, and uses what is ours already in a folder such as /tmp', () => {
    chmodSync(home(), 0o1777);
    expect(reason(openHome)).toMatch(/^others may change what is in "~"; /);
    expect(readdirSync(home())).toEqual([]);
    mkdirSync(join(home(), '.cache'), { mode: 0o700 });
    expect(openHome()).toBe(tokensOf(home()));
  });

  test('follows a link of ours, as of a home on another disk', () => {
    mkdirSync(join(home(), 'disk'), { mode: 0o700 });
    symlinkSync('disk', join(home(), '.cache'));
    expect(openHome()).toBe(tokensOf(home()));
    expect(readdirSync(join(home(), 'disk'))).toEqual(['glance-cache-tools']);
  });

  test.skipIf(!AS_ROOT)('uses no folder of somebody else, and follows no link of theirs (needs root)', () => {
    openHome();
    chownSync(dirname(tokensOf(home())), OTHER, OTHER);
    expect(reason(openHome)).toMatch(/^others may change what is in "~\/\.cache\/glance-cache-tools"; /);
    chownSync(home(), OTHER, OTHER);
    // Whoever has the home may put another one in its place in a folder such as /tmp.
    expect(reason(openHome)).toMatch(/^others may change what is in /);
  });

  test.skipIf(!AS_ROOT)('takes what is of root for safe, whoever runs (needs root)', () => {
    openHome();
    chownSync(tokensOf(home()), OTHER, OTHER);
    expect(openTokenFolder({ env: {}, homeDir: home() }, OTHER)).toBe(tokensOf(home()));
  });
});

describe('openInTokenFolder()', () => {
  const open = (user = USER) => {
    const opened = openInTokenFolder(openHome(), KEY, user);
    closeSync(opened.descriptor);
    return opened;
  };
  const pathOf = (): string => join(openHome(), `${KEY}.json`);

  test('makes an empty file for nobody else, whatever the umask, and opens it again', () => {
    const folder = openHome();
    for (const [digit, mask] of [
      ['1', 0],
      ['2', 0o027],
      ['3', 0o777],
    ] as const) {
      const umask = process.umask(mask);
      try {
        const { path, descriptor } = openInTokenFolder(folder, digit.repeat(64), USER);
        closeSync(descriptor);
        expect({ mode: modeOf(path), size: lstatSync(path).size }).toEqual({ mode: 0o600, size: 0 });
      } finally {
        process.umask(umask);
      }
    }
    open();
    expect(open().path).toBe(pathOf());
    writeFileSync(pathOf(), 'x');
    open();
    expect(lstatSync(pathOf()).size).toBe(1);
  });

  const HOSTILE: Readonly<Record<string, (path: string) => void>> = {
    'is a symbolic link': (path) => symlinkSync(join(home(), 'target'), path),
    'has a second name': (path) => {
      writeFileSync(join(home(), 'target'), 'old', { mode: 0o600 });
      linkSync(join(home(), 'target'), path);
    },
    'is no regular file': (path) => {
      expect(spawnSync('mkfifo', ['-m', '600', path]).status).toBe(0);
    },
    'is open to others': (path) => writeFileSync(path, 'old', { mode: 0o640 }),
  };

  test.each(Object.entries(HOSTILE))('uses no file that %s, and leaves it as it is', (state, plant) => {
    const path = pathOf();
    plant(path);
    const before = lstatSync(path);
    expect(reason(open)).toBe(`"${path.replace(home(), '~')}" ${state}; remove it: rm ${path.replace(home(), '~')}`);
    const { mode, size, mtimeMs } = lstatSync(path);
    expect({ mode, size, mtimeMs }).toEqual({ mode: before.mode, size: before.size, mtimeMs: before.mtimeMs });
    if (state === 'is a symbolic link') expect(readdirSync(home())).not.toContain('target');
  });

  test('uses no folder in its place', () => {
    mkdirSync(pathOf());
    expect(reason(open)).toMatch(/ cannot be opened: .* \(EISDIR\); look at it: namei -l /);
  });

  test.skipIf(!AS_ROOT)('uses no file of somebody else, nor root one of its user (needs root)', () => {
    writeFileSync(pathOf(), '', { mode: 0o600 });
    chownSync(pathOf(), OTHER, OTHER);
    expect(reason(open)).toContain('belongs to somebody else');
    chownSync(pathOf(), USER, USER);
    expect(reason(() => open(OTHER))).toContain('belongs to somebody else');
  });
});

describe('sweepTokenFolder()', () => {
  const recordOf = (lifetimeSec: number): string =>
    formatRecord({ token: 'gAAAAA', lifetimeSec, projectId: undefined, isAdmin: false, catalog: [] }, NOW_SEC - 100) ??
    '';
  const EXPIRED = recordOf(100);
  const nameOf = (digit: string): string => `${digit.repeat(64)}.json`;

  function sweep(files: Readonly<Record<string, string>>): readonly string[] {
    const folder = openHome();
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      utimesSync(join(folder, name), NOW_SEC, NOW_SEC);
    }
    sweepTokenFolder(folder, { except: KEY, user: USER, nowSec: NOW_SEC });
    return readdirSync(folder).sort();
  }

  test('removes what has expired, and nothing else', () => {
    const kept = {
      [nameOf('1')]: recordOf(101),
      [nameOf('2')]: '',
      [nameOf('3')]: 'half a li',
      [nameOf('4')]: EXPIRED + 'x'.repeat(LONGEST_BYTES),
      [nameOf('a')]: EXPIRED,
      'notes.json': EXPIRED,
      [nameOf('5').toUpperCase()]: EXPIRED,
      [`${'5'.repeat(63)}.json`]: EXPIRED,
      [`${nameOf('5')}.old`]: EXPIRED,
    };
    expect(sweep({ ...kept, [nameOf('5')]: EXPIRED, [nameOf('6')]: EXPIRED })).toEqual(Object.keys(kept).sort());
  });

  test('removes the half of a line that nobody can be writing any more', () => {
    const folder = openHome();
    const [path, fresh] = [join(folder, nameOf('3')), join(folder, nameOf('4'))];
    for (const [name, ageSec] of [[path, 24 * 3600] as const, [fresh, 24 * 3600 - 60] as const]) {
      writeFileSync(name, EXPIRED.slice(0, 50));
      utimesSync(name, NOW_SEC, NOW_SEC - ageSec);
    }
    expect(sweep({})).toEqual([nameOf('4')]);
  });

  test('neither follows links nor opens what is no file', () => {
    const folder = openHome();
    writeFileSync(join(home(), 'target'), EXPIRED);
    symlinkSync(join(home(), 'target'), join(folder, nameOf('5')));
    mkdirSync(join(folder, nameOf('6')));
    expect(spawnSync('mkfifo', [join(folder, nameOf('7'))]).status).toBe(0);
    expect(sweep({})).toEqual([nameOf('5'), nameOf('6'), nameOf('7')]);
    expect(readdirSync(home())).toContain('target');
  });

  test.skipIf(!AS_ROOT)('leaves the files of others (needs root)', () => {
    const path = join(openHome(), nameOf('5'));
    writeFileSync(path, EXPIRED);
    chownSync(path, OTHER, OTHER);
    expect(sweep({})).toEqual([nameOf('5')]);
  });

  test('does not mind that the folder is gone', () => {
    expect(() => sweepTokenFolder(join(home(), 'gone'), { except: KEY, user: USER, nowSec: NOW_SEC })).not.toThrow();
  });
});
