import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { untilAged } from './support/aged-caches.ts';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { hit, rowOf } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// The trap of release 2024.1: glance-api moves to the driver `centralized_db`, empties the index of the node and leaves
// its files. This Glance is older and lacks that driver, so its effect is made by hand; the files are glance-api's.

const stack = useStack();
const aged = inject('agedCaches');
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode({}, aged.flipped);
  client = await stack.connect(node);
  await untilAged(aged);
});

function stateOf(cacheDir: string): unknown {
  const { images, invalid, incomplete, queue, rows } = readCache(cacheDir);
  return { images: images.map(({ accessedSec, ...entry }) => entry), invalid, incomplete, queue, rows };
}

const ids = aged.images.map(({ id }) => id);
const commands = [
  { verb: 'prune', command: ['glance-cache-pruner', '--max-size', '0'] },
  { verb: 'prune', command: ['glance-cache-pruner', '--max-size', '0', '--dry-run'] },
  { verb: 'prune', command: ['glance-cache-pruner', '--max-age', '1s'] },
  { verb: 'prune', command: ['glance-cache-pruner'] },
  { verb: 'delete from', command: ['glance-cache-manage', '-f', 'delete-cached-image', ids[0] ?? ''] },
  { verb: 'delete from', command: ['glance-cache-manage', '-f', 'delete-all-cached-images'] },
  { verb: 'prefetch into', command: ['glance-cache-prefetcher', '--image', ids[0] ?? ''] },
] as const;

test.each(commands.flatMap((command) => USERS.map((as) => ({ ...command, as, line: command.command.join(' ') }))))(
  'an index without rows beside images makes $line refuse and change nothing when $as runs it',
  async ({ verb, command, as }) => {
    const before = stateOf(node.cacheDir);
    expect(before).toMatchObject({ images: { length: ids.length }, rows: [] });
    const [program, ...args] = command;
    const options = { as, env: openrc(stack) };
    const { exitCode, stdout, stderr } = await runOurs(node, program, args, options);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    const index = join(node.cacheDir, 'cache.db');
    expect(stderr).toContain(`ERROR: Cannot ${verb} "${node.cacheDir}": the index "${index}" has no rows, yet`);
    expect(stderr).toMatch(/\nhint: Check image_cache_driver in glance-api\.conf: since release 2024\.1 /);
    expect(stateOf(node.cacheDir)).toEqual(before);

    const told = await runOurs(node, program, [...args, '--format', 'json'], options);
    expect(JSON.parse(told.stderr)).toMatchObject({ error: { code: 'INDEX_FLIPPED', exit_code: 4 } });
  },
);

test('list-cached prints what the stock tool prints, and says on standard error what that one hides', async () => {
  const ours = await runOurs(node, 'glance-cache-manage', ['list-cached']);
  const stock = await runStock(node, 'glance-cache-manage', { args: ['list-cached'] });
  expect(ours).toMatchObject({ exitCode: 0, stdout: stock.stdout });
  expect(ours.stdout).toBe('No cached images.\n');
  expect(ours.stderr).toContain(`the directory holds ${ids.length} image files`);
});

test('the stock pruner, for comparison, removes nothing and says nothing', async () => {
  const before = stateOf(node.cacheDir);
  expect(await runStock(node, 'glance-cache-pruner')).toMatchObject({ exitCode: 0, stdout: '' });
  expect(stateOf(node.cacheDir)).toEqual(before);
});

test('glance-cache-pruner --adopt enters the images again, and glance-api counts their use', async () => {
  expect(await runOurs(node, 'glance-cache-pruner', ['--adopt'])).toMatchObject(SILENT_SUCCESS);
  const { rows, images } = readCache(node.cacheDir);
  expect(rows.map(({ image_id }) => image_id)).toEqual([...ids].sort());
  expect(images.map(({ name }) => name)).toEqual([...ids].sort());
  for (const image of aged.images) {
    expect(await rowOf(node, image.id)).toMatchObject({ hits: 0, size: image.sizeBytes });
    await hit(client, node, image);
  }
  const listed = await runStock(node, 'glance-cache-manage', { args: ['list-cached'] });
  expect(listed.stdout).toContain(`Found ${ids.length} cached images...`);
  const ours = await runOurs(node, 'glance-cache-manage', ['list-cached']);
  expect(ours).toMatchObject({ exitCode: 0, stdout: listed.stdout, stderr: '' });

  // From here on the cache is one like any other.
  expect(await runOurs(node, 'glance-cache-pruner', ['--max-size', '100000'])).toMatchObject(SILENT_SUCCESS);
  const left = readCache(node.cacheDir).images.map(({ name }) => name);
  expect(left).toEqual([...ids.slice(-2)].sort());
});
