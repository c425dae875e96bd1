import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { changeImage, type ImageFacts } from './support/glance-database.ts';
import { hit, type TestImage, uploadImages } from './support/images.ts';
import { giveToGlance } from './support/made-cache.ts';
import { SILENT_SUCCESS, USERS } from './support/on-node.ts';
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

// What Glance knows of an image may be little, or wrong; what its store holds may be damaged.

const stack = useStack();
const NO_DIGEST = { checksum: null, os_hash_algo: null, os_hash_value: null } as const;
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
  rmSync(join(node.cacheDir, '.glance-cache-tools', 'prefetch'), { recursive: true, force: true });
});

afterAll(async () => {
  // An image without a size cannot be asked for by a range, and so the catalog's glance-api caches it on its way.
  await (await stack.connect()).request('DELETE', '/v2/cache');
});

async function upload(sizeBytes = 300_000): Promise<TestImage> {
  const [image] = (await uploadImages(client, [sizeBytes])) as [TestImage];
  return image;
}

const SOURCES = [
  ['store', {}],
  ['http', NO_STORE],
] as const;

describe.each(SOURCES)('from %s', (source, env) => {
  test.each<readonly [string, ImageFacts]>([
    ['no hash', { os_hash_algo: null, os_hash_value: null }],
    ['neither hash nor checksum', NO_DIGEST],
    ['no size', { size: null }],
    ['a hash and no checksum', { checksum: null }],
    ['neither size nor hash', { size: null, os_hash_algo: null, os_hash_value: null }],
  ])('an image is fetched when Glance has %s of it', async (_what, facts) => {
    const image = await upload();
    const before = changeImage(image.id, facts);
    await client.queueImage(image.id);
    const { exitCode, stderr, report } = await prefetchReport(node, ['--retries', '0'], { env });
    expect({ exitCode, stderr, items: report.items }).toMatchObject({
      exitCode: 0,
      stderr: '',
      items: [{ result: 'done', reason: null, source, size: image.sizeBytes, fetched: image.sizeBytes }],
    });
    expectOnlyCached(node, [image]);
    expectCached(node, image);
    changeImage(image.id, before);
    await hit(client, node, image);
  });

  test.each(USERS)('bytes of another hash are not published, and put off, when %s runs it', async (as) => {
    const image = await upload();
    const { os_hash_value: right } = changeImage(image.id, { os_hash_value: '0'.repeat(128) });
    await client.queueImage(image.id);
    const options = { env, as };
    const wrong = await prefetch(node, ['--format', 'json'], options);
    expect(wrong.exitCode).toBe(9);
    expect(errorOf(wrong)).toMatchObject({
      code: 'INTEGRITY_HASH',
      details: { image_id: image.id, algorithm: 'sha512', expected: '0'.repeat(128), found: right },
    });
    expectOnlyCached(node, [], [image.id]);
    // What is remembered is the failure, not the bytes.
    expect(partsOf(node)).toEqual([`${image.id}.json`]);

    // The next run does not download it in vain.
    const later = await prefetchReport(node, [], options);
    expect(later).toMatchObject({ exitCode: 0, stderr: '' });
    expect(later.report.items).toMatchObject([
      { image_id: image.id, result: 'skipped', reason: 'backing-off', fetched: null },
    ]);
    expectOnlyCached(node, [], [image.id]);

    changeImage(image.id, { os_hash_value: right ?? null });
    expect(await prefetch(node, [], options)).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [], [image.id]);
    // Somebody who asks for it by its ID does not wait.
    expect(await prefetch(node, ['--image', image.id], options)).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [image]);
    expectCached(node, image);
    expect(partsOf(node)).toEqual([]);
  });

  test('bytes of another md5 are not published when Glance has no better hash', async () => {
    const image = await upload();
    changeImage(image.id, { ...NO_DIGEST, checksum: 'f'.repeat(32) });
    await client.queueImage(image.id);
    const wrong = await prefetch(node, ['--format', 'json'], { env });
    expect({ exitCode: wrong.exitCode, error: errorOf(wrong) }).toMatchObject({
      exitCode: 9,
      error: { code: 'INTEGRITY_HASH', details: { algorithm: 'md5' } },
    });
    expectOnlyCached(node, [], [image.id]);
  });

  test.each([
    // Glance sends as many bytes as it believes there are.
    [-1, 9, 'INTEGRITY_HASH'],
    // It promises one more than comes, and leaves the connection open.
    [1, 8, 'REMOTE_STALLED'],
  ])('bytes of another length (%i) are not published', async (more, exitCode, code) => {
    const image = await upload();
    changeImage(image.id, { size: image.sizeBytes + more });
    await client.queueImage(image.id);
    const args = ['--format', 'json', '--stall-timeout', '1', '--retries', '0'];
    const wrong = await prefetch(node, args, { env });
    expect({ exitCode: wrong.exitCode, code: errorOf(wrong).code }).toEqual({ exitCode, code });
    expectOnlyCached(node, [], [image.id]);
  });
});

test('an image of which Glance knows nothing is taken from the store, and not over HTTP, where it may be cut', async () => {
  const image = await upload();
  changeImage(image.id, { size: null, ...NO_DIGEST });
  await client.queueImage(image.id);
  const wrong = await prefetch(node, ['--format', 'json', '--retries', '0'], { env: NO_STORE });
  expect({ exitCode: wrong.exitCode, code: errorOf(wrong).code }).toEqual({
    exitCode: 9,
    code: 'INTEGRITY_UNVERIFIABLE',
  });
  expectOnlyCached(node, [], [image.id]);
  expect(await prefetch(node, ['--image', image.id])).toMatchObject(SILENT_SUCCESS);
  expectCached(node, image);
});

test('a file of the store that is damaged is not taken, and what Glance serves of it neither', async () => {
  const image = await upload();
  const path = join(stack.storeDir, image.id);
  writeFileSync(path, Buffer.alloc(image.sizeBytes, 'damage'));
  giveToGlance(path, 0o640);
  await client.queueImage(image.id);
  const wrong = await prefetch(node, ['--format', 'json']);
  expect({ exitCode: wrong.exitCode, code: errorOf(wrong).code }).toEqual({ exitCode: 9, code: 'INTEGRITY_HASH' });
  expectOnlyCached(node, [], [image.id]);
});

test('an image is downloaded when this machine has another file of its name', async () => {
  const image = await upload();
  const folder = join(stack.stateDir, 'left-behind');
  mkdirSync(folder);
  writeFileSync(join(folder, image.id), Buffer.alloc(image.sizeBytes, 'of another Glance'));
  const env = { OS_GLANCE_STORE__FILESYSTEM_STORE_DATADIR: folder };
  await client.queueImage(image.id);
  const { exitCode, stderr, report } = await prefetchReport(node, [], { env });
  expect(exitCode).toBe(0);
  expect(report.items).toMatchObject([{ image_id: image.id, result: 'done', source: 'http' }]);
  expect(stderr).toMatch(new RegExp(` WARNING [^\\n]*${image.id}[^\\n]*downloading it instead`));
  expectOnlyCached(node, [image]);
  expectCached(node, image);
});

test('one damaged image does not keep the others from being fetched', async () => {
  const [bad, good] = [await upload(), await upload()];
  changeImage(bad.id, { os_hash_value: '0'.repeat(128) });
  for (const { id } of [bad, good]) await client.queueImage(id);
  const result = await prefetch(node);
  expect(result).toMatchObject({ exitCode: 10, stdout: '' });
  expect(result.stderr).toMatch(/^ERROR: Cannot do everything: 1 of 2 items failed: Cannot use the bytes of image /m);
  expectOnlyCached(node, [good], [bad.id]);
});
