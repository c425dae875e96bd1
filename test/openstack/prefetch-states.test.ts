import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { hit, type TestImage, uploadImages } from './support/images.ts';
import { SILENT_SUCCESS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import {
  errorOf,
  expectCached,
  expectOnlyCached,
  NO_STORE,
  partsOf,
  prefetch,
  prefetchReport,
} from './support/prefetch.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// What becomes of queued images by their state in Glance, and by who asks.

const stack = useStack();
const asDemo = { env: openrc(stack, stack.accounts.demo) };
let node: GlanceNode;
let client: GlanceClient;
let demo: GlanceClient;
let good: TestImage;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  demo = await stack.connect(node, stack.accounts.demo);
  [good] = (await uploadImages(client, [50_000], { visibility: 'public' })) as [TestImage];
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

const SOURCES = [
  ['store', {}],
  ['http', NO_STORE],
] as const;

test.each(SOURCES)("an admin's account fetches the private image of another project from %s", async (_source, env) => {
  const [image] = (await uploadImages(demo, [70_000], { visibility: 'private' })) as [TestImage];
  await client.queueImage(image.id);
  expect(await prefetch(node, [], { env })).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [image]);
  expectCached(node, image);
  await hit(demo, node, image);
});

test('the private image of another project stays in the queue when the account is no admin', async () => {
  const [image] = (await uploadImages(client, [70_000], { visibility: 'private' })) as [TestImage];
  await client.queueImage(image.id);
  const alone = await prefetch(node, ['--format', 'json'], asDemo);
  expect(alone.exitCode).toBe(6);
  expect(errorOf(alone)).toMatchObject({
    code: 'NOT_FOUND_IMAGE',
    details: { image_id: image.id },
    hint: expect.stringMatching(/invisible to this account.*admin role/) as unknown,
  });
  expectOnlyCached(node, [], [image.id]);

  // The others are fetched all the same.
  await client.queueImage(good.id);
  const { exitCode, report } = await prefetchReport(node, [], asDemo);
  expect(exitCode).toBe(10);
  expect(report.items.find(({ image_id }) => image_id === image.id)).toMatchObject({
    result: 'failed',
    error: 'NOT_FOUND_IMAGE',
    message: errorOf(alone).message,
  });
  expectOnlyCached(node, [good], [image.id]);
  expectCached(node, good);
});

test('an account that is no admin fetches its own image, a shared one and a public one', async () => {
  const [own] = (await uploadImages(demo, [60_000], { visibility: 'private' })) as [TestImage];
  const [shared] = (await uploadImages(client, [30_000], { visibility: 'shared' })) as [TestImage];
  const { owner } = (await (await demo.request('GET', `/v2/images/${own.id}`)).json()) as { owner: string };
  await client.request('POST', `/v2/images/${shared.id}/members`, { json: { member: owner } });
  for (const { id } of [own, good, shared]) await client.queueImage(id);
  expect(await prefetch(node, [], asDemo)).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [own, good, shared]);
});

test('a deactivated image stays in the queue with a warning, and is fetched when it is active again', async () => {
  const [image] = (await uploadImages(client, [80_000])) as [TestImage];
  await client.queueImage(image.id);
  await client.deactivateImage(image.id);
  const place = readCache(node.cacheDir).queue;
  for (const [, env] of SOURCES) {
    const { exitCode, stderr, report } = await prefetchReport(node, [], { env });
    expect(exitCode).toBe(0);
    expect(report.items).toMatchObject([{ image_id: image.id, result: 'skipped', reason: 'deactivated' }]);
    expect(stderr).toMatch(new RegExp(`^[^\\n]* WARNING [^\\n]*${image.id}[^\\n]*deactivated[^\\n]*\\n$`));
    expectOnlyCached(node, [], [image.id]);
  }
  expect(readCache(node.cacheDir).queue).toEqual(place);
  await client.reactivateImage(image.id);
  expect(await prefetch(node)).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [image]);
  expectCached(node, image);
});

test('an image without content stays in the queue, silently', async () => {
  const id = await client.createImage();
  await client.queueImage(id);
  expect(await prefetch(node)).toMatchObject(SILENT_SUCCESS);
  const { report } = await prefetchReport(node);
  expect(report.items).toMatchObject([{ image_id: id, result: 'skipped', reason: 'not-ready', size: null }]);
  expectOnlyCached(node, [], [id]);
});

test('a deleted image leaves the queue when the account is an admin, and stays otherwise', async () => {
  const [image] = (await uploadImages(client, [80_000], { visibility: 'public' })) as [TestImage];
  await client.queueImage(image.id);
  await client.deleteImage(image.id);
  const unsure = await prefetch(node, ['--format', 'json'], asDemo);
  expect({ exitCode: unsure.exitCode, code: errorOf(unsure).code }).toEqual({ exitCode: 6, code: 'NOT_FOUND_IMAGE' });
  expectOnlyCached(node, [], [image.id]);

  const { exitCode, stderr, report } = await prefetchReport(node);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(report.items).toMatchObject([
    { image_id: image.id, action: 'unqueue', result: 'done', reason: 'deleted', area: 'queue' },
  ]);
  expectOnlyCached(node, []);
  expect(partsOf(node)).toEqual([]);

  // Somebody who asks for it by its ID wants to know.
  const asked = await prefetch(node, ['--image', image.id, '--format', 'json']);
  expect({ exitCode: asked.exitCode, code: errorOf(asked).code }).toEqual({ exitCode: 6, code: 'NOT_FOUND_IMAGE' });
});

test('a hidden image is fetched like any other', async () => {
  const [image] = (await uploadImages(client, [40_000], { os_hidden: true })) as [TestImage];
  for (const [, env] of SOURCES) {
    await client.queueImage(image.id);
    expect(await prefetch(node, [], { env })).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [image]);
    expectCached(node, image);
    await client.request('DELETE', '/v2/cache');
  }
});

test('an image whose content the store has lost is an error of Glance, and stays in the queue', async () => {
  const [image] = (await uploadImages(client, [40_000])) as [TestImage];
  await client.queueImage(image.id);
  rmSync(join(stack.storeDir, image.id));
  const lost = await prefetch(node, ['--retries', '0', '--format', 'json']);
  expect(lost.exitCode).toBe(8);
  expect(errorOf(lost)).toMatchObject({ code: 'REMOTE_STATUS', details: { image_id: image.id } });
  expectOnlyCached(node, [], [image.id]);
});
