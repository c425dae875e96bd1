import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { untilAged } from './support/aged-caches.ts';
import type { GlanceClient } from './support/api.ts';
import { readCache, readRow } from './support/cache.ts';
import { download, hit } from './support/images.ts';
import { giveToGlance } from './support/made-cache.ts';
import { runOurs, SILENT_SUCCESS } from './support/on-node.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// Files without rows and rows without files: the stock pruner loses track of both, ours brings them together.

const stack = useStack();
const aged = inject('agedCaches');
const ids = aged.images.map(({ id }) => id);
const withoutRow = ids.slice(0, 2);
const withoutFile = ids.slice(-2);
const [wrongSize = '', untouched = ''] = ids.slice(2);
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode({}, aged.adrift);
  client = await stack.connect(node);
  await untilAged(aged);
});

interface Told {
  readonly items: readonly { readonly image_id: string; readonly action: string; readonly result: string }[];
}

async function report(...args: string[]): Promise<Told['items']> {
  const { exitCode, stdout, stderr } = await runOurs(node, 'glance-cache-pruner', [...args, '--format', 'json']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return (JSON.parse(stdout) as Told).items;
}

test('glance-cache-pruner adopts files without rows and drops rows without files when both are old', async () => {
  const before = readCache(node.cacheDir);
  expect(before.rows.map(({ image_id }) => image_id).sort()).toEqual(ids.slice(2).sort());
  const young = randomUUID();
  writeFileSync(join(node.cacheDir, young), 'has just been renamed');
  giveToGlance(join(node.cacheDir, young), 0o640);

  const planned = await report('--dry-run');
  expect(readCache(node.cacheDir).rows).toEqual(before.rows);
  const expected = [
    ...withoutRow.map((image_id) => ({ image_id, action: 'adopt' })),
    ...withoutFile.map((image_id) => ({ image_id, action: 'drop-row' })),
    { image_id: wrongSize, action: 'correct-size' },
  ];
  const sorted = (items: readonly { image_id: string; action: string }[]) =>
    items.map(({ image_id, action }) => `${action} ${image_id}`).sort();
  expect(sorted(planned)).toEqual(sorted(expected));

  expect(await runOurs(node, 'glance-cache-pruner')).toMatchObject(SILENT_SUCCESS);
  const after = readCache(node.cacheDir);
  expect(after.rows.map(({ image_id }) => image_id)).toEqual([...withoutRow, wrongSize, untouched].sort());
  for (const { id, sizeBytes } of aged.images.slice(0, 4)) {
    expect(readRow(node.cacheDir, id)).toMatchObject({ size: sizeBytes, hits: 0, checksum: null });
  }
  // What Glance knew of the others is as it was.
  const known = (rows: typeof before.rows) => rows.filter(({ image_id }) => image_id === untouched);
  expect(known(after.rows)).toEqual(known(before.rows));
  // What has just come is glance-api's to enter, and counts as an image meanwhile.
  expect(readRow(node.cacheDir, young)).toBeUndefined();
  expect(after.images.map(({ name }) => name)).toEqual([young, ...ids.slice(0, 4)].sort());
  expect(await report()).toEqual([]);
});

test('the stock tool shows the adopted images, and glance-api serves and counts them', async () => {
  const stock = await runStock(node, 'glance-cache-manage', { args: ['list-cached'] });
  expect(stock.stdout).toContain('Found 4 cached images...');
  for (const id of withoutRow) expect(stock.stdout).toContain(id);
  for (const id of withoutFile) expect(stock.stdout).not.toContain(id);
  expect(await runOurs(node, 'glance-cache-manage', ['list-cached'])).toMatchObject({
    stdout: stock.stdout,
    stderr: '',
  });

  for (const image of aged.images.slice(0, 4)) await hit(client, node, image);
  // The others come from the store again, and are cached like any image.
  for (const image of aged.images.slice(4)) {
    await download(client, image);
    await hit(client, node, image);
  }
  expect((await client.listCached()).map(({ image_id }) => image_id).sort()).toEqual([...ids].sort());
});

test('an adopted image is removed in its turn', async () => {
  // Used last, so the two that were adopted are the oldest but one another.
  for (const image of aged.images.slice(2)) await hit(client, node, image);
  const keep = aged.images.slice(2).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const items = await report('--max-size', String(keep + 100));
  expect(items.map(({ image_id, action }) => `${action} ${image_id}`)).toEqual(withoutRow.map((id) => `remove ${id}`));
  expect(readCache(node.cacheDir).rows.map(({ image_id }) => image_id)).toEqual(ids.slice(2).sort());
});
