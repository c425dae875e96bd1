import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { confText } from './support/conf-text.ts';
import { sha256Of } from './support/digest.ts';
import { hit, type TestImage, uploadImages } from './support/images.ts';
import { giveToGlance } from './support/made-cache.ts';
import { USERS } from './support/on-node.ts';
import { expectCached, expectOnlyCached, prefetchReport } from './support/prefetch.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// Where a glance-api keeps images as files, in every way that its configuration can say so: a file that is there is
// copied, wherever it lies.

const stack = useStack();
const SIZE = 400_000;

/** A folder that Glance keeps images in. */
function makeStore(name: string): string {
  const path = join(stack.stateDir, name);
  mkdirSync(path);
  giveToGlance(path, 0o750);
  return path;
}

/** Starts a node whose store is told by this text in both of its configuration files. */
async function startWith(text: string): Promise<GlanceNode> {
  return stack.startGlanceNode({ workers: 1, extraConf: text, extraCacheConf: text });
}

/** Fetches queued images of a node; all have to come from its store. */
async function expectFromStore(node: GlanceNode, images: readonly TestImage[]): Promise<void> {
  const client = await stack.connect(node);
  for (const as of USERS) {
    for (const { id } of images) await client.queueImage(id);
    const { exitCode, stderr, report } = await prefetchReport(node, [], { as });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(report.items.map(({ result, source }) => `${result} from ${source}`)).toEqual(
      images.map(() => 'done from store'),
    );
    expectOnlyCached(node, images);
    for (const image of images) {
      expectCached(node, image);
      await hit(client, node, image);
    }
    await client.request('DELETE', '/v2/cache');
  }
}

test('filesystem_store_datadirs are looked through by their priorities', async () => {
  const [low, high, plain] = [makeStore('store-low'), makeStore('store-high'), makeStore('store-plain')];
  const node = await startWith(
    // Both options at once are an error to Glance, so the one that is set above is taken back.
    `[glance_store]
filesystem_store_datadir =
filesystem_store_datadirs = ${plain}
filesystem_store_datadirs = ${low}:100
filesystem_store_datadirs = ${high}:200
`,
  );
  const images = await uploadImages(await stack.connect(node), [SIZE, SIZE + 1]);
  expect(readdirSync(high).sort()).toEqual(images.map(({ id }) => id).sort());
  for (const { id, sizeBytes } of images) {
    for (const folder of [low, plain]) {
      writeFileSync(join(folder, id), Buffer.alloc(sizeBytes, 'not this one'));
      giveToGlance(join(folder, id), 0o640);
    }
  }
  await expectFromStore(node, images);
});

test('every store of type file among enabled_backends is looked through', async () => {
  const [fast, slow] = [makeStore('store-fast'), makeStore('store-slow')];
  const reserved = (name: string) => ({ filesystem_store_datadir: makeStore(`store-${name}`) });
  const node = await startWith(
    confText({
      DEFAULT: { enabled_backends: 'web:http, fast:file, slow:file' },
      glance_store: { default_backend: 'fast' },
      fast: { filesystem_store_datadir: fast },
      slow: { filesystem_store_datadir: slow },
      web: {},
      os_glance_staging_store: reserved('staging'),
      os_glance_tasks_store: reserved('tasks'),
    }),
  );
  const client = await stack.connect(node);
  const [first] = (await uploadImages(client, [SIZE])) as [TestImage];
  const content = randomBytes(SIZE);
  const id = await client.createImage();
  const headers = { 'x-image-meta-store': 'slow' };
  expect((await client.request('PUT', `/v2/images/${id}/file`, { bytes: content, headers })).status).toBe(204);
  expect([existsSync(join(fast, first.id)), existsSync(join(slow, id))]).toEqual([true, true]);
  await expectFromStore(node, [first, { id, sizeBytes: SIZE, sha256: sha256Of(content) }]);
});

describe('a store that is of no use', () => {
  let node: GlanceNode;

  beforeAll(async () => {
    node = await stack.startGlanceNode({ workers: 1 });
  });

  test.each<readonly [string, (folder: string) => void]>([
    ['may not be looked into', (folder) => chmodSync(folder, 0o000)],
    ['is not there', (folder) => rmSync(folder, { recursive: true })],
    ['is empty', () => undefined],
  ])('that %s is passed over, and the image is downloaded', async (what, spoil) => {
    const folder = makeStore(`store ${what}`);
    spoil(folder);
    const client = await stack.connect(node);
    const [image] = (await uploadImages(client, [SIZE])) as [TestImage];
    for (const as of USERS) {
      await client.queueImage(image.id);
      // Root looks with the rights of Glance's user.
      const env = { OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIR: folder };
      const { exitCode, stderr, report } = await prefetchReport(node, [], { as, env });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(report.items).toMatchObject([{ image_id: image.id, result: 'done', source: 'http' }]);
      expectOnlyCached(node, [image]);
      await client.request('DELETE', '/v2/cache');
    }
  });
});
