import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { hit, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import {
  errorOf,
  expectCached,
  expectOnlyCached,
  NO_STORE,
  partBytes,
  partsOf,
  prefetch,
  prefetchReport,
  startPrefetch,
  untilPart,
} from './support/prefetch.ts';
import { PythonProcess } from './support/python-process.ts';
import type { RunningProgram } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// Runs of the prefetcher shut each other out, and the other programs work beside them. Glance's own prefetcher has a lock
// of its own, taken here by Glance's own code.

const stack = useStack();
const SIZE = 12_000_000;
let client: GlanceClient;
let image: TestImage;
let node: GlanceNode;
const holders: PythonProcess[] = [];

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  [image] = (await uploadImages(client, [SIZE])) as [TestImage];
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
  await client.queueImage(image.id);
});

afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.end();
});

/** A run that stands still in the middle of the image, with its lock. */
async function pauseRun(): Promise<RunningProgram> {
  const run = startPrefetch(node, ['--limit-rate', '12MB'], { env: NO_STORE });
  await untilPart(node, image.id, { bytes: 2_000_000, of: run });
  run.child.kill('SIGSTOP');
  return run;
}

describe('beside a run that is at work', () => {
  test.each(USERS)('a second run of %s is busy, or silent when it may be skipped', async (as) => {
    const first = await pauseRun();
    const options = { as, env: { ...openrc(stack), ...NO_STORE } };

    const busy = await prefetch(node, ['--lock-timeout', '0', '--format', 'json'], options);
    expect(busy).toMatchObject({ exitCode: 5, stdout: '' });
    expect(errorOf(busy)).toMatchObject({
      code: 'BUSY_RUN',
      message: expect.stringContaining('another run of it is at work on this cache') as unknown,
    });
    const skipped = await prefetch(node, ['--lock-timeout', '0', '--skip-if-busy'], options);
    expect(skipped).toMatchObject(SILENT_SUCCESS);
    const now = ['-f', '--lock-timeout', '0', 'queue-image', '--now', image.id];
    expect(await runOurs(node, 'glance-cache-manage', now, options)).toMatchObject({ exitCode: 5, stdout: '' });
    // Looking takes no lock.
    expect(await prefetch(node, ['--dry-run', '--lock-timeout', '0'], options)).toMatchObject({ exitCode: 0 });

    first.child.kill('SIGCONT');
    expect(await first.result).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [image]);
    expectCached(node, image);
  });

  test.each(USERS)('the cleaner and the pruner of %s lose nothing', async (as) => {
    const first = await pauseRun();
    const before = partBytes(node, image.id);
    const env = { OS_DEFAULT__IMAGE_CACHE_STALL_TIME: '0' };
    for (const program of ['glance-cache-cleaner', 'glance-cache-pruner'] as const) {
      expect(await runOurs(node, program, ['--lock-timeout', '0'], { as, env })).toMatchObject(SILENT_SUCCESS);
    }
    expect(await runOurs(node, 'glance-cache-manage', ['list-cached'], { as })).toMatchObject({ exitCode: 0 });
    expect(partsOf(node)).toEqual([`${image.id}.json`, `${image.id}.part`]);
    expect(partBytes(node, image.id)).toBeGreaterThanOrEqual(before);
    first.child.kill('SIGCONT');
    expect(await first.result).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [image]);
    expectCached(node, image);
    await hit(client, node, image);
  });

  test('images can be queued, and are fetched by the next run', async () => {
    const [other] = (await uploadImages(client, [1000])) as [TestImage];
    const first = await pauseRun();
    expect(await runOurs(node, 'glance-cache-manage', ['-f', 'queue-image', other.id])).toMatchObject(SILENT_SUCCESS);
    first.child.kill('SIGCONT');
    expect(await first.result).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [image], [other.id]);
    expect(await prefetch(node)).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [image, other]);
  });
});

describe.each([
  ['lock_path', {}],
  ['the cache directory', { lockPath: false }],
] as const)("Glance's lock in %s", (_where, options) => {
  let place: GlanceNode;

  beforeAll(async () => {
    place = await stack.startGlanceNode({ ...options, workers: 1 });
    await (await stack.connect(place)).queueImage(image.id);
  });

  test('an image that is fetched while Glance holds it waits as a part, and is not fetched twice', async () => {
    const holder = PythonProcess.start('hold_lock.py', [place.cacheConf, 'glance-cache']);
    holders.push(holder);
    expect(await holder.line()).toBe('ready');
    expect(await holder.line()).toMatch(/^held /);

    for (const as of USERS) {
      const busy = await prefetch(place, ['--lock-timeout', '0', '--format', 'json'], { as, env: NO_STORE });
      expect(busy.exitCode).toBe(5);
      expect(errorOf(busy)).toMatchObject({
        code: 'BUSY_GLANCE',
        message: expect.stringContaining(join(place.lockDir ?? place.cacheDir, 'glance-cache')) as unknown,
      });
      expectOnlyCached(place, [], [image.id]);
      expect(partBytes(place, image.id)).toBe(SIZE);
      const skipped = await prefetch(place, ['--lock-timeout', '0', '--skip-if-busy'], { as, env: NO_STORE });
      expect(skipped).toMatchObject(SILENT_SUCCESS);
      expectOnlyCached(place, [], [image.id]);
    }

    const waiting = prefetchReport(place, [], { env: NO_STORE });
    await delay(800);
    expectOnlyCached(place, [], [image.id]);
    await holder.end();
    const { exitCode, stderr, report } = await waiting;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(report.items).toMatchObject([{ result: 'done', source: 'http', resumed: SIZE, fetched: 0 }]);
    expectOnlyCached(place, [image]);
    expectCached(place, image);
  });
});

test('an image waits as a part when the index is locked for too long', async () => {
  const index = new Database(join(node.cacheDir, 'cache.db'));
  index.exec('BEGIN IMMEDIATE');
  try {
    const busy = await prefetch(node, ['--lock-timeout', '1', '--format', 'json'], { env: NO_STORE });
    expect({ exitCode: busy.exitCode, code: errorOf(busy).code }).toEqual({ exitCode: 5, code: 'BUSY_INDEX' });
    expect(partBytes(node, image.id)).toBe(SIZE);
  } finally {
    index.exec('ROLLBACK');
    index.close();
  }
  expectOnlyCached(node, [], [image.id]);
  const { report } = await prefetchReport(node, [], { env: NO_STORE });
  expect(report.items).toMatchObject([{ result: 'done', resumed: SIZE, fetched: 0 }]);
  expectOnlyCached(node, [image]);
  expectCached(node, image);
});
