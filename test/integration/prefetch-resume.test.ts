// A run that was killed, and the next one: what is on the disk is gone on with as far as it can be trusted.
import { rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import type { CloudImage } from '../support/cloud/cloud.js';
import { contentOf } from '../support/cloud/contents.js';
import { answerNext, before, isDownload } from '../support/cloud/scripted.ts';
import { cutAfter, stallAfter } from '../support/http-answers.ts';
import { partPath } from '../support/parts.ts';
import {
  DROPPED,
  expectRecovery,
  FETCHED,
  itemsOf,
  keptPart,
  MIB,
  type PrefetchFixture,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { success, withoutTime } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, OTHER] = [idOf('1'), idOf('a')];
const SIZE = 3 * MIB + 5;
const HALF = 1_500_000;
const IMAGE = { id: ONE, sizeBytes: SIZE };
const CONTENT = contentOf(ONE, SIZE);
const LONG_PATIENCE = ['--stall-timeout', '1h'];

/** A run that was killed when half of the image was there. */
async function killedHalfWay(image: CloudImage = IMAGE): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [image] });
  it.queue(ONE);
  answerNext(it.cloud, isDownload, stallAfter(HALF, CONTENT));
  const running = it.start(LONG_PATIENCE);
  await it.partReaches(ONE, HALF);
  running.process.kill('SIGKILL');
  expect(await running.ended).toEqual({ code: 'SIGKILL', stdout: '', stderr: '' });
  expect(it.stateOf(ONE)).toEqual(keptPart(HALF));
  return it;
}

/** Gives Glance another image under the same ID. */
function replaceImage({ cloud }: PrefetchFixture, changes: Partial<CloudImage> = {}): void {
  cloud.images.set(ONE, { ...cloud.images.get(ONE), id: OTHER, overrides: { id: ONE }, ...changes });
}

function part(it: PrefetchFixture): string {
  return partPath(it.cache.layout, ONE);
}

function journal(it: PrefetchFixture): string {
  return partPath(it.cache.layout, ONE, 'json');
}

async function flipByte(path: string, position: number): Promise<void> {
  const handle = await open(path, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position);
  await handle.write(Buffer.from([buffer.readUInt8() ^ 0xff]), 0, 1, position);
  await handle.close();
}

describe.concurrent('a killed run', () => {
  test('the next run goes on where it was killed with kill -9, and what comes of it is verified', async () => {
    const it = await killedHalfWay();
    const run = await it.run(['--format', 'json']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', `bytes=${HALF}-`]);
    expect(itemsOf(run)).toMatchObject([{ image_id: ONE, result: 'done', fetched: SIZE - HALF, resumed: HALF }]);
  });

  test('the dry run after a kill counts only what is missing, and leaves the part as it is', async () => {
    const it = await killedHalfWay();
    const state = it.cache.state();
    const plan = await it.run(['--dry-run', '--format', 'json']);
    expect(JSON.parse(plan.stdout)).toMatchObject({
      fetched_bytes: SIZE - HALF,
      items: [{ result: 'planned', source: 'http', fetched: SIZE - HALF, resumed: HALF }],
    });
    expect(it.cache.state()).toEqual(state);
  });

  test('a run that is killed again and again gets on each time', async () => {
    const it = await killedHalfWay();
    answerNext(it.cloud, isDownload, (request, response) => {
      const rest = CONTENT.subarray(HALF);
      response.setHeader('content-range', `bytes ${HALF}-${SIZE - 1}/${SIZE}`);
      return stallAfter(1_000_000, rest, 206)(request, response);
    });
    const running = it.start(LONG_PATIENCE);
    await it.partReaches(ONE, HALF + 1_000_000);
    running.process.kill('SIGKILL');
    await running.ended;
    await expectRecovery(it, ONE);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', `bytes=${HALF}-`, `bytes=${HALF + 1_000_000}-`]);
  });

  test('a part that is complete is verified and published without a download', async () => {
    const it = await killedHalfWay();
    writeFileSync(part(it), CONTENT);
    await expectRecovery(it, ONE);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-']);
  });
});

/** What may have become of a part between two runs, so that it is not to be gone on with. */
const GIVEN_UP: Readonly<Record<string, (it: PrefetchFixture) => void>> = {
  'its journal is missing': (it) => rmSync(journal(it)),
  'its journal is torn': (it) => writeFileSync(journal(it), '{"version":1,"image_id'),
  'its journal is of another release': (it) => writeFileSync(journal(it), '{"version":2}'),
  'it is longer than the image': (it) => writeFileSync(part(it), Buffer.concat([CONTENT, CONTENT])),
  'Glance has other bytes under the ID now': (it) => replaceImage(it),
  'Glance has an image of another size under the ID now': (it) => replaceImage(it, { sizeBytes: SIZE + MIB }),
};

describe.concurrent('a part that is not gone on with', () => {
  for (const [why, spoil] of Object.entries(GIVEN_UP)) {
    test(`the next run starts over, silently, when ${why}`, async () => {
      const it = await killedHalfWay();
      spoil(it);
      await expectRecovery(it, ONE);
      expect(it.rangesOf(ONE)).toEqual(['bytes=0-', 'bytes=0-']);
    });
  }

  test('the next run starts over when Glance knows no checksum that could tell whether the part is good', async () => {
    const it = await killedHalfWay({ ...IMAGE, digest: 'none' });
    await expectRecovery(it, ONE);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', 'bytes=0-']);
  });

  test('the next run finds out, starts over by itself and says so when bytes of the part were flipped', async () => {
    const it = await killedHalfWay();
    await flipByte(part(it), 700_000);
    const { code, stdout, stderr } = await it.run();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(withoutTime(stderr)).toMatch(
      /^WARNING \S+ \[-\] fetch 1{8}-\S+: Cannot use the bytes of image \S+: their sha512 is [0-9a-f]{128}, not [0-9a-f]{128}; starting over\n$/,
    );
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', `bytes=${HALF}-`, 'bytes=0-']);
  });
});

describe.concurrent('an image that changes while it is fetched', () => {
  test('the prefetcher starts over with what Glance has now when the download was cut in between', async () => {
    const it = await prefetch({ images: [IMAGE] });
    it.queue(ONE);
    answerNext(it.cloud, isDownload, (request, response) => {
      replaceImage(it);
      return cutAfter(HALF, CONTENT)(request, response);
    });
    const { code, stderr } = await it.run();
    expect({ code, lines: stderr.split('\n').length - 1 }).toEqual({ code: 0, lines: 1 });
    expect(stderr).toMatch(/; starting over\n$/);
    expect(it.stateOf(ONE)).toEqual(FETCHED);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', `bytes=${HALF}-`, 'bytes=0-']);
  });

  test('the prefetcher takes the new size when the image was replaced by one of another size', async () => {
    const it = await prefetch({ images: [IMAGE] });
    it.queue(ONE);
    let isReplaced = false;
    before(it.cloud, isDownload, () => {
      if (!isReplaced) replaceImage(it, { sizeBytes: SIZE - MIB });
      isReplaced = true;
    });
    expect((await it.run()).code).toBe(0);
    expect(it.stateOf(ONE)).toEqual(FETCHED);
  });

  test('the prefetcher drops the marker and leaves nothing when the image was deleted in between', async () => {
    const it = await prefetch({ images: [IMAGE] });
    it.queue(ONE);
    answerNext(it.cloud, isDownload, (request, response) => {
      it.cloud.images.delete(ONE);
      return cutAfter(HALF, CONTENT)(request, response);
    });
    expect(await it.run()).toEqual(success());
    expect(it.stateOf(ONE)).toEqual(DROPPED);
  });

  test('the prefetcher takes the image out of the cache again when it was deleted while it was published', async () => {
    const it = await prefetch({ images: [IMAGE] });
    it.queue(ONE);
    answerNext(it.cloud, isDownload, (_request, response) => {
      it.cloud.images.delete(ONE);
      response.writeHead(200, { 'content-length': SIZE }).end(CONTENT);
    });
    const { code, stdout, stderr } = await it.run(['--format', 'value']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^1{8}-\S+ fetch skipped deleted /);
    expect(it.stateOf(ONE)).toEqual(DROPPED);
    expect(it.cache.rowIds()).toEqual([]);
  });
});
