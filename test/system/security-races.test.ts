/**
 * Shows that root is led nowhere while the owner of a cache swaps a folder, or the way to it, for a link without an end:
 * what only root could touch stays as it was, however often the programs run. And where root writes its logs.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CacheFixture, idOf } from '../support/cache-fixture.ts';
import { Child } from '../support/child.ts';
import { entriesOf, pathsBelow } from '../support/directory-state.ts';
import { patienceMs, rounds } from '../support/rounds.ts';

const GLANCE = 12_345;
const [ONE, TWO] = [idOf('1'), idOf('2')];
const AS_GLANCE = ['setpriv', `--reuid=${GLANCE}`, `--regid=${GLANCE}`, '--clear-groups'];

let top: string;

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'glance-cache-tools-')));
  chmodSync(top, 0o755);
  copyFileSync(join(import.meta.dirname, '..', 'security', 'programs', 'swapper.js'), join(top, 'swapper.mjs'));
});

afterAll(() => rmSync(top, { recursive: true, force: true }));

/** Gives all of a tree to the user of Glance. */
function toGlance(path: string): void {
  for (const each of ['', ...pathsBelow(path)]) lchownSync(join(path, each), GLANCE, GLANCE);
}

/** A cache in a home of Glance's, and a tree of root's that looks like it. */
function setUp(): { readonly cache: CacheFixture; readonly home: string; readonly victim: string } {
  const base = mkdtempSync(join(top, 'base-'));
  chmodSync(base, 0o755);
  const home = join(base, 'home-of-glance');
  mkdirSync(home);
  const cache = new CacheFixture(home);
  fill(cache);
  toGlance(home);
  // The configuration is root's, as in /etc, and stays where it is.
  writeFileSync(join(base, 'glance-cache.conf'), readFileSync(cache.conf));
  const victim = join(base, 'of-root');
  mkdirSync(victim);
  for (const folder of ['', 'cache', 'cache/invalid', 'cache/incomplete', 'cache/queue', 'invalid', 'queue']) {
    mkdirSync(join(victim, folder), { recursive: true });
    for (const id of [ONE, TWO]) writeFileSync(join(victim, folder, id), 'precious', { mode: 0o600 });
  }
  return { cache, home, victim };
}

function fill(cache: CacheFixture): void {
  cache.addImage(ONE);
  for (const id of [ONE, TWO]) cache.addFile('invalid', id, { ageSec: 1e6 });
  cache.addMarker(TWO);
}

describe('root, while the owner of the cache swaps', () => {
  test.concurrent.each([
    ['the cache directory', (home: string) => join(home, 'cache')],
    ['invalid/', (home: string) => join(home, 'cache', 'invalid')],
    ['queue/', (home: string) => join(home, 'cache', 'queue')],
    ['.glance-cache-tools/', (home: string) => join(home, 'cache', '.glance-cache-tools')],
  ])(
    '%s for a link, touches nothing of its own',
    async (_what, pathOf) => {
      const { cache, home, victim } = setUp();
      const before = entriesOf(victim);
      const [command = '', ...args] = [...AS_GLANCE, process.execPath, join(top, 'swapper.mjs')];
      const swapper = new Child(command, [...args, pathOf(home), victim]);
      try {
        await swapper.expectLine('swapping');
        for (let count = 0; count < rounds(6, 300); count++) {
          for (const [program, ...given] of [
            ['cleaner'],
            ['pruner', '--max-size', '0', '--adopt'],
            ['manage', '-f', 'delete-all-queued-images'],
            ['manage', '-f', 'queue-image', ONE],
          ] as const) {
            const run = await cache.run(program, ['--config-file', join(home, '..', 'glance-cache.conf'), ...given]);
            expect([0, 3, 4, 5, 10], run.stderr).toContain(run.code);
            expect(entriesOf(victim), run.stderr).toEqual(before);
          }
        }
      } finally {
        await swapper.finish();
      }
    },
    patienceMs(120_000),
  );
});

describe('a log file of root', () => {
  /** A cache that is root's, so that the rights stay root's, and a folder for logs that is Glance's. */
  function logs(): { readonly cache: CacheFixture; readonly folder: string; readonly victim: string } {
    const base = mkdtempSync(join(top, 'base-'));
    chmodSync(base, 0o755);
    const cache = new CacheFixture(base);
    const folder = join(base, 'logs');
    mkdirSync(folder);
    lchownSync(folder, GLANCE, GLANCE);
    const victim = join(base, 'victim');
    writeFileSync(victim, 'precious', { mode: 0o600 });
    return { cache, folder, victim };
  }

  const PLANTS: Readonly<Record<string, (path: string, victim: string) => void>> = {
    'a link': (path, victim) => symlinkSync(victim, path),
    'a second name of a file': (path, victim) => linkSync(victim, path),
    'a FIFO': (path) => void execFileSync('mkfifo', [path]),
    'a folder': (path) => mkdirSync(path),
  };

  for (const whose of ['root', 'Glance'] as const) {
    for (const [what, plant] of Object.entries(PLANTS)) {
      test.concurrent(`is refused when it is ${what}, on a cache of ${whose}`, async () => {
        const { cache, folder, victim } = logs();
        plant(join(folder, 'x.log'), victim);
        if (whose === 'Glance') toGlance(cache.root);
        const { code, stderr } = await cache.run('cleaner', ['-v', '--debug', '--log-file', join(folder, 'x.log')]);
        expect(code).toBe(3);
        expect(stderr).toMatch(/^ERROR: Cannot open log file '.+x\.log': .+$/m);
        expect(readFileSync(victim, 'utf8')).toBe('precious');
      });
    }
  }
});
