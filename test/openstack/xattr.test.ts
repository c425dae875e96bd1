import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { attributeOf } from '../support/attributes.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { download, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import { prefetch } from './support/prefetch.ts';
import type { RunResult } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// A glance-api with image_cache_driver = xattr, and ours beside it: hits are an attribute of each file, use is when it was
// read. The tests build on each other.

const stack = useStack();
const POLL = { timeout: 10_000, interval: 10 } as const;
let node: GlanceNode;
let client: GlanceClient;
let images: readonly TestImage[];

beforeAll(async () => {
  node = await stack.startGlanceNode({ driver: 'xattr' });
  client = await stack.connect(node);
  images = await uploadImages(client, [400_000, 300_000, 200_000, 100_000]);
});

const pathOf = ({ id }: TestImage): string => join(node.cacheDir, id);
const hitsOf = (image: TestImage): string | undefined =>
  statSync(pathOf(image), { throwIfNoEntry: false }) && attributeOf(pathOf(image), 'user.hits');
const cachedIds = (): readonly string[] => readCache(node.cacheDir).images.map(({ name }) => name);
const apiIds = async (): Promise<readonly string[]> =>
  (await client.listCached()).map(({ image_id }) => image_id).sort();
const idsOf = (of: readonly TestImage[]): readonly string[] => of.map(({ id }) => id).sort();

/** Downloads an image that is not cached, and waits until it is. */
async function cache(image: TestImage): Promise<void> {
  await download(client, image);
  await expect.poll(() => hitsOf(image), POLL).toBe('0');
}

/** Downloads an image that is cached, in another second than the one before, and waits until that is counted. */
async function hit(image: TestImage): Promise<void> {
  const hits = Number(hitsOf(image));
  const lastSec = Math.max(...readCache(node.cacheDir).images.map(({ accessedSec }) => Math.floor(accessedSec)));
  await expect.poll(() => Date.now() / 1000, { timeout: 2000, interval: 10 }).toBeGreaterThan(lastSec + 1);
  await download(client, image);
  await expect.poll(() => hitsOf(image), POLL).toBe(String(hits + 1));
}

/** Everything has settled for a program that runs a minute later. */
const later = () => clockSetAhead(dirname(node.cacheDir), 90);

async function expectListedAlike(): Promise<void> {
  const stock = await runStock(node, 'glance-cache-manage', { args: ['list-cached'] });
  for (const as of USERS) {
    const ours = await runOurs(node, 'glance-cache-manage', ['list-cached'], { as });
    expect(ours).toMatchObject({ exitCode: 0, stdout: stock.stdout, stderr: '' });
  }
}

test('images that glance-api caches are listed as the stock tool lists them, with hits and times', async () => {
  await expectListedAlike();
  for (const image of images) await cache(image);
  const [first, second, third] = images as [TestImage, TestImage, TestImage];
  for (const image of [second, second, third, first]) await hit(image);
  await expectListedAlike();
  const { stdout } = await runOurs(node, 'glance-cache-manage', ['list-cached', '--format', 'json']);
  const listed = JSON.parse(stdout) as readonly { readonly image_id: string; readonly hits: number }[];
  const hits = new Map(listed.map(({ image_id, hits }) => [image_id, hits]));
  expect(images.map(({ id }) => hits.get(id))).toEqual([1, 2, 1, 0]);
});

test.each(USERS)('verify --read-data by %s finds them sound, and is no use of them', async (as) => {
  const timesOf = () => images.map((image) => statSync(pathOf(image), { bigint: true }).atimeNs);
  const before = timesOf();
  const env = { ...openrc(stack), ...later() };
  const verified = await runOurs(node, 'glance-cache-manage', ['verify', '--read-data', '-v'], { as, env });
  expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
  expect(verified.stdout).toContain('4 images');
  expect(timesOf()).toEqual(before);
});

test('what is pruned is what the stock pruner removes', async () => {
  const maxSize = 750_000;
  const planned = await runOurs(node, 'glance-cache-pruner', [
    '--dry-run',
    '--max-size',
    `${maxSize}`,
    '--format',
    'json',
  ]);
  const { items } = JSON.parse(planned.stdout) as { readonly items: readonly { readonly image_id: string }[] };
  const [first, second, third, fourth] = images as [TestImage, TestImage, TestImage, TestImage];
  // Never hit, then in the order of the hits.
  expect(items.map(({ image_id }) => image_id)).toEqual([fourth.id, second.id]);
  const conf = join(node.dir, 'small.conf');
  const text = readFileSync(node.cacheConf, 'utf8');
  writeFileSync(conf, text.replace(/^image_cache_max_size.*$/m, `image_cache_max_size = ${maxSize}`));
  expect(await runStock(node, 'glance-cache-pruner', { conf })).toMatchObject({ exitCode: 0 });
  expect(cachedIds()).toEqual(idsOf([first, third]));

  expect(await runOurs(node, 'glance-cache-pruner', ['--max-size', '450000'])).toMatchObject(SILENT_SUCCESS);
  expect(cachedIds()).toEqual([first.id]);
  expect(await apiIds()).toEqual([first.id]);
  await cache(second);
  await cache(third);
});

test.each(USERS)('images that %s deletes are gone for glance-api, which caches them again', async (as) => {
  const [first, second] = images as [TestImage, TestImage];
  const deleted = await runOurs(node, 'glance-cache-manage', ['-f', 'delete-cached-image', second.id], { as });
  expect(deleted).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await apiIds()).not.toContain(second.id);
  const all = await runOurs(node, 'glance-cache-manage', ['-f', 'delete-all-cached-images'], { as });
  expect(all).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await apiIds()).toEqual([]);
  expect(readCache(node.cacheDir)).toMatchObject({ images: [], invalid: [] });
  for (const image of [first, second]) await cache(image);
});

test.each(USERS)('what %s prefetches is served by glance-api, and counted', async (as) => {
  await runOurs(node, 'glance-cache-manage', ['-f', 'delete-all-cached-images']);
  const wanted = images.slice(2);
  for (const { id } of wanted) await client.queueImage(id);
  expect(await prefetch(node, [], { as })).toMatchObject(SILENT_SUCCESS);
  expect(await client.listQueued()).toEqual([]);
  expect(cachedIds()).toEqual(idsOf(wanted));
  const { uid, gid } = stack.user;
  for (const image of wanted) {
    expect(hitsOf(image)).toBe('0');
    const { atimeMs, mtimeMs, ...stats } = statSync(pathOf(image));
    expect(stats).toMatchObject({ size: image.sizeBytes, uid, gid });
    expect(atimeMs).toBe(mtimeMs);
  }
  await expectListedAlike();
  for (const image of wanted) await hit(image);
  await expectListedAlike();
});

test('why an image lies in invalid/ is told: by glance-api of a download, by verify of a repair', async () => {
  const [whole, broken] = (await uploadImages(client, [50_000, 60_000])) as [TestImage, TestImage];
  writeFileSync(join(stack.storeDir, broken.id), Buffer.alloc(broken.sizeBytes, 'damage'));
  await client.downloadImage(broken.id).catch(() => undefined);
  const errorOf = (image: TestImage) => {
    const path = join(node.cacheDir, 'invalid', image.id);
    return statSync(path, { throwIfNoEntry: false }) && attributeOf(path, 'user.error');
  };
  await expect.poll(() => errorOf(broken), POLL).toContain('Checksum verification failed');

  await cache(whole);
  writeFileSync(pathOf(whole), Buffer.alloc(whole.sizeBytes, 'other'));
  const env = { ...openrc(stack), ...later() };
  const args = ['verify', '--read-data', '--repair', whole.id];
  const repaired = await runOurs(node, 'glance-cache-manage', args, { env });
  expect(repaired).toMatchObject({ exitCode: 0, stderr: '' });

  const columns = ['-c', 'image_id', '-c', 'error', '--format', 'json'];
  const { stdout } = await runOurs(node, 'glance-cache-manage', ['list-invalid', ...columns]);
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      { image_id: broken.id, error: expect.stringContaining('Checksum verification failed') as unknown },
      { image_id: whole.id, error: expect.stringContaining('wrong-hash') as unknown },
    ]),
  );
  expect(await runOurs(node, 'glance-cache-cleaner')).toMatchObject(SILENT_SUCCESS);
  expect(readCache(node.cacheDir).invalid).toEqual([]);
  await cache(whole);
});

test('no client gets a wrong byte, and no image is without its hits, while ours change the cache that it is served from', async () => {
  const many = await uploadImages(
    client,
    Array.from({ length: 6 }, (_, i) => 400_000 + i),
  );
  const logStart = readFileSync(node.apiLog, 'utf8').length;
  const told = { complete: 0, refused: 0 };
  let isOver = false;
  // Each reads images of its own: two cold downloads of one image at once are a race of Glance's.
  const reading = [0, 1].map(async (lane) => {
    for (let turn = 0; !isOver; turn++) {
      const image = many[(2 * turn + lane) % many.length] as TestImage;
      const response = await client.request('GET', `/v2/images/${image.id}/file`);
      const content = new Uint8Array(await response.arrayBuffer());
      // A download that starts in the instant of removal: Glance has seen the file and finds it gone.
      if (response.status === 500) told.refused += 1;
      else expect({ status: response.status, sha256: sha256Of(content) }).toMatchObject({ sha256: image.sha256 });
      told.complete += Number(response.status === 200);
    }
  });
  const ROUNDS = 10;
  const inRounds = async (job: (image: TestImage, round: number) => Promise<RunResult>) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { exitCode, stderr } = await job(many[round % many.length] as TestImage, round);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    }
  };
  const working = Promise.all([
    inRounds((_, round) => runOurs(node, 'glance-cache-pruner', ['--max-size', String((round % 3) * 500_000)])),
    inRounds(({ id }) => runOurs(node, 'glance-cache-manage', ['-f', 'delete-cached-image', id])),
    inRounds(({ id }, round) => prefetch(node, ['--image', id], { as: USERS[round % USERS.length] ?? 'glance' })),
  ]).finally(() => {
    isOver = true;
  });
  await Promise.all([working, ...reading]);

  // glance-api renames after the client has the last byte.
  await expect.poll(() => readCache(node.cacheDir).incomplete, POLL).toEqual([]);
  expect(told.complete).toBeGreaterThan(ROUNDS);
  expect(told.refused).toBeLessThan(told.complete / 5);
  // What Glance says when it counts a use of an image that has no user.hits.
  expect(readFileSync(node.apiLog, 'utf8').slice(logStart)).not.toContain('No data available');
  for (const name of cachedIds()) {
    const image = many.find(({ id }) => id === name);
    if (image === undefined) continue;
    expect(hitsOf(image)).toMatch(/^\d+$/);
    expect(sha256Of(readFileSync(pathOf(image)))).toBe(image.sha256);
  }
  expect(readCache(node.cacheDir).invalid).toEqual([]);
});

test('a driver that was flipped from sqlite to xattr is recognised, and the images can be adopted', async () => {
  await runOurs(node, 'glance-cache-manage', ['-f', 'delete-all-cached-images']);
  node = await stack.restartGlance({ driver: 'sqlite' }, node);
  const kept = images.slice(0, 2);
  for (const image of kept) await download(client, image);
  await expect.poll(() => readCache(node.cacheDir).rows.length, POLL).toBe(kept.length);
  node = await stack.restartGlance({ driver: 'xattr' }, node);

  const refused = await runOurs(node, 'glance-cache-pruner', ['--max-size', '0'], { env: later() });
  expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
  const index = JSON.stringify(join(node.cacheDir, 'cache.db'));
  expect(refused.stderr).toContain('has the attribute user.hits, yet the directory holds 2 images\n');
  expect(refused.stderr).toContain(`it uses sqlite, or did before, as ${index} lists 2 images`);
  expect(cachedIds()).toEqual(idsOf(kept));

  expect(await runOurs(node, 'glance-cache-pruner', ['--adopt'], { env: later() })).toMatchObject(SILENT_SUCCESS);
  for (const image of kept) await hit(image);
  expect(kept.map(hitsOf)).toEqual(['1', '1']);
});
