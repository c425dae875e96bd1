import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CACHED_AT, CacheFixture, idOf, useCache } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { ESCAPES } from '../support/hostile-text.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { NODE_URL } from '../support/row-keepers.ts';
import { AS_ROOT, success, timeless, UNPRIVILEGED } from '../support/run-program.ts';

const cache = useCache();

function fill(): void {
  cache().addImage(idOf('1'), { size: 3000, hits: 4, accessed: 0 });
  cache().addImage(idOf('2'), { size: 20, hits: 1, accessed: Math.ceil(CACHED_AT) });
}

function pin(imageId: string): void {
  mkdirSync(cache().layout.pinned, { recursive: true });
  writeFileSync(join(cache().layout.pinned, imageId), '');
}

/** What is said of the file system differs from machine to machine, and with it the length of the bar above. */
function withoutFileSystem(picture: string): string {
  return picture
    .replace(/^File system {2}\[.*\n(?: +[#=-] .*\n)+/m, 'File system\n')
    .replace(/^Maximum {6}\[#+-+\]/m, 'Maximum      [##--]');
}

describe('stats', () => {
  test('draws the figures of this node, in ASCII and exact on a pipe, and changes nothing', async () => {
    cache().configure('image_cache_max_size = 4000');
    fill();
    cache().addFile('incomplete', idOf('3'), { size: 7, ageSec: 200_000 });
    cache().addFile('invalid', idOf('4'), { size: 5, ageSec: 10 });
    const before = cache().state();
    const { stdout, ...rest } = await cache().run('manage', ['stats'], { env: { LANG: 'C.UTF-8' } });
    expect(rest).toEqual({ code: 0, stderr: '' });
    expect(withoutFileSystem(stdout).replaceAll(/oldest 20\S+Z/g, 'oldest TIME')).toBe(
      `2 cached images, 5 hits in ${cache().root}

Maximum      [##--]  75 % of 4000 B
             # used 3020 B  - left 980 B
File system

Last use
  < 1 hour                                                     0 images     0 B
  < 1 day                                                      0 images     0 B
  < 1 week                                                     0 images     0 B
  < 30 days                                                    0 images     0 B
  older      ################################################  2 images  3020 B
  never                                                        0 images     0 B

Largest      ${idOf('1')}  3000 B
Most used    ${idOf('1')}  4 hits
Least used   ${idOf('2')}  1 hit
Latest use   ${idOf('2')}  2023-11-14T22:13:21Z
Oldest use   ${idOf('1')}  2023-11-14T22:13:20Z

Incomplete   1 file, 7 B, the oldest TIME
  < 1 week   #                                                 1 file       7 B
Invalid      1 file, 5 B, the oldest TIME
  < 1 hour   #                                                 1 file       5 B

Reclaimable  12 B at once by the cleaner, 3020 B of images that are not pinned
Pinned       none
Queued       none

Next prune   would remove nothing

Full         never at this rate
             nothing came within 7 d; what was removed since is not counted
`,
    );
    expect(cache().state()).toEqual(before);
    expect(timeless(await cache().manage('-v', 'stats', '-c', 'images')).stdout).toBe(
      'Images\n     2\nCompleted in N sec.\n',
    );
  });

  test('has the fields of stats --all-nodes, with one node, and more', async () => {
    cache().configure('worker_self_reference_url = http://controller1:9292', 'image_cache_max_size = 3000');
    fill();
    pin(idOf('1'));
    cache().addMarker(idOf('5'));
    const usedFirst = '2023-11-14T22:13:20.250000Z';
    const usedLast = '2023-11-14T22:13:21Z';
    const sums = { images: 2, size: 3020, hits: 5, least_recently_used: usedFirst, most_recently_used: usedLast };
    const largest = { largest_image: idOf('1'), largest_size: 3000 };
    expect(jsonOf(await callOn(cache(), 'manage', ['stats', '--format', 'json']))).toMatchObject({
      program: 'glance-cache-manage',
      command: 'stats',
      all_nodes: false,
      total: {
        ...sums,
        distinct_images: 2,
        ...largest,
        most_used: { image_id: idOf('1'), hits: 4, last_used: usedFirst },
        least_used: { image_id: idOf('2'), hits: 1, last_used: usedLast },
      },
      cache_dir: cache().root,
      driver: 'sqlite',
      use: { size: 3020, max_size: 3000, max_size_percent: 100.7 },
      queued: { images: 1 },
      pinned: { images: 1, size: 3000, not_cached: 0 },
      reclaimable: { files: 0, size: 0, unpinned_size: 20 },
      next_prune: {
        refused: false,
        images: 1,
        size: 20,
        reasons: [{ reason: 'max-size', images: 1, size: 20 }],
        first: [{ image_id: idOf('2'), size: 20, reason: 'max-size', last_used: usedLast }],
        shortfall_bytes: 0,
      },
      forecast: { state: 'full', limit: 'max-size', full_in: 0, bytes_per_day: 0 },
      items: [{ node: 'http://controller1:9292', ...sums, ...largest, this_node: true, pinned_size: 3000 }],
    });
    const value = await cache().manage('stats', '--format', 'value', '-c', 'largest_image', '-c', 'prune_size');
    expect(value).toEqual(success(`${idOf('1')} 20\n`));
  });

  test('tells the same as the dry runs of those that change the cache', async () => {
    cache().configure('image_cache_max_size = 3000', '[cache_tools]', 'low_watermark = 10%');
    fill();
    cache().addFile('incomplete', idOf('3'), { size: 70, ageSec: 200_000 });
    cache().addFile('invalid', idOf('4'), { size: 5 });
    // Not old enough, and held by nobody.
    cache().addFile('incomplete', idOf('5'), { size: 9 });
    const of = async (program: 'manage' | 'pruner' | 'cleaner', ...args: readonly string[]) =>
      jsonOf(await callOn(cache(), program, [...args, '--format', 'json'])) as Freed;
    const stats = (await of('manage', 'stats')) as unknown as Stats;
    expect(stats.next_prune.size).toBe((await of('pruner', '--dry-run')).freed_bytes);
    expect(stats.next_prune.size).toBe(3000);
    expect(stats.reclaimable.size).toBe((await of('cleaner', '--dry-run')).freed_bytes);
    expect(stats.reclaimable.size).toBe(75);
  });

  test('goes by files and rows of this node with the driver centralized_db', async () => {
    const ownBase = join(cache().base, 'own');
    mkdirSync(ownBase);
    const own = new CacheFixture(ownBase, 'centralized_db');
    own.addImage(idOf('1'), { size: 30, hits: 2 });
    own.addFile('cached', idOf('2'), { size: 4 });
    own.addRow(idOf('3'));
    expect(jsonOf(await callOn(own, 'manage', ['stats', '--format', 'json']))).toMatchObject({
      driver: 'centralized_db',
      total: { images: 2, size: 34, hits: 2 },
      unlisted: { images: 1, size: 4 },
      lost_rows: 1,
      items: [{ node: NODE_URL, images: 2, this_node: true }],
    });
  });

  test('takes a missing directory for an empty cache', async () => {
    rmSync(cache().root, { recursive: true });
    const { code, stdout, stderr } = await cache().manage('stats');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^No cached images in /);
    expect(await cache().manage('stats', '--format', 'value', '-c', 'node', '-c', 'images')).toEqual(success('- 0\n'));
  });

  test('counts files that the index does not list, and points at the driver', async () => {
    cache().addFile('cached', idOf('1'), { size: 50 });
    const env = clockSetAhead(cache().base, 3600);
    const { stdout, stderr } = await cache().run('manage', ['stats'], { env });
    expect(stdout).toMatch(/^1 cached image, 0 hits in /);
    expect(stdout).toContain('\nIndex        1 image, 50 B, not listed\n');
    expect(stdout).toContain('\nNext prune   is refused, as the index lists nothing');
    expect(stderr).toMatch(/^The index lists nothing, yet the directory holds 1 image file: check image_cache_driver/);
  });

  test('counts what no image ID names beside the images, and prints nothing that a terminal obeys', async () => {
    for (const [at, text] of ESCAPES.entries()) cache().addRow(text, { size: 10 ** at, hits: 'x', accessed: 1e300 });
    for (const args of [[], ['--format', 'json'], ['--format', 'csv'], ['-c', 'largest_image']]) {
      expectHarmless(await callOn(cache(), 'manage', ['stats', ...args]), args, [0]);
    }
    expect(jsonOf(await callOn(cache(), 'manage', ['stats', '--format', 'json']))).toMatchObject({
      total: { images: 0, size: 0 },
      foreign_rows: ESCAPES.length,
    });
  });

  test.skipIf(!AS_ROOT)('is there for a user who may only read (needs root)', async () => {
    fill();
    cache().handTo({ uid: 12_345, gid: UNPRIVILEGED.gid });
    for (const folder of Object.values(cache().layout.areas)) chmodSync(folder, 0o750);
    chmodSync(cache().conf, 0o644);
    const before = cache().state();
    const { code, stdout, stderr } = await cache().run('manage', ['stats'], { as: UNPRIVILEGED });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^2 cached images, 5 hits in /);
    expect(cache().state()).toEqual(before);
  });
});

/** What of the reports is looked at here. */
interface Freed {
  readonly freed_bytes: number;
}

interface Stats {
  readonly next_prune: { readonly size: number };
  readonly reclaimable: { readonly size: number };
}
