import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readCache, readRow } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { cacheImages, download, hit, rowOf, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, USERS } from './support/on-node.ts';
import type { RunResult } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-manage beside the stock tool, on one cache that glance-api serves and fills all the while.

const stack = useStack();
let node: GlanceNode;
let client: GlanceClient;
let images: readonly [TestImage, TestImage, TestImage];

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  images = (await uploadImages(client, [100_000, 3_000_002, 1])) as unknown as typeof images;
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

const ours = async (args: readonly string[], input?: string): Promise<RunResult> =>
  runOurs(node, 'glance-cache-manage', args, input === undefined ? {} : { input });
const stock = async (args: readonly string[], input?: string): Promise<RunResult> =>
  runStock(node, 'glance-cache-manage', input === undefined ? { args } : { args, input });

const SECONDS = /^Completed in \d+\.\d{4} sec\.$/m;
const withoutSeconds = (stdout: string): string => stdout.replace(SECONDS, 'Completed.');

/** Both tools with the same arguments; what they print must be the same, but for the seconds. */
async function expectSameOutput(args: readonly string[]): Promise<string> {
  const [our, their] = await Promise.all([ours(args), stock(args)]);
  expect(withoutSeconds(our.stdout)).toBe(withoutSeconds(their.stdout));
  expect(our).toMatchObject({ exitCode: their.exitCode, stderr: '' });
  if (args.includes('-v') || args.includes('--verbose')) expect(our.stdout).toMatch(SECONDS);
  else expect(our.stdout).toBe(their.stdout);
  return our.stdout;
}

/** What everybody says the cache holds: the stock tool, the API, our own list and the directory. */
async function expectState(state: { readonly cached: readonly string[]; readonly queued: readonly string[] }) {
  const cached = [...state.cached].sort();
  expect((await client.listCached()).map(({ image_id }) => image_id).sort()).toEqual(cached);
  expect(await client.listQueued()).toEqual(state.queued);
  const whole = (await (await client.request('GET', '/v2/cache')).json()) as Record<string, unknown>;
  expect(whole).toMatchObject({ queued_images: state.queued });
  const cache = readCache(node.cacheDir);
  expect(cache.images.map(({ name }) => name)).toEqual(cached);
  expect(cache.rows.map(({ image_id }) => image_id)).toEqual(cached);
  expect(cache.queue.map(({ name }) => name).sort()).toEqual([...state.queued].sort());
  await expectSameOutput(['list-cached']);
  await expectSameOutput(['list-queued']);
}

test.each(['list-cached', 'list-queued'])(
  '%s prints what the stock tool prints when there is nothing',
  async (list) => {
    expect(await expectSameOutput([list])).toMatch(/^No (cached|queued) images\.\n$/);
    await expectSameOutput(['-v', list]);
  },
);

test('list-cached prints what the stock tool prints when glance-api has filled the cache', async () => {
  await cacheImages(client, node, images);
  await hit(client, node, images[1]);
  await hit(client, node, images[2]);
  await hit(client, node, images[2]);

  const printed = await expectSameOutput(['list-cached']);
  expect(printed).toMatch(/^Found 3 cached images\.\.\.\n/);
  expect(printed).toMatch(new RegExp(`${images[1].id}.* 3000002 \\| {4}1 \\|`));
  await expectSameOutput(['-v', 'list-cached']);
  await expectSameOutput(['list-cached', '--verbose']);
});

test('list-cached prints what the stock tool prints when times, sizes and hits are of every kind', async () => {
  const times = [1e9, 1_700_000_000.5, 1.7e9 + 2 ** -21, 1.7e9 + 1 - 2 ** -21, 0.000_001, 4_102_444_800.25];
  const random = Array.from({ length: 300 }, () => randomInt(2 ** 31) + randomInt(2 ** 40) / 2 ** 40);
  const rows = [...times, 0, ...random].map((time, index) => {
    const id = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
    return [id, time, time === 0 ? 1 : time, 10 ** (index % 17), 7 ** (index % 12)] as const;
  });
  const index = new Database(`${node.cacheDir}/cache.db`);
  try {
    const insert = index.prepare(
      'INSERT INTO cached_images (image_id, last_accessed, last_modified, size, hits) VALUES (?, ?, ?, ?, ?)',
    );
    index.transaction(() => {
      for (const row of rows) insert.run(...row);
    })();
  } finally {
    index.close();
  }
  expect(await expectSameOutput(['list-cached'])).toMatch(/ {2}N\/A {2}/);
});

test('list-queued prints what the stock tool prints when images were queued through the API and by us', async () => {
  const [first, second, third] = images;
  await client.queueImage(second.id);
  // Places in the queue are modification times, to which the kernel gives some milliseconds' grain.
  await delay(20);
  expect(await ours(['-f', 'queue-image', third.id, first.id])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  await expectState({ cached: [], queued: [second.id, third.id, first.id] });
  await expectSameOutput(['-v', 'list-queued']);
  await expectSameOutput(['list-queued', '--verbose']);
});

test.each(USERS)(
  'delete-cached-image takes an image out of the cache that glance-api serves when %s runs it',
  async (as) => {
    await cacheImages(client, node, images);
    const [gone, second, third] = images;

    const deleted = await runOurs(node, 'glance-cache-manage', ['-f', '-v', 'delete-cached-image', gone.id], { as });
    expect(deleted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(withoutSeconds(deleted.stdout)).toBe(`Deleted cached image ${gone.id}\nCompleted.\n`);
    await expectState({ cached: [second.id, third.id], queued: [] });
    expect(readCache(node.cacheDir).invalid).toEqual([]);

    // A cold download again, and cached once more.
    await cacheImages(client, node, [gone]);
    expect(await rowOf(node, gone.id)).toMatchObject({ hits: 0, size: gone.sizeBytes });
    await hit(client, node, gone);
    await expectState({ cached: images.map(({ id }) => id), queued: [] });
  },
);

test('delete-cached-image lets a download from the cache that is under way go on to its end', async () => {
  const [large] = await uploadImages(client, [40_000_000]);
  if (large === undefined) throw new Error('no image');
  await cacheImages(client, node, [large]);
  const held = await client.request('GET', `/v2/images/${large.id}/file`);
  expect(await ours(['-f', 'delete-cached-image', large.id])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect(readRow(node.cacheDir, large.id)).toBeUndefined();
  expect(sha256Of(new Uint8Array(await held.arrayBuffer()))).toBe(large.sha256);
  await download(client, large);
});

test.each([
  ['delete-cached-image', (id: string) => [id]],
  ['delete-queued-image', (id: string) => [id]],
  ['delete-all-cached-images', () => []],
  ['delete-all-queued-images', () => []],
] as const)('%s says what the stock tool says, and leaves the same state', async (command, operands) => {
  const outputs: string[] = [];
  const states: unknown[] = [];
  for (const tool of [ours, stock]) {
    await client.request('DELETE', '/v2/cache');
    await cacheImages(client, node, [images[0], images[1]]);
    await client.queueImage(images[2].id);
    const target = command === 'delete-queued-image' ? images[2] : images[0];

    const { exitCode, stdout } = await tool(['-f', '-v', command, ...operands(target.id)]);
    expect(exitCode).toBe(0);
    outputs.push(withoutSeconds(stdout));
    const { images: files, queue, rows } = readCache(node.cacheDir);
    const names = files.map(({ name }) => name);
    await expectState({ cached: names, queued: queue.map(({ name }) => name) });
    states.push({ names, rows: rows.length, queue: queue.length });
  }
  expect(outputs[0]).toBe(outputs[1]);
  expect(states[0]).toEqual(states[1]);
});

test.each(['Yes\n', 'Y', 'n\n', '\n'])(
  'questions appear and are answered as with the stock tool when the answer is %j',
  async (answer) => {
    const [id] = images.map((image) => image.id);
    for (const args of [
      ['delete-cached-image', id ?? ''],
      ['delete-all-cached-images'],
      ['queue-image', id ?? ''],
      ['delete-queued-image', id ?? ''],
      ['delete-all-queued-images'],
    ]) {
      const left: unknown[] = [];
      for (const tool of [ours, stock]) {
        await client.request('DELETE', '/v2/cache');
        if (args[0] !== 'queue-image') {
          await cacheImages(client, node, [images[0]]);
          await client.queueImage(images[2].id);
        }
        const { exitCode, stdout } = await tool(args, answer);
        const { images: files, queue } = readCache(node.cacheDir);
        left.push({ exitCode, stdout, files: files.map(({ name }) => name), queue: queue.map(({ name }) => name) });
      }
      expect(left[0]).toEqual(left[1]);
    }
  },
);

test('a question at the end of input changes nothing and fails', async () => {
  await cacheImages(client, node, [images[0]]);
  const { exitCode, stdout } = await ours(['delete-all-cached-images'], '');
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'Delete all cached images? [y/N] \n' });
  await expectState({ cached: [images[0].id], queued: [] });
});

test('queue-image says so and changes nothing when glance-api has the image in its cache or its queue', async () => {
  await cacheImages(client, node, [images[0]]);
  await client.queueImage(images[1].id);
  const { exitCode, stdout, stderr } = await ours(['-f', '-v', 'queue-image', images[0].id, images[1].id]);
  expect({ exitCode, stdout: withoutSeconds(stdout) }).toEqual({ exitCode: 0, stdout: 'Completed.\n' });
  expect(stderr).toBe(
    `Not queued: image ${images[0].id} is cached already\nNot queued: image ${images[1].id} is queued already\n`,
  );
  await expectState({ cached: [images[0].id], queued: [images[1].id] });
});

test('a queued image leaves the queue when a client downloads it', async () => {
  await ours(['-f', 'queue-image', images[0].id]);
  await cacheImages(client, node, [images[0]]);
  await expectState({ cached: [images[0].id], queued: [] });
});
