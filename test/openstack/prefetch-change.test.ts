import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { type TestImage, uploadImages } from './support/images.ts';
import { SILENT_SUCCESS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import {
  expectCached,
  expectOnlyCached,
  NO_STORE,
  partsOf,
  prefetch,
  queueInOrder,
  readReport,
  startPrefetch,
  untilPart,
} from './support/prefetch.ts';
import type { RunningProgram } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// What happens to an image in Glance while its bytes come. glance-api knows nothing of our copy, and so cannot take it
// out of the cache.

const stack = useStack();
const SIZE = 6_000_000;
/** Two seconds from the first byte to the last. */
const SLOWLY = ['--limit-rate', '3MB', '--format', 'json'];
let node: GlanceNode;
let client: GlanceClient;
let demo: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  demo = await stack.connect(node, stack.accounts.demo);
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

/** Has a slow run reach the middle of an image. */
async function untilHalf(image: TestImage, running: RunningProgram): Promise<void> {
  await untilPart(node, image.id, { bytes: image.sizeBytes / 3, of: running });
}

describe.each([
  ['store', {}],
  ['http', NO_STORE],
] as const)('from %s', (_source, env) => {
  test('an image that is deleted while it is fetched is not in the cache afterwards', async () => {
    const [image] = (await uploadImages(client, [SIZE])) as [TestImage];
    await client.queueImage(image.id);
    const running = startPrefetch(node, SLOWLY, { env });
    await untilHalf(image, running);
    await client.deleteImage(image.id);
    const { exitCode, stderr, report } = readReport(await running.result);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(report.items).toMatchObject([{ image_id: image.id, result: 'skipped', reason: 'deleted' }]);
    expectOnlyCached(node, []);
    expect(partsOf(node)).toEqual([]);
  });

  test('an image that is deactivated while it is fetched stays in the queue, at its place', async () => {
    const [image] = (await uploadImages(client, [SIZE])) as [TestImage];
    await client.queueImage(image.id);
    const [place] = readCache(node.cacheDir).queue;
    const running = startPrefetch(node, SLOWLY, { env, as: 'root' });
    await untilHalf(image, running);
    await client.deactivateImage(image.id);
    const { exitCode, report } = readReport(await running.result);
    expect(exitCode).toBe(0);
    expect(report.items).toMatchObject([{ image_id: image.id, result: 'skipped', reason: 'deactivated' }]);
    expectOnlyCached(node, [], [image.id]);
    expect(partsOf(node)).toEqual([]);
    const [again] = readCache(node.cacheDir).queue;
    expect(again).toMatchObject({ sizeBytes: 0, mode: place?.mode, uid: place?.uid, gid: place?.gid });
    expect(Math.abs((again?.modifiedSec ?? 0) - (place?.modifiedSec ?? 1))).toBeLessThan(0.01);

    await client.reactivateImage(image.id);
    expect(await prefetch(node, [], { env })).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [image]);
    expectCached(node, image);
  });

  test('an image that is deleted before its turn comes leaves the queue, and the first one is fetched', async () => {
    const [first, second] = (await uploadImages(client, [SIZE, SIZE])) as [TestImage, TestImage];
    await queueInOrder(client, [first, second]);
    const running = startPrefetch(node, ['--jobs', '1', ...SLOWLY], { env });
    await untilHalf(first, running);
    await client.deleteImage(second.id);
    const { exitCode, report } = readReport(await running.result);
    expect(exitCode).toBe(0);
    expect(report.items).toMatchObject([
      { image_id: first.id, result: 'done' },
      { image_id: second.id, action: 'unqueue', result: 'done', reason: 'deleted' },
    ]);
    expectOnlyCached(node, [first]);
    expect(partsOf(node)).toEqual([]);
  });

  test('an image of an account that is no admin is gone when it is deleted while it is fetched', async () => {
    const [image] = (await uploadImages(demo, [SIZE])) as [TestImage];
    await client.queueImage(image.id);
    const running = startPrefetch(node, SLOWLY, { env: { ...env, ...openrc(stack, stack.accounts.demo) } });
    await untilHalf(image, running);
    await demo.deleteImage(image.id);
    const { exitCode, report } = readReport(await running.result);
    expect(exitCode).toBe(0);
    expect(report.items).toMatchObject([{ image_id: image.id, result: 'skipped', reason: 'deleted' }]);
    expectOnlyCached(node, []);
  });
});
