import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { readCache } from './support/cache.ts';
import { cacheImages, hit, uploadImages } from './support/images.ts';
import { addImages, longUnused } from './support/made-cache.ts';
import { runOurs, SILENT_SUCCESS, startOurs } from './support/on-node.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// Glance's own tools know no locks, and its "delete all" removes every file beside the images as well: the journal of a
// transaction under way, and lock files where `lock_path` is not set.

const stack = useStack();
const MANY = 2_000;
const ROUNDS = 8;

function expectIntegrity(cacheDir: string): void {
  const index = new Database(join(cacheDir, 'cache.db'), { timeout: 10_000 });
  try {
    expect(index.pragma('integrity_check', { simple: true })).toBe('ok');
  } finally {
    index.close();
  }
}

test.each([true, false])(
  'glance-cache-pruner and the API empty the cache together when lock_path is set: %s',
  async (lockPath) => {
    const node = await stack.startGlanceNode({ lockPath });
    const client = await stack.connect(node);
    const images = await uploadImages(client, [70_000, 80_000]);
    const ends = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      addImages(node.cacheDir, longUnused(MANY, 10));
      const { child, result } = startOurs(node, 'glance-cache-pruner', ['--max-size', '0']);
      const isAtWork = (): boolean => readdirSync(node.cacheDir).length < MANY || child.exitCode !== null;
      while (!isAtWork()) await delay(0);
      await delay(randomInt(30));
      const cleared = await client.request('DELETE', '/v2/cache');
      const { exitCode, stderr } = await result;
      const end = `${exitCode} ${/^ERROR: [^:"]*/.exec(stderr)?.[0] ?? ''}, API ${cleared.status}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      expect(stderr).toBe('');
      expect(exitCode).toBe(0);

      expectIntegrity(node.cacheDir);
      // Whatever the API could not do because the files were gone before it, the next runs do.
      expect(await runOurs(node, 'glance-cache-pruner', ['--max-size', '0'])).toMatchObject(SILENT_SUCCESS);
      expect(await runOurs(node, 'glance-cache-cleaner')).toMatchObject(SILENT_SUCCESS);
      expect(readCache(node.cacheDir)).toMatchObject({ images: [], invalid: [], incomplete: [] });
    }
    console.log(`how ${ROUNDS} rounds ended: ${JSON.stringify([...ends])}`);
    await client.request('DELETE', '/v2/cache');
    await cacheImages(client, node, images);
    for (const image of images) await hit(client, node, image);
    expect(readCache(node.cacheDir).rows).toHaveLength(images.length);
    await stack.stopGlance(node);
  },
);

test('glance-cache-pruner and the stock pruner prune one cache at the same time', async () => {
  const node = await stack.startGlanceNode({ cacheMaxSize: 200_000 });
  const client = await stack.connect(node);
  const images = await uploadImages(client, [60_000, 70_000]);
  await cacheImages(client, node, images);
  for (let round = 0; round < 2; round += 1) {
    addImages(node.cacheDir, longUnused(500, 1_000));
    // The stock one takes most of a second to begin, ours a tenth of that.
    const stock = runStock(node, 'glance-cache-pruner');
    const ours = (async () => {
      while (readCache(node.cacheDir).images.length > 480) await delay(1);
      return runOurs(node, 'glance-cache-pruner');
    })();
    expect(await ours).toMatchObject(SILENT_SUCCESS);
    expect(await stock).toMatchObject({ exitCode: 0, stdout: '' });
    expectIntegrity(node.cacheDir);
    const { images: files, rows, invalid } = readCache(node.cacheDir);
    expect(rows.map(({ image_id }) => image_id)).toEqual(files.map(({ name }) => name));
    expect(invalid).toEqual([]);
    expect(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(200_000);
    // The stock one does not notice that others prune as well, and may take more than it has to.
    await cacheImages(client, node, images);
    for (const image of images) await hit(client, node, image);
  }
});
