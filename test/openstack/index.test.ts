import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCache } from './support/cache.ts';
import { cacheImages, download, hit, uploadImages } from './support/images.ts';
import { addImages, longUnused } from './support/made-cache.ts';
import { runOurs, USERS } from './support/on-node.ts';
import { PythonProcess } from './support/python-process.ts';
import { useStack } from './support/use-stack.ts';

// A cold download through glance-api fails for its client when the index stays locked for 2 s: a prune of many images
// must never keep it that long.

const stack = useStack();
const MANY = 5_000;

test.each(USERS)('glance-api loses no cold download while %s prunes thousands of images', async (as) => {
  const node = await stack.startGlanceNode();
  const client = await stack.connect(node);
  const images = await uploadImages(
    client,
    Array.from({ length: 24 }, (_, i) => 50_000 + i),
  );
  // Something to keep, so that the prune has to choose.
  await cacheImages(client, node, images.slice(0, 2));
  addImages(node.cacheDir, longUnused(MANY, 4_000));
  const keepBytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const logStart = readFileSync(node.apiLog, 'utf8').length;

  const probe = PythonProcess.start('probe_lock.py', [join(node.cacheDir, 'cache.db')]);
  expect(await probe.line()).toBe('ready');
  let isOver = false;
  const start = performance.now();
  const pruning = runOurs(node, 'glance-cache-pruner', ['--max-size', String(keepBytes), '--format', 'json'], {
    as,
  }).finally(() => {
    isOver = true;
  });
  let during = 0;
  const cold = images.slice(2);
  const clients = [0, 1, 2].map(async (lane) => {
    for (const image of cold.filter((_, i) => i % 3 === lane)) {
      await download(client, image);
      if (!isOver) during += 1;
    }
  });
  const [pruned] = await Promise.all([pruning, ...clients]);
  const seconds = (performance.now() - start) / 1000;
  const said = probe.line();
  await probe.end();
  const [, taken = '', longest = ''] = /^(\d+) (\S+)$/.exec(await said) ?? [];
  console.log(
    `${MANY} images, most of them pruned by ${as} in ${seconds.toFixed(2)} s beside ${during} cold downloads; ` +
      `another process waited ${longest} s for the index at most, in ${taken} attempts`,
  );

  expect(pruned).toMatchObject({ exitCode: 0, stderr: '' });
  const { before, after } = JSON.parse(pruned.stdout) as Record<'before' | 'after', { images: number }>;
  expect(before.images - after.images).toBeGreaterThan(MANY * 0.9);
  expect(during).toBeGreaterThan(0);
  expect(Number(taken)).toBeGreaterThan(10);
  expect(Number(longest)).toBeLessThan(2);
  expect(readFileSync(node.apiLog, 'utf8').slice(logStart)).not.toMatch(/ (ERROR|WARNING) glance/);
  // Each of them has its row, or will have it in a moment.
  await expect.poll(() => readCache(node.cacheDir).rows.length).toBe(readCache(node.cacheDir).images.length);
  const names = new Set(readCache(node.cacheDir).images.map(({ name }) => name));
  expect(cold.filter(({ id }) => !names.has(id))).toEqual([]);
  for (const image of cold.slice(0, 3)) await hit(client, node, image);
  await stack.stopGlance(node);
});
