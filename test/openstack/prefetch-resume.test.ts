import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readEntry } from './support/cache.ts';
import { hit, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import {
  expectCached,
  expectOnlyCached,
  NO_STORE,
  partBytes,
  partPath,
  partsOf,
  prefetch,
  prefetchReport,
  readReport,
  startPrefetch,
  untilPart,
} from './support/prefetch.ts';
import type { ProgramOptions } from './support/programs.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// Runs that end in the middle of an image: the next one goes on where they were.

const stack = useStack();
const SIZE = 24 * 1024 * 1024;
const SLOWLY = ['--limit-rate', '6MiB'];
let node: GlanceNode;
let client: GlanceClient;
let image: TestImage;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  [image] = (await uploadImages(client, [SIZE])) as [TestImage];
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
  await client.queueImage(image.id);
});

/** Kills a run once so much of the image is there; returns how much was left. */
async function killAt(bytes: number, options: ProgramOptions): Promise<number> {
  const running = startPrefetch(node, SLOWLY, options);
  await untilPart(node, image.id, { bytes, of: running });
  running.child.kill('SIGKILL');
  expect(await running.result).toMatchObject({ signal: 'SIGKILL' });
  expectOnlyCached(node, [], [image.id]);
  expect(partsOf(node)).toEqual([`${image.id}.json`, `${image.id}.part`]);
  const { uid, gid } = stack.user;
  expect(readEntry(`${node.cacheDir}/.glance-cache-tools/prefetch`, `${image.id}.part`)).toMatchObject({
    kind: 'file',
    mode: '0640',
    uid,
    gid,
  });
  return partBytes(node, image.id);
}

/** The answers that the catalog's glance-api has given to downloads of the image. */
function downloads(): readonly number[] {
  const lines = readFileSync(stack.node.apiLog, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, id, status] = /"GET \/v2\/images\/([^/]+)\/file HTTP\/1\.1" (\d+) /.exec(line) ?? [];
    return id === image.id ? [Number(status)] : [];
  });
}

test('a download that was killed again and again is gone on with, whoever runs it, and verified', async () => {
  const before = downloads().length;
  const first = await killAt(3_000_000, { env: NO_STORE, as: USERS[0] ?? 'glance' });
  const second = await killAt(first + 3_000_000, { env: NO_STORE, as: 'glance' });
  const left = await killAt(second + 3_000_000, { env: NO_STORE, as: USERS[0] ?? 'glance' });
  const planned = await prefetchReport(node, ['--dry-run'], { env: NO_STORE });
  expect(planned.report.items).toMatchObject([{ result: 'planned', resumed: left, fetched: SIZE - left }]);

  const { exitCode, stderr, report } = await prefetchReport(node, [], { env: NO_STORE });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(report).toMatchObject({ fetched_images: 1, fetched_bytes: SIZE - left });
  expect(report.items).toMatchObject([
    { image_id: image.id, result: 'done', source: 'http', size: SIZE, resumed: left, fetched: SIZE - left },
  ]);
  expectOnlyCached(node, [image]);
  expectCached(node, image);
  expect(partsOf(node)).toEqual([]);
  // Glance logs an answer when it is over, also one that was cut.
  await expect.poll(() => downloads().slice(before), { timeout: 10_000 }).toEqual([206, 206, 206, 206]);
  await hit(client, node, image);
});

test('a part that was damaged is noticed and fetched anew in the same run', async () => {
  const left = await killAt(5_000_000, { env: NO_STORE });
  const part = openSync(partPath(node, image.id), 'r+');
  writeSync(part, Buffer.from('torn by a crash of the machine'), 0, 30, 1_000_000);
  closeSync(part);
  const { exitCode, stderr, report } = await prefetchReport(node, [], { env: NO_STORE });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(new RegExp(` WARNING [^\\n]*${image.id}[^\\n]*starting over\\n$`));
  expect(report.items).toMatchObject([{ result: 'done', source: 'http', fetched: 2 * SIZE - left }]);
  expectOnlyCached(node, [image]);
  expectCached(node, image);
});

test('a copy from the store that was killed is made anew', async () => {
  await killAt(5_000_000, { as: USERS[0] ?? 'glance' });
  const { exitCode, report } = await prefetchReport(node);
  expect(exitCode).toBe(0);
  expect(report.items).toMatchObject([{ result: 'done', source: 'store', fetched: SIZE, resumed: 0 }]);
  expectOnlyCached(node, [image]);
  expectCached(node, image);
});

test('what a killed download has left is kept by the cleaner until it has stalled', async () => {
  const left = await killAt(3_000_000, { env: NO_STORE });
  expect(await runOurs(node, 'glance-cache-cleaner')).toMatchObject(SILENT_SUCCESS);
  expect(await runOurs(node, 'glance-cache-pruner')).toMatchObject(SILENT_SUCCESS);
  expect(partBytes(node, image.id)).toBe(left);
  const env = { OS_DEFAULT__IMAGE_CACHE_STALL_TIME: '0' };
  expect(await runOurs(node, 'glance-cache-cleaner', [], { env })).toMatchObject(SILENT_SUCCESS);
  expect(partsOf(node)).toEqual([]);
  expectOnlyCached(node, [], [image.id]);
  expect(await prefetch(node, [], { env: NO_STORE })).toMatchObject(SILENT_SUCCESS);
  expectCached(node, image);
});

describe.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s', (signal, code) => {
  test.each(USERS)(`ends a run of %s in the middle of an image with ${code}, and the next one goes on`, async (as) => {
    const running = startPrefetch(node, [...SLOWLY, '--format', 'json'], { env: NO_STORE, as });
    await untilPart(node, image.id, { bytes: 3_000_000, of: running });
    const start = performance.now();
    running.child.kill(signal);
    const { exitCode, report } = readReport(await running.result);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(exitCode).toBe(code);
    expect(report.items).toMatchObject([{ image_id: image.id, result: 'skipped', reason: 'stopped' }]);
    expectOnlyCached(node, [], [image.id]);
    const left = partBytes(node, image.id);
    expect(left).toBeGreaterThanOrEqual(3_000_000);

    const next = await prefetchReport(node, [], { env: NO_STORE });
    expect(next.report.items).toMatchObject([{ result: 'done', resumed: left, fetched: SIZE - left }]);
    expectOnlyCached(node, [image]);
    expectCached(node, image);
  });
});
