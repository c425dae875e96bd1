import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ImageId } from '../../../../src/cache/image-id.ts';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { RemoteError } from '../../../../src/errors/cache-error.ts';
import { removeStale } from '../../../../src/use-cases/stale/remove-stale.ts';
import type { StaleResult } from '../../../../src/use-cases/stale/stale-run.ts';
import { clockAhead } from '../../../support/clocks.ts';
import { describedImage } from '../../../support/described-images.ts';
import {
  accessTo,
  createCache,
  fileIdsOf,
  imageIdOf,
  putFile,
  putImage,
  rowIdsOf,
} from '../../../support/seeded-cache.ts';
import {
  gone,
  type StaleRunOptions,
  sound,
  type Told,
  type WatchedRun,
  watchedRun,
} from '../../../support/stale-runs.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf } from '../../../support/thrown.ts';

const folder = useTempDir();
const IDS = Array.from({ length: 4 }, (_, place) => imageIdOf(place + 1));
const [one, two, three, four] = IDS as [ImageId, ImageId, ImageId, ImageId];
const OUTAGE = new RemoteError('REMOTE_UNREACHABLE', 'Cannot get it: nobody is there');
const FAILURE = new RemoteError('REMOTE_STATUS', 'Cannot get it: the server failed');
/** Later than any file here, and so a record that may tell of other bytes. */
const LATE_SEC = 1e10;
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  for (const imageId of IDS) putImage(layout, imageId);
});

function runOf(options: StaleRunOptions, more: Parameters<typeof accessTo>[1] = {}): WatchedRun {
  return watchedRun(accessTo(layout, more), options);
}

/** All images are sound but for these. */
function but(...others: readonly (readonly [ImageId, Told])[]): StaleRunOptions['told'] {
  return new Map([...IDS.map((imageId): [ImageId, Told] => [imageId, sound(imageId)]), ...others]);
}

function summaryOf({ items }: StaleResult): readonly unknown[] {
  return items.map(({ imageId, action, result, reason }) => [imageId, action, result, reason]);
}

describe('removeStale()', () => {
  test('removes what was deleted, deactivated or replaced, rows and files, and keeps the rest', async () => {
    const { run, asked } = runOf({
      told: but(
        [one, gone(one)],
        [two, sound(two, { status: 'deactivated' })],
        [three, sound(three, { sizeBytes: 101 })],
      ),
      limitPercent: 100,
    });
    const result = await removeStale(run);
    expect(summaryOf(result)).toEqual([
      [one, 'remove', 'done', 'deleted'],
      [two, 'remove', 'done', 'deactivated'],
      [three, 'remove', 'done', 'replaced'],
    ]);
    expect(result.summary).toMatchObject({ checkedImages: 4, staleImages: 3, pinnedImages: 0, readImages: 0 });
    expect(asked).toEqual([one, two, three]);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([[four], [], [four]]);
  });

  test('plans the same in a dry run, and changes nothing', async () => {
    const { run } = runOf({ told: but([one, gone(one)]), dryRun: true });
    expect(summaryOf(await removeStale(run))).toEqual([[one, 'remove', 'planned', 'deleted']]);
    expect([fileIdsOf(layout), rowIdsOf(layout), existsSync(layout.tools)]).toEqual([IDS, IDS, false]);
  });

  test('asks nobody when nothing is cached, and makes no cache', async () => {
    rmSync(layout.root, { recursive: true });
    const { run } = runOf({ told: [], isAdmin: () => expect.fail('nobody is to log in') });
    expect(await removeStale(run)).toMatchObject({ items: [], summary: { checkedImages: 0 } });
    expect(existsSync(layout.root)).toBe(false);
  });

  test.each(['queued', 'saving', 'importing', 'uploading', 'brand-new'])(
    'keeps an image that is %s',
    async (status) => {
      const { run } = runOf({ told: but([one, sound(one, { status, sizeBytes: undefined, digest: undefined })]) });
      expect(summaryOf(await removeStale(run))).toEqual([]);
    },
  );

  test('keeps an image that is in no list and is there all the same', async () => {
    const { run, asked } = runOf({ told: but([one, { ...sound(one), list: undefined }]) });
    expect([summaryOf(await removeStale(run)), asked]).toEqual([[], [one]]);
  });

  test('keeps an image whose file has just come and has no row yet', async () => {
    const young = imageIdOf(9);
    putFile(layout, 'cached', young);
    const { run, asked } = runOf({ told: but() }, { clock: clockAhead(30) });
    expect([summaryOf(await removeStale(run)), asked]).toEqual([[], []]);
  });

  test('refuses an account without an admin role, and asks for nothing', async () => {
    const { run, asked } = runOf({ told: [], isAdmin: () => false });
    expect(await rejectionOf(removeStale(run))).toMatchObject({ code: 'AUTH_FORBIDDEN', exitCode: 7 });
    expect([asked, fileIdsOf(layout)]).toEqual([[], IDS]);
  });

  test('removes nothing on a 404 once the account has lost its admin role', async () => {
    let looks = 0;
    const { run } = runOf({ told: but([one, gone(one)]), isAdmin: () => looks++ === 0 });
    const result = await removeStale(run);
    expect(result.items).toMatchObject([{ imageId: one, result: 'failed', error: { code: 'AUTH_FORBIDDEN' } }]);
    expect([result.errors.length, fileIdsOf(layout)]).toEqual([1, IDS]);
  });

  test('removes nothing when a list fails, whatever else is known', async () => {
    const { run, asked } = runOf({ told: but([one, gone(one)], [two, { ...sound(two), list: FAILURE }]) });
    expect(await rejectionOf(removeStale(run))).toBe(FAILURE);
    expect([asked, fileIdsOf(layout)]).toEqual([[], IDS]);
  });

  test('removes what is certain, and tells of the image that Glance fails for', async () => {
    const { run } = runOf({ told: but([one, { list: undefined, image: FAILURE }], [two, gone(two)]) });
    const result = await removeStale(run);
    expect(summaryOf(result)).toEqual([
      [one, 'remove', 'failed', undefined],
      [two, 'remove', 'done', 'deleted'],
    ]);
    expect([result.errors, fileIdsOf(layout)]).toEqual([[FAILURE], [one, three, four]]);
  });

  test('asks no more once nobody is there', async () => {
    const lost: Told = { list: undefined, image: OUTAGE };
    const told = IDS.map((imageId): [ImageId, Told] => [imageId, lost]);
    const { run, asked } = runOf({ told, limitPercent: 100 });
    // The four that are asked at the same time.
    putImage(layout, imageIdOf(5));
    const result = await removeStale(run);
    expect([asked.length, result.errors.length, fileIdsOf(layout).length]).toEqual([4, 5, 5]);
  });

  test('refuses when Glance knows none of several images, or when most of many seem to be gone', async () => {
    const none = runOf({ told: [] });
    expect(await rejectionOf(removeStale(none.run))).toMatchObject({
      code: 'CACHE_STALE_LIMIT',
      exitCode: 4,
      message: `Cannot remove stale images from "${layout.root}": Glance knows none of the 4 cached images`,
      details: { checked_images: 4, stale_images: 4, known_images: 0, limit_percent: 50 },
    });
    const many = Array.from({ length: 12 }, (_, place) => imageIdOf(place + 1));
    for (const imageId of many.slice(4)) putImage(layout, imageId);
    const told = many.map((imageId, place): [ImageId, Told] => [imageId, place < 7 ? gone(imageId) : sound(imageId)]);
    const most = runOf({ told });
    expect(await rejectionOf(removeStale(most.run))).toMatchObject({ code: 'CACHE_STALE_LIMIT' });
    expect([none.asked, most.asked, fileIdsOf(layout)]).toEqual([[], [], many]);
    await removeStale(runOf({ told, limitPercent: 60 }).run);
    expect(fileIdsOf(layout)).toEqual(many.slice(7));
  });

  test('removes the images alone that are named, and judges by all', async () => {
    const named = { told: but([one, gone(one)], [two, gone(two)]), imageIds: new Set([two]) };
    expect(summaryOf(await removeStale(runOf(named).run))).toEqual([[two, 'remove', 'done', 'deleted']]);
  });

  test('removes a pinned image, tells so, and keeps its pin', async () => {
    const { run } = runOf({ told: but([one, gone(one)]) });
    run.access.pins.add(one);
    run.access.pins.add(two);
    expect((await removeStale(run)).summary).toMatchObject({ staleImages: 1, pinnedImages: 1 });
    expect(run.access.pins.list().imageIds).toEqual(new Set([one, two]));
  });

  test('leaves a file alone that has come in place of the one that it has asked about', async () => {
    const { run } = runOf({
      told: but([one, gone(one)], [two, gone(two)]),
      onAsk: (imageId) => {
        if (imageId === one) putFile(layout, 'cached', one, { size: 99 });
        else rmSync(join(layout.root, two), { force: true });
      },
    });
    expect(summaryOf(await removeStale(run))).toEqual([
      [one, 'remove', 'skipped', 'changed'],
      [two, 'remove', 'skipped', 'gone'],
    ]);
  });

  test('asks once more when answers are too old by the time they count, and gives up on those of a long wait', async () => {
    const clock = { ...clockAhead(3600), steadySec: 0, monotonicSec: () => clock.steadySec };
    let asks = 0;
    const onAsk = (): void => {
      // The first answer takes so long that it is old when it is there.
      if (++asks === 1) clock.steadySec += 301;
    };
    const { run, asked } = runOf({ told: but([one, gone(one)]), onAsk }, { clock });
    expect(summaryOf(await removeStale(run))).toEqual([[one, 'remove', 'done', 'deleted']]);
    expect(asked).toEqual([one, one]);
    const waiting = runOf({ told: but([two, gone(two)]) }, { clock });
    const withLocks: WatchedRun['run']['access']['withLocks'] = (lock, work) => {
      clock.steadySec += 301;
      return waiting.run.access.withLocks(lock, work);
    };
    const result = await removeStale({ ...waiting.run, access: { ...waiting.run.access, withLocks } });
    expect(summaryOf(result)).toEqual([[two, 'remove', 'skipped', 'outdated']]);
    expect(fileIdsOf(layout)).toEqual([two, three, four]);
  });

  test('stops for a signal with what Glance was asked, and removes nothing', async () => {
    const stop = new AbortController();
    const { run } = runOf({ told: but([one, gone(one)]), onAsk: () => stop.abort(FAILURE) }, { signal: stop.signal });
    expect(await rejectionOf(removeStale(run))).toBe(FAILURE);
    expect(fileIdsOf(layout)).toEqual(IDS);
  });
});

describe('removeStale(), of bytes', () => {
  const other = (imageId: ImageId, updatedSec?: number): Told =>
    sound(imageId, { digest: describedImage(four).digest, updatedSec });

  test('reads no image whose record is older than its file', async () => {
    const { run, read } = runOf({ told: but([one, sound(one, { updatedSec: Date.now() / 1000 - 1000 })]) });
    expect([summaryOf(await removeStale(run)), read]).toEqual([[], []]);
  });

  test('reads an image once whose record was changed since it came, and removes it when its bytes are others', async () => {
    const told = but([one, other(one, LATE_SEC)], [two, sound(two, { updatedSec: LATE_SEC })], [three, other(three)]);
    const first = runOf({ told });
    const result = await removeStale(first.run);
    expect(summaryOf(result)).toEqual([
      [one, 'remove', 'done', 'replaced'],
      [three, 'remove', 'done', 'replaced'],
    ]);
    expect(result.summary).toMatchObject({ readImages: 3, readBytes: 300 });
    expect(first.read).toEqual([one, two, three]);
    const second = runOf({ told });
    await removeStale(second.run);
    expect([second.read, fileIdsOf(layout)]).toEqual([[], [two, four]]);
  });

  test('notices a hash that is another one than before, whatever the times say', async () => {
    await removeStale(runOf({ told: but() }).run);
    const { run, read } = runOf({ told: but([one, other(one, 0)]) });
    expect(summaryOf(await removeStale(run))).toEqual([[one, 'remove', 'done', 'replaced']]);
    expect(read).toEqual([one]);
  });

  test('keeps an image whose hash is told by another algorithm, or not at all', async () => {
    await removeStale(runOf({ told: but() }).run);
    const none = sound(two, { digest: undefined, updatedSec: LATE_SEC });
    const sha256 = { algorithm: 'sha256', hex: '0'.repeat(64) };
    const told = but([one, { ...sound(one, { digest: sha256 }), image: describedImage(one) }], [two, none]);
    const { run, read } = runOf({ told });
    expect([summaryOf(await removeStale(run)), read]).toEqual([[], [one]]);
  });

  test('tells of an image that cannot be read, and keeps it', async () => {
    const { run } = runOf({ told: but([one, other(one, LATE_SEC)]) });
    const hashers = { width: 1, hash: () => Promise.reject(FAILURE) };
    const result = await removeStale({ ...run, hashers });
    expect(summaryOf(result)).toEqual([[one, 'remove', 'failed', undefined]]);
    expect([result.errors, fileIdsOf(layout)]).toEqual([[FAILURE], IDS]);
  });

  test('goes on, and says so, when nothing can be remembered', async () => {
    mkdirSync(join(layout.digests, 'in the way'), { recursive: true });
    const { run, notes } = runOf({ told: but([one, gone(one)]) });
    expect(summaryOf(await removeStale(run))).toHaveLength(1);
    expect(notes).toEqual([expect.stringContaining('is not remembered: ')]);
  });

  test('writes what it remembers only when there is news', async () => {
    await removeStale(runOf({ told: but() }).run);
    const before = readFileSync(layout.digests, 'utf8');
    expect(before.split('\n')).toHaveLength(5);
    utimesSync(layout.digests, 1, 1);
    await removeStale(runOf({ told: but() }).run);
    expect(statSync(layout.digests).mtimeMs).toBe(1000);
    writeFileSync(layout.digests, before.slice(0, 100));
    await removeStale(runOf({ told: but() }).run);
    expect(readFileSync(layout.digests, 'utf8').split('\n').sort()).toEqual(before.split('\n').sort());
  });
});
