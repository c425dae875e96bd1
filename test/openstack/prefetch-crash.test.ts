import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { type CacheState, readCache } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { download, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { NO_STORE, partsOf, prefetch, startPrefetch } from './support/prefetch.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-prefetcher killed at random instants while it brings many images into a cache that glance-api serves: what
// it leaves is never a wrong image, and the next run does the rest.

const stack = useStack();
const IMAGES = 30;
const KILLS = 10;
let node: GlanceNode;
let client: GlanceClient;
let images: readonly TestImage[];
let byId: ReadonlyMap<string, TestImage>;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  images = await uploadImages(
    client,
    Array.from({ length: IMAGES }, () => randomInt(400_000)),
  );
  byId = new Map(images.map((image) => [image.id, image]));
});

/** Whoever has a file in the cache has the right one, and whoever has a row has a file of that size. */
function expectSound({ images: files, rows, incomplete, invalid }: CacheState): void {
  expect(files.filter(({ path, name }) => sha256Of(readFileSync(path)) !== byId.get(name)?.sha256)).toEqual([]);
  const sizes = new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  expect(rows.filter(({ image_id, size }) => sizes.get(image_id) !== size)).toEqual([]);
  expect([incomplete, invalid]).toEqual([[], []]);
}

function imagesIn(folder: string): readonly string[] {
  return readdirSync(join(node.cacheDir, folder)).filter((name) => name.length === 36);
}

test('a prefetcher that is killed leaves nothing that glance-api and the next run cannot live with', async () => {
  const seen = { beforeWork: 0, halfWay: 0, afterWork: 0 };
  for (let round = 0; round < KILLS; round += 1) {
    await client.request('DELETE', '/v2/cache');
    for (const { id } of images) await client.queueImage(id);
    const options = { env: round % 2 === 0 ? {} : NO_STORE, as: USERS[round % USERS.length] ?? 'glance' };
    const { child, result } = startPrefetch(node, [], options);
    // Most of its life is node's start and the login; most kills wait until the first images are there.
    if (round % 4 === 0) await delay(randomInt(250));
    else {
      while (imagesIn('.').length === 0 && child.exitCode === null) await delay(1);
      await delay(randomInt(120));
    }
    child.kill('SIGKILL');
    await result;
    // A kill may leave a journal that is to be rolled back: glance-api is the first to look into the index.
    const left = { images: imagesIn('.'), queue: imagesIn('queue') };
    if (child.signalCode === null) seen.afterWork += 1;
    else if (left.images.length === 0) seen.beforeWork += 1;
    else seen.halfWay += 1;
    // What is not there is queued still; what was published last may be both.
    expect(new Set([...left.queue, ...left.images]).size).toBe(IMAGES);

    for (let some = 0; some < 3; some += 1) await download(client, images[randomInt(IMAGES)] as TestImage);
    await expect.poll(() => readCache(node.cacheDir).incomplete.length, { timeout: 10_000 }).toBe(0);
    expectSound(readCache(node.cacheDir));

    expect(await prefetch(node, [], options)).toMatchObject(SILENT_SUCCESS);
    // An image that a client has fetched meanwhile is not wanted any more; what is left of it is for the cleaner.
    const cleaned = await runOurs(node, 'glance-cache-cleaner', [], { as: options.as });
    expect(cleaned).toMatchObject(SILENT_SUCCESS);
    const mended = readCache(node.cacheDir);
    expectSound(mended);
    expect({ images: mended.images.length, queue: mended.queue, parts: partsOf(node) }).toEqual({
      images: IMAGES,
      queue: [],
      parts: [],
    });
    // A kill between the renaming and the commit leaves a file without a row, which the pruner adopts after a minute.
    expect(mended.rows.length).toBeGreaterThanOrEqual(IMAGES - 4);
    const index = new Database(`${node.cacheDir}/cache.db`, { timeout: 10_000, readonly: true });
    expect(index.pragma('integrity_check', { simple: true })).toBe('ok');
    index.close();
  }
  console.log(`kills: ${JSON.stringify(seen)}`);
  expect(seen.halfWay).toBeGreaterThan(KILLS / 4);
});
