import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { LockRecorder } from '../support/lock-recorder.ts';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { sha256Of } from './support/digest.ts';
import { download, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, USERS } from './support/on-node.ts';
import { expectCached, NO_STORE, partsOf, prefetch, prefetchReport } from './support/prefetch.ts';
import { PythonProcess } from './support/python-process.ts';
import type { RunResult } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// All four programs at once, in loops, on the cache of a glance-api that serves clients all the while. Every byte is
// looked at, and so is every error that Glance tells of.

const stack = useStack();
const CLIENTS = 3;
const ROUNDS = 50;
const SIZE = 1_500_000;
let node: GlanceNode;
let client: GlanceClient;

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
});

/** What the clients were told. */
interface Told {
  complete: number;
  refused: number;
}

/** A client that reads images of its own, at a pace: two cold downloads of one image at once are a race of Glance's. */
async function readOn(own: readonly TestImage[], told: Told, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const image = own[randomInt(own.length)] as TestImage;
    await delay(randomInt(60));
    const response = await client.request('GET', `/v2/images/${image.id}/file`);
    const content = new Uint8Array(await response.arrayBuffer());
    // A download that starts in the instant of removal: Glance has seen the file and finds it gone.
    if (response.status === 500) told.refused += 1;
    else {
      expect({ status: response.status, sha256: sha256Of(content) }).toEqual({ status: 200, sha256: image.sha256 });
      told.complete += 1;
    }
  }
}

/** What each program does, round by round; a run that does not end well fails the test. */
function jobsOn(images: readonly TestImage[], env: Readonly<Record<string, string>>) {
  const some = (): string => images[randomInt(images.length)]?.id ?? '';
  const done = (what: string, { exitCode, stderr }: Pick<RunResult, 'exitCode' | 'stderr'>): void => {
    expect({ what, exitCode, stderr }).toEqual({ what, exitCode: 0, stderr: '' });
  };
  return {
    prune: async (round: number) => {
      const args = ['--max-size', String(round % 3 === 0 ? 0 : 4 * SIZE)];
      done('prune', await runOurs(node, 'glance-cache-pruner', args, { env }));
    },
    clean: async (round: number) => {
      const as = USERS[round % USERS.length] ?? 'glance';
      done('clean', await runOurs(node, 'glance-cache-cleaner', [], { env, as }));
    },
    delete: async () => {
      const args = ['--force', 'delete-cached-image', some()];
      const { exitCode } = await runOurs(node, 'glance-cache-manage', args, { env });
      expect({ what: 'delete', exitCode }).toEqual({ what: 'delete', exitCode: 0 });
    },
    prefetch: async (round: number) => {
      for (const id of [some(), some()]) {
        const { exitCode } = await runOurs(node, 'glance-cache-manage', ['--force', 'queue-image', id], { env });
        expect({ what: 'queue', exitCode }).toEqual({ what: 'queue', exitCode: 0 });
      }
      const source = round % 2 === 0 ? {} : NO_STORE;
      done('prefetch', await prefetch(node, ['--jobs', '2'], { env: { ...env, ...source } }));
    },
  };
}

/** The lines of errors in Glance's log from a place on. */
function errorsSince(start: number): readonly string[] {
  const log = readFileSync(node.apiLog, 'utf8').slice(start);
  return log.match(/^.* (?:ERROR|WARNING) glance.*$/gm) ?? [];
}

const GONE = /No such file or directory: '[^']*\/cache\/[0-9a-f-]{36}'/;
// glance-api enters its row after the file, and finds that of the prefetcher: no client hears of it.
const ROW_THERE = /UNIQUE constraint failed: cached_images\.image_id/;

test('no client of glance-api gets a wrong byte or an unknown error while all four programs work on its cache', async () => {
  const images = await uploadImages(
    client,
    Array.from({ length: 9 }, (_, i) => SIZE + i),
  );
  const recorder = new LockRecorder(join(stack.stateDir, 'lock-times'), join(stack.programsDir, 'node_modules'));
  const logStart = readFileSync(node.apiLog, 'utf8').length;
  const probe = PythonProcess.start('probe_lock.py', [join(node.cacheDir, 'cache.db')]);
  expect(await probe.line()).toBe('ready');
  const told: Told = { complete: 0, refused: 0 };
  let isOver = false;
  const clients = Array.from({ length: CLIENTS }, (_, lane) => {
    return readOn(
      images.filter((_image, i) => i % CLIENTS === lane),
      told,
      () => isOver,
    );
  });
  const working = Promise.all(
    Object.values(jobsOn(images, recorder.env)).map(async (job) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await job(round);
        await delay(randomInt(100));
      }
    }),
  ).finally(() => {
    isOver = true;
  });
  await Promise.all([working, ...clients]);

  const { times } = recorder;
  await probe.end();
  const [taken, longestSec] = (await probe.line()).split(' ');
  console.log(`${told.complete} downloads complete, ${told.refused} answered with 500`);
  console.log(`${times.text}; another had the lock ${taken} times, after ${Number(longestSec) * 1000} ms at most`);
  expect(told.complete).toBeGreaterThan(50);
  expect(told.refused).toBeLessThan(told.complete / 5);
  const errors = errorsSince(logStart);
  expect(errors.filter((line) => !GONE.test(line) && !ROW_THERE.test(line))).toEqual([]);
  expect(told.refused).toBeLessThanOrEqual(errors.filter((line) => GONE.test(line)).length);
  expect(times.heldMs.length).toBeGreaterThan(ROUNDS / 2);
  await expectWell(images);
});

/** Demands that what is cached is whole, and that glance-api and the programs go on as if nothing had been. */
async function expectWell(images: readonly TestImage[]): Promise<void> {
  const sha256 = new Map(images.map((image) => [image.id, image.sha256]));
  const sizes = new Map(images.map(({ id, sizeBytes }) => [id, sizeBytes]));
  await expect.poll(() => readCache(node.cacheDir).incomplete, { timeout: 10_000 }).toEqual([]);
  const { images: files, rows } = readCache(node.cacheDir);
  for (const { name, path } of files) expect(sha256Of(readFileSync(path)), `cached ${name}`).toBe(sha256.get(name));
  for (const { image_id, size } of rows) expect(size, `row of ${image_id}`).toBe(sizes.get(image_id));
  expect(partsOf(node)).toEqual([]);
  for (const image of images) await download(client, image);

  await client.request('DELETE', '/v2/cache');
  for (const { id } of images) await client.queueImage(id);
  const { exitCode, report } = await prefetchReport(node);
  expect({ exitCode, fetched: report.fetched_images }).toEqual({ exitCode: 0, fetched: images.length });
  for (const image of images) expectCached(node, image);
  for (const image of images) await download(client, image);
}
