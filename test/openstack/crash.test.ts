import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { type CacheEntry, copyCacheContents, readCache } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { cacheImages, download, downloadAll, hit, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, startOurs } from './support/on-node.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-pruner killed at random instants, on a cache that glance-api serves: what it leaves is never a wrong
// image, and the next run and the cleaner mend it.

const stack = useStack();
const IMAGES = 240;
const KILLS = 30;
const MAX_KB = 30;

test('a glance-cache-pruner that is killed leaves nothing that glance-api and the next run cannot live with', async () => {
  const node = await stack.startGlanceNode();
  const client = await stack.connect(node);
  const images = await uploadImages(
    client,
    Array.from({ length: IMAGES }, () => 1 + randomInt(MAX_KB * 1000)),
  );
  await cacheImages(client, node, images);
  const byId = new Map(images.map((image) => [image.id, image]));
  const start = join(stack.stateDir, 'crash-start');
  await copyCacheContents(node.cacheDir, start);
  const total = sizeOf(readCache(start).images);
  const seen = { beforeWork: 0, halfWay: 0, afterWork: 0, hotJournal: 0, inInvalid: 0 };

  for (let round = 0; round < KILLS; round += 1) {
    await copyCacheContents(start, node.cacheDir);
    const maxSize = round % 2 === 0 ? 0 : randomInt(total);
    const args = ['--max-size', String(maxSize)];
    const { child, result } = startOurs(node, 'glance-cache-pruner', args);
    // Most of its life is node's start; two of three kills wait until the work has begun.
    if (round % 3 === 0) await delay(randomInt(120));
    else {
      const isAtWork = (): boolean => readdirSync(node.cacheDir).length < IMAGES || child.exitCode !== null;
      while (!isAtWork()) await delay(0);
      await delay(randomInt(12));
    }
    child.kill('SIGKILL');
    await result;
    const names = readdirSync(node.cacheDir);
    const left = readCacheFiles(node.cacheDir);
    if (left.length === IMAGES) seen.beforeWork += 1;
    else if (child.signalCode === null) seen.afterWork += 1;
    else seen.halfWay += 1;
    if (names.includes('cache.db-journal')) seen.hotJournal += 1;
    if (readdirSync(join(node.cacheDir, 'invalid')).length > 0) seen.inInvalid += 1;

    // glance-api is the first to look: from the cache or from the store, every image is right.
    const some = Array.from({ length: 6 }, () => images[randomInt(IMAGES)] as TestImage);
    for (const image of new Set(some)) await download(client, image);
    expectRightFiles(node.cacheDir, byId);
    expectIntegrity(node.cacheDir);

    // The next run of each mends what is left. Glance enters the downloads above a moment after they ended: an image that
    // it counts a use of meanwhile is spared, and so the run after that may have to finish the work.
    const isOver = (): boolean => sizeOf(readCache(node.cacheDir).images) > maxSize;
    expect(await runOurs(node, 'glance-cache-pruner', args)).toMatchObject(SILENT_SUCCESS);
    if (isOver()) expect(await runOurs(node, 'glance-cache-pruner', args)).toMatchObject(SILENT_SUCCESS);
    expect(isOver()).toBe(false);
    expect(await runOurs(node, 'glance-cache-cleaner')).toMatchObject(SILENT_SUCCESS);
    expectIntegrity(node.cacheDir);
    expectRightFiles(node.cacheDir, byId);
    expect(readCache(node.cacheDir)).toMatchObject({ incomplete: [], invalid: [] });
    await expect.poll(() => filesWithoutRow(node.cacheDir)).toEqual([]);
  }
  console.log(`kills: ${JSON.stringify(seen)}`);
  expect(seen.halfWay).toBeGreaterThan(KILLS / 5);

  await downloadAll(client, images);
  await expect.poll(() => readCache(node.cacheDir).rows.length, { timeout: 20_000 }).toBe(IMAGES);
  for (const image of images.slice(0, 3)) await hit(client, node, image);
  expectRightFiles(node.cacheDir, byId);
});

function sizeOf(entries: readonly CacheEntry[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function filesWithoutRow(cacheDir: string): readonly string[] {
  const { images, rows } = readCache(cacheDir);
  const listed = new Set(rows.map(({ image_id }) => image_id));
  return images.map(({ name }) => name).filter((name) => !listed.has(name));
}

function readCacheFiles(cacheDir: string): readonly string[] {
  return readdirSync(cacheDir).filter((name) => name.length === 36);
}

/** No image in the cache has other bytes than Glance knows of. */
function expectRightFiles(cacheDir: string, byId: ReadonlyMap<string, TestImage>): void {
  const wrong = readCacheFiles(cacheDir).filter((name) => {
    return sha256Of(readFileSync(join(cacheDir, name))) !== byId.get(name)?.sha256;
  });
  expect(wrong).toEqual([]);
}

function expectIntegrity(cacheDir: string): void {
  const index = new Database(join(cacheDir, 'cache.db'), { timeout: 10_000 });
  try {
    expect(index.pragma('integrity_check', { simple: true })).toBe('ok');
  } finally {
    index.close();
  }
}
