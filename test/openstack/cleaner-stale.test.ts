import { dirname } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { clockSetAhead } from '../support/program-clock.ts';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { cacheImages, hit, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import type { RunResult } from './support/run.ts';
import type { Account, GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// Two nodes of one cloud: what is deleted or deactivated through one of them stays in the cache of the other, until the
// cleaner there asks.

const stack = useStack();
let node: GlanceNode;
let other: GlanceNode;
let client: GlanceClient;
let elsewhere: GlanceClient;
let demo: GlanceClient;

beforeAll(async () => {
  [node, other] = await Promise.all([stack.startGlanceNode(), stack.startGlanceNode()]);
  client = await stack.connect(node);
  elsewhere = await stack.connect(other);
  demo = await stack.connect(node, stack.accounts.demo);
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

/** Cleans a minute later, when what glance-api has just cached has settled. */
async function clean(
  args: readonly string[] = ['--stale'],
  { as = 'glance', account = stack.accounts.admin }: { as?: (typeof USERS)[number]; account?: Account } = {},
): Promise<RunResult> {
  const env = { ...openrc(stack, account), ...clockSetAhead(dirname(node.cacheDir), 90) };
  return runOurs(node, 'glance-cache-cleaner', args, { as, env });
}

function cachedIds(): readonly string[] {
  const { images, rows } = readCache(node.cacheDir);
  expect(rows.map(({ image_id }) => image_id).sort()).toEqual(images.map(({ name }) => name).sort());
  return images.map(({ name }) => name).sort();
}

const idsOf = (...images: readonly TestImage[]): readonly string[] => images.map(({ id }) => id).sort();

/** Images of glance-api, in its cache. */
async function cached(sizes: readonly number[], properties: Readonly<Record<string, unknown>> = {}) {
  const images = await uploadImages(client, sizes, properties);
  await cacheImages(client, node, images);
  return images as [TestImage, TestImage, TestImage];
}

test.each(USERS)(
  '%s removes what was deleted or deactivated through another node, and glance-api works on',
  async (as) => {
    const [gone, off, stays] = await cached([100_000, 200_000, 300_000]);
    const [hidden] = await cached([50_000], { os_hidden: true, visibility: 'community' });
    expect(await clean(['--stale'], { as })).toMatchObject(SILENT_SUCCESS);
    await elsewhere.deleteImage(gone.id);
    await elsewhere.deactivateImage(off.id);
    // That node knows nothing of this cache.
    expect(cachedIds()).toEqual(idsOf(gone, off, stays, hidden));
    const dry = await clean(['--stale', '--dry-run', '--format', 'json'], { as });
    const { items, stale } = JSON.parse(dry.stdout) as { items: readonly Record<string, unknown>[]; stale: unknown };
    expect(items.map(({ image_id, result, reason }) => [image_id, result, reason]).sort()).toEqual(
      [
        [gone.id, 'planned', 'deleted'],
        [off.id, 'planned', 'deactivated'],
      ].sort(),
    );
    expect(stale).toMatchObject({ checked_images: 4, stale_images: 2 });
    expect(await clean(['--stale'], { as })).toMatchObject(SILENT_SUCCESS);
    expect(cachedIds()).toEqual(idsOf(stays, hidden));
    await hit(client, node, stays);

    await elsewhere.reactivateImage(off.id);
    await cacheImages(client, node, [off]);
    expect(await clean(['--stale'], { as })).toMatchObject(SILENT_SUCCESS);
    expect(cachedIds()).toEqual(idsOf(off, stays, hidden));
  },
);

test('a member removes nothing, neither what it may not see nor what is gone', async () => {
  const [gone, mine] = await cached([10_000, 20_000], { visibility: 'private' });
  await elsewhere.deleteImage(gone.id);
  expect((await demo.request('GET', `/v2/images/${mine.id}`)).status).toBe(404);
  const { exitCode, stderr } = await clean(['--stale'], { account: stack.accounts.demo });
  expect([exitCode, stderr]).toEqual([7, expect.stringContaining('the account has no role called "admin"')]);
  expect(cachedIds()).toEqual(idsOf(gone, mine));
});

test('the private images of others are in the list for an admin', async () => {
  const [theirs] = (await uploadImages(demo, [30_000], { visibility: 'private' })) as [TestImage];
  await cacheImages(demo, node, [theirs]);
  expect(await clean()).toMatchObject(SILENT_SUCCESS);
  expect(cachedIds()).toEqual(idsOf(theirs));
});

test('images are read once that were changed after they came, and all are asked about when they are many', async () => {
  const images = await cached(Array.from({ length: 60 }, (_, place) => 1000 + place));
  for (const { id } of images.slice(0, 2)) {
    const change = [{ op: 'replace', path: '/name', value: 'renamed' }];
    const headers = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
    await client.request('PATCH', `/v2/images/${id}`, { headers, json: change });
  }
  const reportOf = async (): Promise<unknown> =>
    (JSON.parse((await clean(['--stale', '--format', 'json'])).stdout) as { stale: unknown }).stale;
  // All have just been uploaded: no clock tells what came first.
  expect(await reportOf()).toMatchObject({ checked_images: 60, stale_images: 0, read_images: 60 });
  expect(await reportOf()).toMatchObject({ checked_images: 60, stale_images: 0, read_images: 0 });
  expect(cachedIds()).toHaveLength(60);
});

test('nothing is removed while Glance is away', async () => {
  const [gone] = await cached([10_000, 20_000]);
  await elsewhere.deleteImage(gone.id);
  const away = ['--stale', '--retries', '0', '--os-image-endpoint-override', 'http://127.0.0.1:9'];
  expect((await clean(away)).exitCode).toBe(8);
  expect(cachedIds()).toHaveLength(2);
});

test('a token for the system, which Glance shows nothing when it enforces scopes, removes nothing', async () => {
  const strict = await stack.startGlanceNode({
    workers: 1,
    extraConf:
      '[DEFAULT]\nenforce_secure_rbac = true\n[oslo_policy]\nenforce_scope = true\nenforce_new_defaults = true\n',
  });
  const images = await cached([10_000, 20_000]);
  const login = Object.entries(openrc(stack)).filter(([name]) => !name.includes('PROJECT'));
  const env = { ...Object.fromEntries(login), OS_SYSTEM_SCOPE: 'all', ...clockSetAhead(dirname(node.cacheDir), 90) };
  const there = ['--os-image-endpoint-override', `http://127.0.0.1:${strict.port}`, '--retries', '0'];
  const run = await runOurs(node, 'glance-cache-cleaner', ['--stale', '--stale-limit', '100%', ...there], { env });
  expect([run.exitCode, run.stdout]).toEqual([7, '']);
  expect(cachedIds()).toEqual(idsOf(...images));
});
