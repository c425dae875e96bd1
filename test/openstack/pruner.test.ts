import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { copyCache, readCache } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { cacheImages, hit, type TestImage, uploadImages } from './support/images.ts';
import { addImages, makeCache, writeCacheConf } from './support/made-cache.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-pruner beside the stock one, and beside a glance-api that serves clients.

const stack = useStack();
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
});

/** What a pruner may change: everything but access times, locks and what is ours alone. */
function stateOf(cacheDir: string): unknown {
  const { images, incomplete, invalid, queue, rows } = readCache(cacheDir);
  const stable = (entries: typeof images) => entries.map(({ path, accessedSec, ...entry }) => entry);
  return { images: stable(images), incomplete, invalid, queue: stable(queue), rows };
}

/** Both pruners on copies of one cache. Returns how many images are left. */
async function expectSamePrune(start: string, maxSize: number, as: 'root' | 'glance'): Promise<number> {
  const copies = [`${start}-${maxSize}-${as}-ours`, `${start}-${maxSize}-${as}-stock`] as const;
  const [ourConf, stockConf] = await Promise.all(
    copies.map(async (copy) => {
      await copyCache(start, copy);
      return writeCacheConf(copy, { image_cache_max_size: maxSize });
    }),
  );
  const [ours, stock] = await Promise.all([
    runOurs({ cacheConf: ourConf ?? '' }, 'glance-cache-pruner', [], { as }),
    runStock(node, 'glance-cache-pruner', { conf: stockConf ?? '' }),
  ]);
  expect(ours).toEqual({ ...SILENT_SUCCESS, signal: null });
  expect(stock).toMatchObject({ exitCode: 0 });
  expect(stateOf(copies[0]), `maximum ${maxSize}`).toEqual(stateOf(copies[1]));
  return readCache(copies[0]).images.length;
}

test('glance-cache-pruner keeps what the stock pruner keeps when glance-api has filled the cache', async () => {
  const images = await uploadImages(client, [70_000, 1, 250_000, 33_333, 120_000, 400_000, 90_000, 200_000]);
  await cacheImages(client, node, images);
  // Neither the order of arrival nor that of the ids is the order of use; two images are never used again.
  for (const index of [4, 0, 6, 2, 4, 7, 0]) await hit(client, node, images[index] as TestImage);
  await client.queueImage((await uploadImages(client, [5]))[0]?.id ?? '');
  await stack.stopGlance(node);
  const start = join(stack.stateDir, 'prune-start');
  await copyCache(node.cacheDir, start);
  const total = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const recent = [...readCache(start).rows].sort((a, b) => b.last_accessed - a.last_accessed);
  const newest = recent[0]?.size ?? 0;
  expect(recent).toHaveLength(8);

  const left = new Map<number, number>();
  for (const as of USERS) {
    for (const maxSize of [0, 1, newest - 1, newest, 300_000, 600_000, total - 1, total, total + 1, 10 ** 18]) {
      left.set(maxSize, await expectSamePrune(start, maxSize, as));
    }
  }
  expect([0, newest - 1, newest, total - 1, total].map((size) => left.get(size))).toEqual([0, 0, 1, 7, 8]);
  await stack.restartGlance({}, node);
});

test('glance-cache-pruner keeps what the stock pruner keeps when sizes and times are random', async () => {
  const { cacheDir } = makeCache('prune-random');
  const made = Array.from({ length: 60 }, (_, i) => ({
    // No two alike: the order that the stock pruner gives to equals is SQLite's own business.
    last_accessed: 1_600_000_000 + randomInt(10 ** 6) + i / 100,
    last_modified: 1_600_000_000 + randomInt(10 ** 6),
    size: randomInt(4) === 0 ? 0 : randomInt(20_000),
    hits: randomInt(9),
  }));
  addImages(cacheDir, made);
  const total = made.reduce((sum, { size }) => sum + size, 0);
  for (const maxSize of [0, ...Array.from({ length: 4 }, () => randomInt(1, total)), total]) {
    // A size of 0 where the maximum is 0 is for each to keep or not: see the test below.
    if (maxSize > 0) await expectSamePrune(cacheDir, maxSize, 'glance');
  }
});

test('glance-cache-pruner never harms a download when it prunes while glance-api serves clients', async () => {
  const images = await uploadImages(
    client,
    Array.from({ length: 12 }, (_, i) => 1_500_000 + i),
  );
  await cacheImages(client, node, images);
  const logStart = readFileSync(node.apiLog, 'utf8').length;
  const told = { complete: 0, refused: 0 };
  let isOver = false;
  // Few, and with pauses: Glance commits to its index for every download, asks for a lock only every 50 ms, and gives up
  // after 2 s. Six clients without pauses on a busy disk make it fail them without any help of ours.
  const clients = Array.from({ length: 3 }, async (_, lane) => {
    // Each has images of its own: two cold downloads of one image at once are a race of Glance's, as both write one file.
    const own = images.filter((_image, i) => i % 3 === lane);
    while (!isOver) {
      const image = own[randomInt(own.length)] as TestImage;
      await delay(randomInt(60));
      const response = await client.request('GET', `/v2/images/${image.id}/file`);
      const content = new Uint8Array(await response.arrayBuffer());
      // A download that starts in the instant of removal: Glance has seen the file and finds it gone.
      if (response.status === 500) told.refused += 1;
      else {
        expect({ status: response.status, sha256: sha256Of(content) }).toEqual({ status: 200, sha256: image.sha256 });
        told.complete += 1;
      }
    }
  });
  const pruning = (async () => {
    let removed = 0;
    for (let round = 0; round < 25; round += 1) {
      const maxSize = String(round % 2 === 0 ? 0 : 6_000_000);
      const args = ['--max-size', maxSize, '--format', 'json'];
      const { exitCode, stdout, stderr } = await runOurs(node, 'glance-cache-pruner', args);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const { before, after } = JSON.parse(stdout) as { before: { images: number }; after: { images: number } };
      removed += before.images - after.images;
      await delay(50);
    }
    return removed;
  })();
  // Whoever fails first ends the test; the others must not fail into nowhere.
  const ended = pruning.finally(() => {
    isOver = true;
  });
  const [removed] = await Promise.all([ended, ...clients]);
  console.log(`${told.complete} downloads complete, ${told.refused} answered with 500, ${removed} images removed`);
  expect(removed).toBeGreaterThan(25);
  expect(told.complete).toBeGreaterThan(100);
  expect(told.refused).toBeLessThan(told.complete / 10);
  // Nothing else went wrong: each 500 is a file that was gone, and neither a lock nor a lost row is among Glance's errors.
  const errors =
    readFileSync(node.apiLog, 'utf8')
      .slice(logStart)
      .match(/^.* (?:ERROR|WARNING) glance.*$/gm) ?? [];
  expect(errors.filter((line) => !/No such file or directory: '[^']*\/cache\/[0-9a-f-]{36}'/.test(line))).toEqual([]);
  expect(errors).toHaveLength(told.refused);

  // glance-api goes on serving, caching and counting.
  await runOurs(node, 'glance-cache-pruner', ['--max-size', '0']);
  await expect
    .poll(() => readCache(node.cacheDir))
    .toMatchObject({ images: [], incomplete: [], invalid: [], rows: [] });
  await cacheImages(client, node, images);
  for (const image of images.slice(0, 3)) await hit(client, node, image);
  const cache = readCache(node.cacheDir);
  expect(cache.images.map(({ name }) => name)).toEqual(cache.rows.map(({ image_id }) => image_id));
  expect(cache.images).toHaveLength(images.length);
  for (const image of images.slice(3)) await hit(client, node, image);
});

test('glance-cache-pruner --dry-run changes nothing and prints what the run then does', async () => {
  const dry = await runOurs(node, 'glance-cache-pruner', ['--max-size', '5000000', '--dry-run', '--format', 'json']);
  const before = stateOf(node.cacheDir);
  const real = await runOurs(node, 'glance-cache-pruner', ['--max-size', '5000000', '--format', 'json']);
  type Told = { items: { image_id: string; action: string }[] };
  const [planned, done] = [dry, real].map(({ stdout }) =>
    (JSON.parse(stdout) as Told).items.map(({ image_id, action }) => ({ image_id, action })),
  );
  expect(planned?.length).toBeGreaterThan(5);
  expect(done).toEqual(planned);
  expect(stateOf(node.cacheDir)).not.toEqual(before);
  const gone = new Set(planned?.map(({ image_id }) => image_id));
  expect(readCache(node.cacheDir).images.filter(({ name }) => gone.has(name))).toEqual([]);
});
