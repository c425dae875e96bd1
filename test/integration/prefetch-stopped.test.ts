// Runs that are stopped, that meet another one, or must not touch the cache as it is.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CACHED_AT, idOf } from '../support/cache-fixture.ts';
import { useChildren } from '../support/child.ts';
import { contentOf } from '../support/cloud/contents.js';
import { answerNext, before, isDownload, isLogin, isLookup, type Which } from '../support/cloud/scripted.ts';
import { neverAnswer, send, stallAfter } from '../support/http-answers.ts';
import type { Answer } from '../support/loopback-server.ts';
import {
  expectRecovery,
  FETCHED,
  itemsOf,
  keptPart,
  MIB,
  type PrefetchFixture,
  QUEUED,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { failure, type RunningProgram, success, withoutTime } from '../support/run-program.ts';

const prefetch = usePrefetch();
const startHolder = useChildren('support/programs/holder.ts');

const [ONE, TWO] = [idOf('1'), idOf('2')];
const SIZE = 2 * MIB;
const HALF = 1_000_000;
const CONTENT = contentOf(ONE, SIZE);

async function queued(): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [{ id: ONE, sizeBytes: SIZE }] });
  it.queue(ONE);
  return it;
}

/** A run whose download stands still half way. */
async function downloading(it: PrefetchFixture): Promise<RunningProgram> {
  answerNext(it.cloud, isDownload, stallAfter(HALF, CONTENT));
  const running = it.start(['--stall-timeout', '1h']);
  await it.partReaches(ONE, HALF);
  return running;
}

/** Ends a run with a signal, and sees that it obeys: nothing else would end it within the hour. */
async function stop(running: RunningProgram, signal: NodeJS.Signals): Promise<void> {
  running.process.kill(signal);
  const hint = 'Run it again to do the rest: <this command>';
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: signal === 'SIGINT' ? 130 : 143, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^ERROR: Stopped by ${signal}(?:: 0 items done until then\\nhint: ${hint})?\\n$`));
}

describe.concurrent('a signal', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`the prefetcher ends at once and keeps the part when ${signal} comes in mid-download`, async () => {
      const it = await queued();
      await stop(await downloading(it), signal);
      expect(it.stateOf(ONE)).toEqual(keptPart(HALF));
      await expectRecovery(it, ONE);
      expect(it.rangesOf(ONE)).toEqual(['bytes=0-', `bytes=${HALF}-`]);
    });
  }

  const waits: Readonly<Record<string, readonly [Which, Answer]>> = {
    'while Keystone does not answer': [isLogin, neverAnswer()],
    'while Glance does not answer': [isLookup, neverAnswer()],
    'while a download does not begin': [isDownload, neverAnswer()],
    'while it waits until Glance wants to be asked again': [isLookup, send(503, '', { 'retry-after': '200' })],
    'while it waits until Keystone wants to be asked again': [isLogin, send(503, '', { 'retry-after': '200' })],
  };
  for (const [when, [which, answer]] of Object.entries(waits)) {
    test(`the prefetcher ends at once when SIGTERM comes ${when}`, async () => {
      const it = await queued();
      const asked = new Promise<void>((resolve) => before(it.cloud, which, () => resolve()));
      answerNext(it.cloud, which, answer);
      const running = it.start(['--stall-timeout', '1h']);
      await asked;
      await stop(running, 'SIGTERM');
      expect(it.stateOf(ONE)).toEqual(which === isDownload ? keptPart(0) : QUEUED);
      await expectRecovery(it, ONE);
    });
  }
});

const BUSY_HINT =
  'In a crontab, --skip-if-busy leaves the work to others; to give that run more time: <this command> --lock-timeout 10m';

describe.concurrent('another run', () => {
  test('the prefetcher ends with 5, or with 0 and silently, when another run is downloading', async () => {
    const it = await queued();
    const running = await downloading(it);
    const message = 'Cannot start glance-cache-prefetcher: another run of it is at work on this cache (waited 0 s)';
    expect(await it.run(['--lock-timeout', '0'])).toEqual(failure(5, message, BUSY_HINT));
    expect(await it.run(['--lock-timeout', '0', '--skip-if-busy'])).toEqual(success());
    expect(await it.run(['--lock-timeout', '0', '--skip-if-busy', '-v', '--format', 'json'])).toEqual(success());
    const now = await it.manage(['-f', 'queue-image', '--now', ONE, '--lock-timeout', '0']);
    expect(now).toEqual(failure(5, message, BUSY_HINT));
    expect((await it.run(['--lock-timeout', '0', '--dry-run'])).code).toBe(0);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-']);
    await stop(running, 'SIGTERM');
    await expectRecovery(it, ONE);
  });

  test('the pruner, the cleaner and a queueing do their work while an image is downloaded, and leave it alone', async () => {
    const it = await queued();
    const running = await downloading(it);
    const patience = ['--lock-timeout', '0'];
    expect(await it.cache.run('pruner', ['--max-size', '0', ...patience])).toEqual(success());
    expect(await it.cache.run('cleaner', patience)).toEqual(success());
    expect(await it.manage(['-f', 'queue-image', TWO, ...patience])).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(keptPart(HALF));
    await stop(running, 'SIGINT');
    expect(it.cache.names('queue')).toEqual([ONE, TWO]);
  });
});

describe.concurrent('glance-api', () => {
  test('the prefetcher gives up its copy and drops the marker when glance-api has cached the image meanwhile', async () => {
    const it = await queued();
    const path = join(it.cache.root, ONE);
    before(it.cloud, isDownload, () => {
      writeFileSync(path, CONTENT);
      it.cache.addRow(ONE, { size: SIZE, hits: 0 });
    });
    const run = await it.run(['--format', 'json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'done', reason: 'cached' }]);
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.cache.rows()).toMatchObject([{ last_accessed: CACHED_AT }]);
  });

  test('the prefetcher gives up its copy and keeps the marker when glance-api has begun to cache the image', async () => {
    const it = await queued();
    before(it.cloud, isDownload, () => it.cache.addFile('incomplete', ONE, { size: 5 }));
    const run = await it.cache.run('prefetcher', ['--format', 'json'], { env: it.env });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'skipped', reason: 'being-cached' }]);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    expect(statSync(join(it.cache.layout.areas.incomplete, ONE)).size).toBe(5);
  });

  test('the prefetcher takes the image out of the cache and queues it again when it was deactivated meanwhile', async () => {
    const it = await queued();
    before(it.cloud, isDownload, () => {
      it.cloud.images.set(ONE, { id: ONE, sizeBytes: SIZE, ...it.cloud.images.get(ONE), status: 'deactivated' });
    });
    const run = await it.run(['--format', 'json']);
    expect(run.code).toBe(0);
    expect(withoutTime(run.stderr)).toMatch(
      /^WARNING \S+ \[-\] fetch 1\S+ "image 1+": skipped \(deactivated in Glance, /,
    );
    expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'skipped', reason: 'deactivated' }]);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    expect(it.cache.rowIds()).toEqual([]);
  });
});

// One after the other: children are ended with the test that they are of.
describe('a lock', () => {
  for (const [what, way, pathOf, message] of [
    [
      'a writer holds the index',
      'write-lock',
      (it: PrefetchFixture) => it.cache.layout.index,
      (path: string) => `Cannot write to the index "${path}": database is locked`,
    ],
    [
      'Glance prefetches as well',
      'lock',
      (it: PrefetchFixture) => join(it.cache.root, 'glance-cache'),
      (path: string) => `Cannot start: Glance holds the lock "${path}" (waited 0 s)`,
    ],
  ] as const) {
    test(`the prefetcher ends with 5 and keeps what it has downloaded when ${what}`, async () => {
      const it = await queued();
      const holder = startHolder(way, pathOf(it));
      await holder.expectLine('held');
      const run = await it.run(['--lock-timeout', '0']);
      expect(run).toEqual({
        code: 5,
        stdout: '',
        stderr: expect.stringContaining(`ERROR: ${message(pathOf(it))}\nhint: `) as string,
      });
      await holder.finish();
      expect(it.stateOf(ONE)).toEqual(keptPart(SIZE));
      await expectRecovery(it, ONE);
      expect(it.rangesOf(ONE)).toEqual(['bytes=0-']);
    });
  }
});

describe.concurrent('an index that was given up', () => {
  for (const args of [[], ['--image', ONE], ['--dry-run']]) {
    const line = args.join(' ');
    test(`the prefetcher ends with 4 and changes nothing when images lie beside an index without rows: "${line}"`, async () => {
      const it = await queued();
      it.cache.addFile('cached', TWO);
      const { entries } = it.cache.state();
      const { code, stdout, stderr } = await it.run(args, it.later(120));
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toMatch(
        /^ERROR: Cannot prefetch into ".*": the index ".*" has no rows, yet the directory holds an image\nhint: Check image_cache_driver in glance-api\.conf: .*\n$/,
      );
      const ours = it.cache.state().entries.filter(({ path }) => !/^(?:\.glance-cache-tools.*)?$/.test(path));
      expect(ours).toEqual(entries.filter(({ path }) => path !== ''));
      expect(it.rangesOf(ONE)).toEqual([]);
      await it.cache.run('pruner', ['--adopt'], it.later(120));
      expect(await it.run([], it.later(120))).toEqual(success());
      expect(it.stateOf(ONE)).toEqual(FETCHED);
    });
  }
});
