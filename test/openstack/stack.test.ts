import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { type CacheRow, copyCache, readCache } from './support/cache.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// The machinery that the other files rely on: when many tests fail, look here first.

const stack = useStack();
const content = randomBytes(300_000);

async function cacheImage(client: GlanceClient, node: GlanceNode, id: string): Promise<void> {
  expect(await client.downloadImage(id)).toEqual(content);
  // Glance enters the row after the client has the last byte.
  await expect.poll(() => rowOf(node, id)).toBeDefined();
}

function rowOf(node: GlanceNode, id: string): CacheRow | undefined {
  return readCache(node.cacheDir).rows.find(({ image_id }) => image_id === id);
}

test('glance-api fills its cache when an image is downloaded twice', async () => {
  const client = await stack.connect();
  const id = await client.uploadImage(content);

  await cacheImage(client, stack.node, id);
  expect(await client.downloadImage(id)).toEqual(content);
  await expect.poll(() => rowOf(stack.node, id)?.hits).toBe(1);

  const cache = readCache(stack.node.cacheDir);
  const { uid, gid } = stack.user;
  expect(cache.images).toMatchObject([{ name: id, kind: 'file', sizeBytes: content.length, mode: '0640', uid, gid }]);
  expect(cache.rows).toMatchObject([{ image_id: id, size: content.length }]);
  expect(cache.others).toMatchObject([
    { name: 'cache.db', mode: '0640', uid, gid },
    { name: 'incomplete', mode: '0750', uid, gid },
    { name: 'invalid', mode: '0750', uid, gid },
    { name: 'queue', mode: '0750', uid, gid },
  ]);
  expect(await client.listCached()).toMatchObject([{ image_id: id, hits: 1, size: content.length }]);

  const listed = await runStock(stack.node, 'glance-cache-manage', { args: ['list-cached'] });
  expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(listed.stdout).toContain(id);
});

test('restartGlance() keeps the cache and takes new settings when there are any', async () => {
  const id = await (await stack.connect()).uploadImage(content);
  const node = await stack.restartGlance({ lockPath: false, cacheMaxSize: 1, workers: 1 });
  const client = await stack.connect();
  await cacheImage(client, node, id);

  expect(node.lockDir).toBeNull();
  expect(readCache(node.cacheDir).others.map(({ name }) => name)).toContain('image_cache_db_init');
  const before = readCache(node.cacheDir).images;
  expect(before.length).toBeGreaterThan(0);

  expect(await runStock(node, 'glance-cache-pruner')).toMatchObject({ exitCode: 0, stdout: '' });
  expect(readCache(node.cacheDir)).toMatchObject({ images: [], rows: [] });

  await stack.restartGlance({ emptyCache: true });
  expect(readCache(node.cacheDir).others.map(({ name }) => name)).not.toContain('image_cache_db_init');
});

test('startGlanceNode() serves the same images from a cache of its own', async () => {
  const node = await stack.startGlanceNode({ driver: 'xattr', workers: 1 });
  const id = await (await stack.connect()).uploadImage(content, { visibility: 'public' });
  const client = await stack.connect(node, stack.accounts.demo);

  expect(await client.downloadImage(id)).toEqual(content);
  await expect.poll(() => readCache(node.cacheDir).images).toMatchObject([{ name: id, mode: '0640' }]);
  expect(existsSync(join(node.cacheDir, 'cache.db'))).toBe(false);
  expect(existsSync(join(stack.node.cacheDir, id))).toBe(false);
});

test('copyCache() keeps contents, owners and times when glance-api is stopped', async () => {
  const client = await stack.connect();
  await cacheImage(client, stack.node, await client.uploadImage(content));
  await stack.stopGlance();
  const copy = join(stack.stateDir, 'copy');
  await copyCache(stack.node.cacheDir, copy);

  const facts = (dir: string) => {
    const { images, others, rows } = readCache(dir);
    const stable = [...images, ...others].map(({ path, accessedSec, ...rest }) => rest);
    return { rows, stable };
  };
  expect(facts(copy)).toEqual(facts(stack.node.cacheDir));
  await stack.restartGlance();
});
