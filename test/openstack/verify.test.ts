import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { clockSetAhead } from '../support/program-clock.ts';
import type { GlanceClient } from './support/api.ts';
import { readCache, readRow } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { cacheImages, download, hit, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import { expectOnlyCached } from './support/prefetch.ts';
import type { RunResult } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// Images and an index that glance-api has made are damaged beside it; it runs on while they are repaired, and serves
// and lists what it should afterwards.

const stack = useStack();
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

interface Report {
  readonly set_aside: string | null;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** Verifies a minute later, when what glance-api has just cached has settled. */
async function verify(as: (typeof USERS)[number], ...args: readonly string[]): Promise<RunResult> {
  const env = { ...openrc(stack), ...clockSetAhead(dirname(node.cacheDir), 90) };
  return runOurs(node, 'glance-cache-manage', ['verify', ...args], { as, env });
}

async function reportOf(
  as: (typeof USERS)[number],
  ...args: readonly string[]
): Promise<Report & Pick<RunResult, 'exitCode'>> {
  const { exitCode, stdout } = await verify(as, ...args, '--format', 'json');
  return { exitCode, ...(JSON.parse(stdout) as Report) };
}

/** Images of glance-api, in its cache. */
async function cached(...sizes: readonly number[]): Promise<readonly TestImage[]> {
  const images = await uploadImages(client, sizes);
  await cacheImages(client, node, images);
  return images;
}

function flipBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  // The same file, as a disk that forgets a bit leaves it.
  writeFileSync(path, bytes);
}

test.each(USERS)(
  'glance-api serves an image right that had other bytes, once %s has repaired the cache',
  async (as) => {
    const [whole, bad, cut] = (await cached(200_000, 300_000, 400_000)) as [TestImage, TestImage, TestImage];
    expect(await verify(as, '--read-data')).toMatchObject(SILENT_SUCCESS);
    flipBit(join(node.cacheDir, bad.id), 150_000);
    writeFileSync(join(node.cacheDir, cut.id), readFileSync(join(node.cacheDir, cut.id)).subarray(0, 1000));
    // That is what its clients get: glance-api looks at nothing.
    expect(sha256Of(await client.downloadImage(bad.id))).not.toBe(bad.sha256);

    const found = await reportOf(as, '--read-data');
    expect(found.exitCode).toBe(9);
    expect(found.items.map(({ image_id, reason, result }) => [image_id, reason, result]).sort()).toEqual(
      [
        [bad.id, 'wrong-hash', 'found'],
        [cut.id, 'wrong-length', 'found'],
      ].sort(),
    );
    expect(await verify(as, '--read-data', '--repair')).toMatchObject({ exitCode: 0, stderr: '' });
    const { images, invalid, rows } = readCache(node.cacheDir);
    expect(images.map(({ name }) => name)).toEqual([whole.id]);
    expect(invalid.map(({ name }) => name)).toEqual([bad.id, cut.id].sort());
    expect(rows.map(({ image_id }) => image_id)).toEqual([whole.id]);

    for (const image of [bad, cut]) {
      await cacheImages(client, node, [image]);
      await hit(client, node, image);
    }
    await hit(client, node, whole);
    expect(await verify(as, '--read-data')).toMatchObject(SILENT_SUCCESS);
    expect(await runOurs(node, 'glance-cache-cleaner', [], { as })).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [whole, bad, cut]);
  },
);

test.each(USERS)('glance-api works on with the index that %s has it made anew', async (as) => {
  const images = await cached(50_000, 60_000);
  const index = join(node.cacheDir, 'cache.db');
  const before = statSync(index);
  const bytes = readFileSync(index);
  writeFileSync(index, bytes.fill('rubbish', 0, 100));
  expect((await client.request('GET', '/v2/cached_images')).ok).toBe(false);
  expect(await runOurs(node, 'glance-cache-pruner', [], { as })).toMatchObject({ exitCode: 4 });

  const found = await reportOf(as);
  expect(found.exitCode).toBe(9);
  expect(found.items[0]).toMatchObject({ image_id: null, reason: 'index-corrupt', result: 'found' });
  expect(readFileSync(index).equals(bytes)).toBe(true);

  const repair = await reportOf(as, '--repair');
  expect(repair.exitCode).toBe(0);
  expect(repair.items.filter(({ result }) => result !== 'done')).toEqual([]);
  expect(readFileSync(repair.set_aside ?? '').equals(bytes)).toBe(true);
  const { uid, gid } = statSync(index);
  expect({ uid, gid }).toEqual({ uid: before.uid, gid: before.gid });
  expect(await verify(as)).toMatchObject(SILENT_SUCCESS);

  const ids = images.map(({ id }) => id).sort();
  expect((await client.listCached()).map(({ image_id }) => image_id).sort()).toEqual(ids);
  const stock = await runStock(node, 'glance-cache-manage', { args: ['list-cached'] });
  for (const id of ids) expect(stock.stdout).toContain(id);
  expect((await runOurs(node, 'glance-cache-manage', ['list-cached'], { as })).stdout).toBe(stock.stdout);
  for (const image of images) await hit(client, node, image);
  // What comes now has its row in the new index as well.
  const [next] = (await cached(70_000)) as [TestImage];
  await hit(client, node, next);
  expect(await verify(as, '--read-data')).toMatchObject(SILENT_SUCCESS);
});

test('an image that was deleted in Glance through another node leaves the cache of this one', async () => {
  const [kept, gone] = (await cached(50_000, 60_000)) as [TestImage, TestImage];
  await (await stack.connect()).deleteImage(gone.id);
  const found = await reportOf('glance', '--read-data');
  expect(found).toMatchObject({ exitCode: 0, items: [{ image_id: gone.id, severity: 'hint', reason: 'deleted' }] });
  expect(await verify('glance', '--read-data', '--repair')).toMatchObject({ exitCode: 0, stderr: '' });
  expectOnlyCached(node, [kept]);
  expect(readRow(node.cacheDir, gone.id)).toBeUndefined();
  await download(client, kept);
});
