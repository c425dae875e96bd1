/**
 * Shows which ways to a cache of root's others than root can bend: root works there only where nobody can. And that a
 * directory full of other things costs time, and no more.
 */
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { weakSpotOf } from '../../src/cli/weak-spot.ts';
import { CacheFixture, idOf } from '../support/cache-fixture.ts';
import { runProgram } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';

const folder = useTempDir();
const OTHER = 12_345;
const MIB = 1024 * 1024;

describe('weakSpotOf()', () => {
  let parent: string;
  let path: string;

  beforeEach(() => {
    parent = join(folder(), 'parent');
    path = join(parent, 'cache');
    mkdirSync(path, { recursive: true });
  });

  test('finds nothing where all is in the hands of root, also below a folder such as /tmp', () => {
    expect(weakSpotOf(path)).toBeUndefined();
    expect(weakSpotOf('/var/lib')).toBeUndefined();
    expect(weakSpotOf(join(path, 'not', 'there'))).toBeUndefined();
    chmodSync(parent, 0o1777);
    expect(weakSpotOf(path)).toBeUndefined();
  });

  test.each([
    ['belongs to somebody else', OTHER, OTHER, 0o700],
    ['may be written to by a group', 0, OTHER, 0o770],
    ['may be written to by all', 0, 0, 0o707],
    ['belongs to somebody else, and keeps what is in it', OTHER, 0, 0o1755],
  ])('finds a folder on the way that %s', (_what, uid, gid, mode) => {
    chownSync(parent, uid, gid);
    chmodSync(parent, mode);
    expect(weakSpotOf(path)).toBe(parent);
    expect(weakSpotOf(join(path, '..', 'cache', 'x'))).toBe(parent);
  });

  test('goes by the group of root as by root', () => {
    chmodSync(parent, 0o770);
    expect(weakSpotOf(path)).toBeUndefined();
  });

  test('finds a folder like /tmp where the cache is still to be made, or is not root’s', () => {
    chmodSync(parent, 0o1777);
    expect(weakSpotOf(join(parent, 'new'))).toBe(parent);
    chownSync(path, OTHER, OTHER);
    expect(weakSpotOf(path)).toBe(parent);
  });

  test('finds folders that links lead by, one after the other', () => {
    const others = join(folder(), 'of-others');
    mkdirSync(others);
    symlinkSync('../of-others/second', join(parent, 'first'));
    symlinkSync(path, join(others, 'second'));
    expect(weakSpotOf(join(parent, 'first', 'x'))).toBeUndefined();
    chownSync(others, OTHER, OTHER);
    expect(weakSpotOf(join(parent, 'first', 'x'))).toBe(others);
  });

  test('ends where links lead in a circle', () => {
    symlinkSync('second', join(parent, 'first'));
    symlinkSync('first', join(parent, 'second'));
    expect(weakSpotOf(join(parent, 'first'))).toBeUndefined();
  });
});

test('a hundred thousand strange entries, a journal of a gibibyte and folders within folders take no more memory than any cache', async () => {
  const cache = new CacheFixture(folder());
  const { areas, parts } = cache.layout;
  mkdirSync(parts, { recursive: true });
  for (let number = 0; number < 20_000; number++) {
    for (const place of [cache.root, areas.invalid, areas.incomplete, areas.queue, parts]) {
      writeFileSync(join(place, `\u001b[31m odd ${number} ${'x'.repeat(100)}`), '');
    }
  }
  for (const kind of ['json', 'json.new', 'part']) {
    const path = join(parts, `${idOf('1')}.${kind}`);
    writeFileSync(path, '{"version":1,');
    truncateSync(path, 1024 * MIB);
  }
  mkdirSync(join(areas.invalid, idOf('2'), ...Array.from({ length: 500 }, () => 'deep')), { recursive: true });
  const preload = join(folder(), 'peak.cjs');
  const peak = join(folder(), 'peak');
  writeFileSync(
    preload,
    `process.on('exit', () => require('node:fs').writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));`,
  );
  const env = { NODE_OPTIONS: `--require=${preload}`, PEAK_FILE: peak };
  for (const [program, ...args] of [
    ['pruner', '--max-size', '0', '-v'],
    ['cleaner', '-v'],
    ['cleaner', '--dry-run', '--format', 'json'],
    ['manage', 'list-cached', '--format', 'json'],
    ['manage', 'list-invalid'],
    ['manage', 'list-queued'],
    ['manage', '-f', 'delete-all-cached-images'],
    ['prefetcher'],
  ] as const) {
    const run = await runProgram(program, ['--config-file', cache.conf, ...args], { env });
    expect(run.code, `${program} ${args.join(' ')}: ${run.stderr}`).toBe(0);
    expect(run.stdout + run.stderr).not.toContain('\u001b');
    // A report in JSON names every entry: that is what it costs.
    const mostMib = args.some((arg) => arg === 'json') ? 300 : 150;
    expect(Number(readFileSync(peak, 'utf8')) / 1024, `${program} ${args.join(' ')}`).toBeLessThan(mostMib);
  }
}, 300_000);
