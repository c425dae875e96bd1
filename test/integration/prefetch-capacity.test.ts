// How much is fetched: what the cache may hold, what the disk has, what a run may take, and how fast.
import { readdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudImage } from '../support/cloud/cloud.js';
import { contentOf } from '../support/cloud/contents.js';
import { answerNext, isDownload } from '../support/cloud/scripted.ts';
import { sendChunked } from '../support/http-answers.ts';
import {
  expectRecovery,
  FETCHED,
  itemsOf,
  MIB,
  type PrefetchFixture,
  QUEUED,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { success } from '../support/run-program.ts';
import { asImageId, putPin } from '../support/seeded-cache.ts';

const prefetch = usePrefetch();

const [ONE, TWO, THREE] = [idOf('1'), idOf('2'), idOf('3')];
const SMALL = [ONE, TWO, THREE].map((id) => ({ id, sizeBytes: 1000 }));

const HINT_TOO_LARGE =
  'Raise the maximum, as in image_cache_max_size = 1000, or take the image out of the queue: glance-cache-manage delete-queued-image 11111111-1111-1111-1111-111111111111';
const HINT_NO_SPACE = 'Make room elsewhere on that file system, or with "sudo glance-cache-pruner --min-free ';

/** A cache with a maximum, and queued images. */
async function queued(maxSize: number, images: readonly CloudImage[] = SMALL): Promise<PrefetchFixture> {
  const it = await prefetch({ images });
  it.cache.configure(`image_cache_max_size = ${maxSize}`);
  it.queue(...images.map(({ id }) => id));
  return it;
}

describe.concurrent('the maximum', () => {
  test('the prefetcher ends with 4 and tells by how much an image is larger than the cache may be', async () => {
    const it = await queued(999, [{ id: ONE, sizeBytes: 1000 }]);
    const message = `Cannot fetch image ${ONE} of 1000 B: it is 1 B larger than the whole cache may be (image_cache_max_size is 999 B)`;
    for (const args of [[], ['--dry-run'], ['--image', ONE]]) {
      const { code, stderr } = await it.run(args);
      expect({ code, stderr }).toEqual({ code: 4, stderr: `ERROR: ${message}\nhint: ${HINT_TOO_LARGE}\n` });
    }
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    expect(it.rangesOf(ONE)).toEqual([]);
    it.cache.configure('image_cache_max_size = 1000');
    await expectRecovery(it, ONE);
  });

  test('the prefetcher leaves aside what is pinned, which never makes way for what it fetches', async () => {
    const it = await queued(3500);
    for (const id of [idOf('4'), idOf('5')]) it.cache.addImage(id);
    putPin(it.cache.layout, asImageId(idOf('4')));
    putPin(it.cache.layout, asImageId(idOf('6')));
    const run = await it.run(['--format', 'json']);
    expect(itemsOf(run)).toMatchObject([{ reason: null }, { reason: null }, { reason: 'run-limit' }]);
    it.cache.configure('image_cache_max_size = 1999');
    const message =
      `Cannot fetch image ${THREE} of 1000 B: it is 1 B larger than what pinned images leave of the cache ` +
      '(image_cache_max_size is 1999 B, 1000 B of it are pinned)';
    const { code, stderr } = await it.run();
    expect([code, stderr.split('\n')[0]]).toEqual([4, `ERROR: ${message}`]);
    expect(it.stateOf(THREE)).toEqual(QUEUED);
  });

  test('the prefetcher stops at the maximum and removes the part when an image of unknown size has more', async () => {
    const it = await queued(MIB, [{ id: ONE, sizeBytes: 2 * MIB, overrides: { size: null } }]);
    answerNext(it.cloud, isDownload, sendChunked(200, [contentOf(ONE, 2 * MIB)]));
    const { code, stderr } = await it.run();
    expect(code).toBe(4);
    expect(stderr).toMatch(/^ERROR: Cannot fetch image .* larger than the whole cache may be .*\nhint: /);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    it.cache.configure(`image_cache_max_size = ${2 * MIB}`);
    await expectRecovery(it, ONE);
  });

  test('the prefetcher fetches no more in one run than the cache may hold, and leaves the rest for later', async () => {
    const it = await queued(2500);
    const run = await it.run(['--format', 'json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const skipped = { image_id: THREE, result: 'skipped', reason: 'run-limit', size: 1000, error: null };
    expect(itemsOf(run)).toMatchObject([{ result: 'done' }, { result: 'done' }, skipped]);
    expect([ONE, TWO, THREE].map((id) => it.stateOf(id))).toEqual([FETCHED, FETCHED, QUEUED]);
    await expectRecovery(it, THREE);
  });

  test('an image that does not fit any more does not keep a smaller one behind it from being fetched', async () => {
    const sizes = [600, 600, 400];
    const it = await queued(
      1000,
      SMALL.map(({ id }, place) => ({ id, sizeBytes: sizes[place] ?? 0 })),
    );
    expect(await it.run()).toEqual(success());
    expect([ONE, TWO, THREE].map((id) => it.stateOf(id))).toEqual([FETCHED, QUEUED, FETCHED]);
  });
});

describe.concurrent('free space', () => {
  for (const minFree of ['100%', '1PiB']) {
    test(`the prefetcher ends with 4 and tells what is missing when ${minFree} are to stay free`, async () => {
      const it = await queued(MIB, [{ id: ONE, sizeBytes: 1000 }]);
      for (const args of [[], ['--dry-run']]) {
        const { code, stderr } = await it.run([...args, '--min-free', minFree]);
        expect(code).toBe(4);
        const [, lacking, reserve] =
          /^ERROR: Cannot fetch image 1\S+ of 1000 B: (\d+) B are missing on the file system of the cache, as (\d+) B are to stay free \(min_free\)\nhint: /.exec(
            stderr,
          ) ?? [];
        const { blocks, bsize } = statfsSync(it.cache.root);
        expect(Number(reserve)).toBe(minFree === '1PiB' ? 2 ** 50 : blocks * bsize);
        expect(Number(lacking)).toBeGreaterThan(1000);
        expect(Number(lacking)).toBeLessThanOrEqual(Number(reserve) + 1000);
        expect(stderr).toContain(HINT_NO_SPACE);
      }
      expect(it.stateOf(ONE)).toEqual(QUEUED);
      expect(it.rangesOf(ONE)).toEqual([]);
      await expectRecovery(it, ONE);
    });
  }

  test('images that are fetched side by side do not count on the same free space', async () => {
    const { bavail, bsize } = statfsSync(tmpdir());
    // Any one of them would fit, and two would not.
    const sizeBytes = Math.floor((bavail * bsize) / 1.5);
    const it = await queued(
      2 ** 62,
      [ONE, TWO].map((id) => ({ id, sizeBytes: 1, overrides: { size: sizeBytes } })),
    );
    const { code, stdout, stderr } = await it.run(['-j', '2', '--dry-run', '--format', 'value']);
    // One would be fetched, one would not.
    expect(code).toBe(10);
    expect(stdout.split('\n').map((line) => line.split(' ')[2])).toEqual(['planned', 'failed', undefined]);
    expect(stderr).toMatch(
      /^ERROR: Cannot do everything: 1 of 2 items failed: Cannot fetch image 2\S+ of \d+ B: \d+ B are missing on the file system of the cache\n/,
    );
  });
});

describe.concurrent('the rate', () => {
  test('the prefetcher holds all downloads together below --limit-rate', async () => {
    const images = [ONE, TWO].map((id) => ({ id, sizeBytes: MIB }));
    const it = await queued(10 * MIB, images);
    const { code, stdout, stderr } = await it.run(['--limit-rate', '1MiB', '-j', '2', '--format', 'json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { elapsed } = JSON.parse(stdout) as { readonly elapsed: number };
    // Two seconds' worth, of which a quarter of a second may come at once.
    expect(elapsed).toBeGreaterThan(1.7);
    expect(elapsed).toBeLessThan(6);
    expect([ONE, TWO].map((id) => it.stateOf(id))).toEqual([FETCHED, FETCHED]);
    expect(readdirSync(it.cache.layout.parts)).toEqual([]);
  });
});
