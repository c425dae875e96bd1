import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readRow } from './support/cache.ts';
import { cacheImages, hit, type TestImage, uploadImages } from './support/images.ts';
import { giveToGlance } from './support/made-cache.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import {
  cacheFacts,
  errorOf,
  expectCached,
  expectOnlyCached,
  type FetchItem,
  NO_STORE,
  partsOf,
  prefetch,
  prefetchReport,
  queueInOrder,
} from './support/prefetch.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-prefetcher brings the queue of a node into its cache, and the glance-api of that node serves it from there.

const stack = useStack();
const SIZES = [0, 1, 3 * 1024 * 1024, 300 * 1024 * 1024] as const;
let node: GlanceNode;
let client: GlanceClient;
let images: readonly TestImage[];
let some: readonly TestImage[];

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  images = await uploadImages(client, SIZES);
  some = images.slice(0, 3);
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

afterAll(async () => {
  // An empty image cannot be asked for by a range, and so the catalog's glance-api caches it on its way.
  await (await stack.connect()).request('DELETE', '/v2/cache');
});

async function queue(wanted: readonly TestImage[]): Promise<void> {
  for (const { id } of wanted) await client.queueImage(id);
}

/** What is reported of an image that was fetched as a whole. */
function fetched({ id, sizeBytes }: TestImage, source: string): FetchItem {
  return {
    image_id: id,
    action: 'fetch',
    result: 'done',
    reason: null,
    area: null,
    name: 'test',
    source,
    size: sizeBytes,
    fetched: sizeBytes,
    resumed: 0,
    elapsed: expect.any(Number) as number,
    error: null,
    message: null,
  };
}

const SOURCES = [
  ['store', {}],
  ['http', NO_STORE],
] as const;

describe.each(USERS)('run by %s', (as) => {
  test.each(SOURCES)('the queue is fetched from %s, and glance-api serves and counts it', async (source, env) => {
    await queue(images);
    const { exitCode, stderr, report } = await prefetchReport(node, [], { as, env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const bytes = SIZES.reduce<number>((sum, size) => sum + size, 0);
    expect(report).toMatchObject({
      program: 'glance-cache-prefetcher',
      dry_run: false,
      cache_dir: node.cacheDir,
      fetched_images: images.length,
      fetched_bytes: bytes,
    });
    expect(report.elapsed).toBeGreaterThan(0);
    expect(report.items.toSorted((a, b) => (a.size ?? 0) - (b.size ?? 0))).toEqual(
      images.map((image) => fetched(image, source)),
    );
    expectOnlyCached(node, images);
    for (const image of images) expectCached(node, image);
    expect(partsOf(node)).toEqual([]);

    expect((await client.listCached()).map(({ image_id, size }) => [image_id, size]).sort()).toEqual(
      images.map(({ id, sizeBytes }) => [id, sizeBytes]).sort(),
    );
    for (const image of images) await hit(client, node, image);
    const [ours, stock] = await Promise.all([
      runOurs(node, 'glance-cache-manage', ['list-cached']),
      runStock(node, 'glance-cache-manage', { args: ['list-cached'] }),
    ]);
    expect(ours).toMatchObject({ exitCode: 0, stdout: stock.stdout, stderr: '' });
    expect(stock.stdout).toContain(`Found ${images.length} cached images...`);
  });

  test('a run is silent when it succeeds, and when there is nothing to do', async () => {
    await queue(some);
    expect(await prefetch(node, [], { as })).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, some);
    // Nobody has to log in for an empty queue.
    const env = { OS_AUTH_URL: 'http://127.0.0.1:9/v3' };
    expect(await prefetch(node, [], { as, env })).toMatchObject(SILENT_SUCCESS);
  });

  test('--dry-run tells what a run would fetch and from where, and changes nothing', async () => {
    await queue(some);
    const before = cacheFacts(node);
    for (const [source, env] of SOURCES) {
      const { exitCode, report } = await prefetchReport(node, ['--dry-run'], { as, env });
      expect(exitCode).toBe(0);
      const bytes = SIZES[1] + SIZES[2];
      expect(report).toMatchObject({ dry_run: true, fetched_images: some.length, fetched_bytes: bytes });
      expect(report.items.toSorted((a, b) => (a.size ?? 0) - (b.size ?? 0))).toEqual(
        some.map((image) => ({ ...fetched(image, source), result: 'planned', elapsed: null })),
      );
    }
    expect(cacheFacts(node)).toEqual(before);
  });
});

test('--image fetches images that are not queued and leaves the others in the queue', async () => {
  const [empty, tiny, small] = some as readonly [TestImage, TestImage, TestImage];
  await queue([empty, tiny]);
  // In any spelling; one that is in the queue leaves it.
  const args = ['--image', small.id.toUpperCase(), '--image', `urn:uuid:${tiny.id}`];
  expect(await prefetch(node, args)).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [tiny, small], [empty.id]);
  // What is there already is no failure.
  const again = await prefetchReport(node, ['--image', tiny.id]);
  expect(again).toMatchObject({ exitCode: 0, stderr: '' });
  expect(again.report.items).toMatchObject([{ image_id: tiny.id, result: 'skipped', reason: 'cached', fetched: null }]);
});

test('an image that glance-api has cached leaves the queue without being fetched again', async () => {
  const [, tiny] = some as readonly [TestImage, TestImage];
  await cacheImages(client, node, [tiny]);
  await hit(client, node, tiny);
  const before = readRow(node.cacheDir, tiny.id);
  // glance-api takes a marker away when it caches an image, and queues none that is cached; the stock tool of old did.
  const marker = join(node.cacheDir, 'queue', tiny.id);
  writeFileSync(marker, '');
  giveToGlance(marker, 0o640);
  const { exitCode, report } = await prefetchReport(node);
  expect({ exitCode, items: report.items }).toMatchObject({
    exitCode: 0,
    items: [{ image_id: tiny.id, action: 'unqueue', result: 'done', reason: 'cached', area: 'queue' }],
  });
  expectOnlyCached(node, [tiny]);
  expect(readRow(node.cacheDir, tiny.id)).toEqual(before);
});

describe('bounds', () => {
  test('--limit-rate bounds all images together', async () => {
    const pair = await uploadImages(client, [1_500_000, 1_500_000]);
    await queue(pair);
    const { exitCode, report } = await prefetchReport(node, ['--limit-rate', '2MB'], { env: NO_STORE });
    expect(exitCode).toBe(0);
    // A quarter of a second's worth may pass at once.
    expect(report.elapsed).toBeGreaterThan(1.2);
    expect(report.elapsed).toBeLessThan(15);
    expectOnlyCached(node, pair);
    for (const image of pair) expectCached(node, image);
  });

  test('an image that is larger than the cache may be stays in the queue, and the others are fetched', async () => {
    const [, tiny, small] = some as readonly [TestImage, TestImage, TestImage];
    const env = { OS_DEFAULT__IMAGE_CACHE_MAX_SIZE: String(small.sizeBytes - 7) };
    await queue([small]);
    const alone = await prefetch(node, ['--format', 'json'], { env });
    expect(alone).toMatchObject({ exitCode: 4 });
    expect(errorOf(alone)).toMatchObject({ code: 'CACHE_CAPACITY', details: { lacking_bytes: 7 } });
    await queue([tiny]);
    const both = await prefetchReport(node, [], { env });
    expect(both.exitCode).toBe(10);
    expectOnlyCached(node, [tiny], [small.id]);
  });

  test('a run fetches no more than the cache may hold, first come first', async () => {
    const [first, second] = (await uploadImages(client, [2_000_000, 2_000_000])) as [TestImage, TestImage];
    await queueInOrder(client, [first, second]);
    const env = { OS_DEFAULT__IMAGE_CACHE_MAX_SIZE: '3000000' };
    const { exitCode, report } = await prefetchReport(node, [], { env });
    expect(exitCode).toBe(0);
    expect(report.items).toMatchObject([
      { image_id: first.id, result: 'done' },
      { image_id: second.id, result: 'skipped', reason: 'run-limit' },
    ]);
    expectOnlyCached(node, [first], [second.id]);
  });
});
