import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { download, downloadAll, hit, type TestImage, uploadImages } from './support/images.ts';
import { SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { pauseDownload } from './support/paused-download.ts';
import {
  expectOnlyCached,
  NO_STORE,
  partsOf,
  prefetch,
  prefetchReport,
  readReport,
  startPrefetch,
} from './support/prefetch.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// glance-api caches an image for a client while the prefetcher fetches the same one: the client gets its bytes, and the
// cache has the image whole and once.

const stack = useStack();
const ROUNDS = 15;
const PAUSED_ROUNDS = 8;
const SMALL = 200_000;
const LARGE = 20 * 1024 * 1024;
/** From before the program does anything until after its end. */
const LATEST_MS = 420;
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

/** Demands that the cache comes to rest with these images, each whole, and that nobody wants them any more. */
async function expectAtRest(images: readonly TestImage[]): Promise<void> {
  // glance-api renames, enters the row and takes the marker away after the client has its last byte.
  await expect
    .poll(
      () => {
        const { rows, queue, incomplete } = readCache(node.cacheDir);
        return { rows: rows.length, queue: queue.length, incomplete: incomplete.length };
      },
      { timeout: 10_000, interval: 5 },
    )
    .toEqual({ rows: images.length, queue: 0, incomplete: 0 });
  expectOnlyCached(node, images);
  expect(partsOf(node)).toEqual([]);
  const sizes = new Map(images.map(({ id, sizeBytes }) => [id, sizeBytes]));
  const { images: files, rows } = readCache(node.cacheDir);
  for (const { path, name } of files) {
    expect(sha256Of(readFileSync(path)), `cached ${name}`).toBe(images.find(({ id }) => id === name)?.sha256);
  }
  for (const { image_id, size } of rows) expect(size).toBe(sizes.get(image_id));
}

/** How often each end was seen, for whoever wonders whether anything met at all. */
type Ends = Record<string, number>;

describe.each([
  ['store', {}],
  ['http', NO_STORE],
] as const)('from %s', (source, env) => {
  test.each([SMALL, LARGE])(
    'a client and the prefetcher never spoil an image of %i bytes for one another',
    async (size) => {
      const [image] = (await uploadImages(client, [size])) as [TestImage];
      const ends: Ends = {};
      for (let round = 0; round < ROUNDS; round += 1) {
        await client.queueImage(image.id);
        const as = USERS[round % USERS.length];
        const { result } = startPrefetch(node, ['--format', 'json'], { env, ...(as === undefined ? {} : { as }) });
        await delay((LATEST_MS * round) / ROUNDS);
        await download(client, image);
        const { exitCode, stderr, report } = readReport(await result);
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        const end =
          report.items.map(({ result, reason }) => `${result} ${reason ?? ''}`).join() || 'not queued any more';
        expect(['done ', 'done cached', 'skipped being-cached', 'not queued any more']).toContain(end);
        ends[end] = (ends[end] ?? 0) + 1;
        await expectAtRest([image]);
        await hit(client, node, image);
        await client.deleteCachedImage(image.id);
      }
      console.log(`${source}, ${size} bytes: ${JSON.stringify(ends)}`);
    },
  );
});

test('a client that was first and reads on at any moment gets its image, and the cache too', async () => {
  const [image] = (await uploadImages(client, [LARGE + 4 * 1024 * 1024])) as [TestImage];
  const ends: Ends = {};
  for (let round = 0; round < PAUSED_ROUNDS; round += 1) {
    await client.queueImage(image.id);
    const held = await pauseDownload(client, node, image);
    const { result } = startPrefetch(node, ['--format', 'json'], { env: round % 2 === 0 ? {} : NO_STORE });
    await delay((LATEST_MS * round) / PAUSED_ROUNDS);
    expect(await held.resume()).toBe(image.sha256);
    const { exitCode, stderr, report } = readReport(await result);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [{ result: end, reason } = { result: 'none', reason: null }] = report.items;
    expect(['skipped being-cached', 'unqueue cached', 'done cached', 'done ', 'none ']).toContain(
      `${end} ${reason ?? ''}`,
    );
    ends[`${end} ${reason ?? ''}`] = (ends[`${end} ${reason ?? ''}`] ?? 0) + 1;
    await expectAtRest([image]);
    await client.deleteCachedImage(image.id);
  }
  console.log(`client first: ${JSON.stringify(ends)}`);
});

test('many clients and the prefetcher fill one cache together', async () => {
  const images = await uploadImages(
    client,
    Array.from({ length: 12 }, (_, i) => 2_000_000 + i),
  );
  for (const { id } of images) await client.queueImage(id);
  const { result } = startPrefetch(node, ['--jobs', '4']);
  await downloadAll(client, images);
  expect(await result).toMatchObject(SILENT_SUCCESS);
  await expectAtRest(images);
  for (const image of images) await hit(client, node, image);
});

test.each(USERS)(
  'an image that a paused client has glance-api cache is left alone when %s runs the prefetcher',
  async (as) => {
    const [image] = (await uploadImages(client, [LARGE + 4 * 1024 * 1024])) as [TestImage];
    await client.queueImage(image.id);
    const held = await pauseDownload(client, node, image);
    const before = readCache(node.cacheDir);
    for (const args of [[], ['--image', image.id], ['--dry-run']]) {
      const { exitCode, stderr, report } = await prefetchReport(node, args, { as });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(report.items).toMatchObject([{ image_id: image.id, result: 'skipped', reason: 'being-cached' }]);
    }
    const { incomplete, queue } = readCache(node.cacheDir);
    const facts = ({ accessedSec, ...entry }: (typeof incomplete)[number]) => entry;
    expect(incomplete.map(facts)).toEqual(before.incomplete.map(facts));
    expect(queue.map(facts)).toEqual(before.queue.map(facts));
    expect(await held.resume()).toBe(image.sha256);
    await expectAtRest([image]);
    expect(await prefetch(node, [], { as })).toMatchObject(SILENT_SUCCESS);
  },
);

test('an image is fetched when the client that had glance-api cache it has given up', async () => {
  const [image] = (await uploadImages(client, [LARGE + 4 * 1024 * 1024])) as [TestImage];
  await client.queueImage(image.id);
  const held = await pauseDownload(client, node, image);
  held.abort();
  await expect.poll(() => readCache(node.cacheDir).incomplete, { timeout: 10_000 }).toEqual([]);
  expect(await prefetch(node)).toMatchObject(SILENT_SUCCESS);
  const { images, rows, queue } = readCache(node.cacheDir);
  expect([images.map(({ name }) => name), rows.map(({ image_id }) => image_id), queue]).toEqual([
    [image.id],
    [image.id],
    [],
  ]);
  await hit(client, node, image);
});
