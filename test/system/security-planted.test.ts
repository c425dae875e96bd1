/**
 * Shows that whatever the owner of a cache plants in it, a run of root's reads, writes, changes, makes and removes
 * nothing that this owner could not: links of both kinds, FIFOs, sockets, devices and folders in place of everything
 * that the programs touch. Victims are root's and nobody else's.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CacheFixture, idOf } from '../support/cache-fixture.ts';
import { entriesOf, pathsBelow } from '../support/directory-state.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import type { ProgramName } from '../support/run-program.ts';

const GLANCE = { uid: 12_345, gid: 12_345 };
const [ONE, TWO, THREE, FOUR] = [idOf('1'), idOf('2'), idOf('3'), idOf('4')];
const SECRET = 'for the eyes of root';

let top: string;

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'glance-cache-tools-')));
  chmodSync(top, 0o755);
});

afterAll(() => rmSync(top, { recursive: true, force: true }));

const seed = seedOfRun();

/** How many of the calls are made on each cache. */
const CALLS_EACH = rounds(2, 100);

/** Everything that changes a cache, and a list. */
const CALLS: readonly (readonly [ProgramName, readonly string[]])[] = [
  ['pruner', ['--max-size', '0', '--adopt', '-v']],
  ['cleaner', ['-v']],
  ['manage', ['-f', 'queue-image', FOUR]],
  ['manage', ['-f', 'delete-cached-image', ONE]],
  ['manage', ['-f', 'delete-queued-image', THREE]],
  ['manage', ['-f', 'delete-all-cached-images']],
  ['manage', ['-f', 'delete-all-queued-images']],
  ['manage', ['list-cached']],
  ['manage', ['list-queued']],
  ['manage', ['list-incomplete']],
  ['manage', ['list-invalid']],
  ['manage', ['pin-image', TWO, FOUR]],
  ['manage', ['unpin-image', ONE, TWO]],
  ['manage', ['list-pinned']],
];

/** What takes the place of a file or folder of the cache; gets its path, and that of the victim. */
const PLANTS: Readonly<Record<string, (path: string, victim: string) => void>> = {
  'a link to a file': (path, victim) => symlinkSync(join(victim, 'file'), path),
  'a link to a folder': (path, victim) => symlinkSync(victim, path),
  'a link to what is not there': (path, victim) => symlinkSync(join(victim, 'new'), path),
  // Where fs.protected_hardlinks is 0, anybody can make them.
  'a hard link': (path, victim) => linkSync(join(victim, 'file'), path),
  'a hard link of an empty file': (path, victim) => linkSync(join(victim, 'empty'), path),
  'a FIFO': (path) => void execFileSync('mkfifo', [path]),
  'a device': (path) => void execFileSync('mknod', [path, 'c', '1', '3']),
  'a folder': (path) => mkdirSync(path),
};

/** All that a program opens, lists, makes, renames or removes. */
const PLACES: Readonly<Record<string, (cache: CacheFixture) => string>> = {
  'incomplete/': ({ layout }) => layout.areas.incomplete,
  'invalid/': ({ layout }) => layout.areas.invalid,
  'queue/': ({ layout }) => layout.areas.queue,
  '.glance-cache-tools/': ({ layout }) => layout.tools,
  'locks/': ({ layout }) => layout.locks,
  'prefetch/': ({ layout }) => layout.parts,
  'pinned/': ({ layout }) => layout.pinned,
  'a pin': ({ layout }) => join(layout.pinned, ONE),
  'a pin to come': ({ layout }) => join(layout.pinned, FOUR),
  'set-aside/': ({ layout }) => layout.setAside,
  'runs/': ({ layout }) => layout.runs,
  'the index': ({ layout }) => layout.index,
  'the journal of the index': ({ layout }) => `${layout.index}-journal`,
  'a lock of Glance': ({ root }) => join(root, 'glance-cache-prune'),
  'another lock of Glance': ({ root }) => join(root, 'glance-cache-clean'),
  'a lock of the toolkit': ({ layout }) => join(layout.locks, 'glance-cache-pruner'),
  'the journal of a lock': ({ layout }) => join(layout.locks, 'glance-cache-pruner-journal'),
  'a part': ({ layout }) => join(layout.parts, `${ONE}.part`),
  'a journal': ({ layout }) => join(layout.parts, `${ONE}.json`),
  'a torn journal': ({ layout }) => join(layout.parts, `${ONE}.json.new`),
  'the record of a run': ({ layout }) => join(layout.runs, 'glance-cache-pruner.json'),
  'a torn record': ({ layout }) => join(layout.runs, 'glance-cache-pruner.json.new'),
  'an image': ({ root }) => join(root, ONE),
  'a leftover': ({ layout }) => join(layout.areas.invalid, TWO),
  'a stalled download': ({ layout }) => join(layout.areas.incomplete, TWO),
  'a queue marker': ({ layout }) => join(layout.areas.queue, THREE),
  'a marker to come': ({ layout }) => join(layout.areas.queue, FOUR),
};

function makeBase(): string {
  return mkdtempSync(join(top, 'base-'));
}

/** A folder of root's with files of all the names that the programs remove. */
function makeVictim(base: string): string {
  const victim = join(base, 'of-root');
  mkdirSync(join(victim, 'prefetch'), { recursive: true });
  for (const name of ['locks', 'pinned']) mkdirSync(join(victim, name));
  for (const name of ['file', ONE, TWO, THREE, `prefetch/${ONE}.part`, `prefetch/${ONE}.json`, `pinned/${ONE}`]) {
    writeFileSync(join(victim, name), SECRET, { mode: 0o600 });
  }
  writeFileSync(join(victim, 'empty'), '', { mode: 0o600 });
  return victim;
}

/** A cache of Glance's, with something of everything. */
function makeCache(base: string): CacheFixture {
  const cache = new CacheFixture(base);
  cache.addImage(ONE);
  cache.addFile('invalid', TWO, { ageSec: 1e6 });
  cache.addFile('incomplete', TWO, { ageSec: 1e6 });
  cache.addMarker(THREE);
  cache.configure('image_cache_max_size = 0');
  for (const path of ['', ...pathsBelow(cache.root)]) lchownSync(join(cache.root, path), GLANCE.uid, GLANCE.gid);
  return cache;
}

/** What is left of the victim: contents, owners, modes, names. The times of links to its files are not. */
function stateOf(victim: string): unknown {
  return entriesOf(victim).map((entry) => {
    const { uid, gid } = lstatSync(join(victim, entry.path));
    return { ...entry, uid, gid };
  });
}

function plantAt(path: string, plant: (path: string, victim: string) => void, victim: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  plant(path, victim);
  // The owner of a second name is that of the file itself: the victim stays root's.
  for (let made = path; made.includes('.glance-cache-tools'); made = dirname(made)) {
    if (lstatSync(made).nlink === 1 || lstatSync(made).isDirectory()) lchownSync(made, GLANCE.uid, GLANCE.gid);
  }
}

/** Some of the calls, others each time. */
function someCalls(number: number): typeof CALLS {
  const start = (seed + number * CALLS_EACH) % CALLS.length;
  return [...CALLS.slice(start), ...CALLS.slice(0, start)].slice(0, CALLS_EACH);
}

test('all of the calls work where nothing is planted', async () => {
  for (const [program, args] of CALLS) {
    const cache = makeCache(makeBase());
    expect((await cache.run(program, args)).code, args.join(' ')).toBe(0);
  }
});

for (const [at, [place, pathOf]] of Object.entries(PLACES).entries()) {
  test.concurrent(
    `root touches nothing of its own when something else lies in place of ${place} (TEST_SEED=${seed})`,
    async () => {
      for (const [number, [what, plant]] of Object.entries(PLANTS).entries()) {
        const base = makeBase();
        const cache = makeCache(base);
        const victim = makeVictim(base);
        plantAt(pathOf(cache), plant, victim);
        const before = stateOf(victim);
        for (const [program, args] of someCalls(at * 8 + number)) {
          const { code, stdout, stderr } = await cache.run(program, [...args, '--lock-timeout', '0', '--debug']);
          const told = `${what}: ${program} ${args.join(' ')}: ${code} ${stderr}`;
          expect([0, 4, 5, 10], told).toContain(code);
          expect(stdout + stderr, told).not.toContain(SECRET);
          expect(stateOf(victim), told).toEqual(before);
        }
      }
    },
    patienceMs(120_000),
  );
}

test('root goes nowhere when the cache directory itself is a link that leads to a folder of its own', async () => {
  const base = makeBase();
  const cache = makeCache(base);
  const victim = makeVictim(base);
  const home = join(base, 'home-of-glance');
  mkdirSync(home);
  symlinkSync(victim, join(home, 'cache'));
  for (const path of [home, join(home, 'cache')]) lchownSync(path, GLANCE.uid, GLANCE.gid);
  cache.configureExactly('[DEFAULT]', `image_cache_dir = ${home}/cache`, 'image_cache_max_size = 0');
  const before = stateOf(victim);
  for (const [program, args] of CALLS) {
    const { code, stderr } = await cache.run(program, args);
    const state = `it belongs to root, and others may put something else in its place in "${home}"`;
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining(
        `${state}\nhint: Let nobody but root write there, or give the directory`,
      ) as string,
    });
    expect(stateOf(victim)).toEqual(before);
  }
});

test.each([
  ['anybody', 0, 0o777],
  ['anybody, as in /tmp,', 0, 0o1777],
  ['a group', 12_345, 0o770],
])('root makes nothing in a cache of its own that %s may write to', async (_who, gid, mode) => {
  const cache = makeCache(makeBase());
  chownSync(cache.root, 0, gid);
  chmodSync(cache.root, mode);
  const before = entriesOf(cache.root);
  for (const [program, args] of CALLS) {
    const { code, stderr } = await cache.run(program, args);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining(
        'it belongs to root, and others may write to it\nhint: Let nobody but root write there, or give the directory',
      ) as string,
    });
  }
  expect(entriesOf(cache.root)).toEqual(before);
});
