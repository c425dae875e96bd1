import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CacheLayout, cacheLayout } from '../../../src/cache/layout.ts';
import { deleteCached } from '../../../src/use-cases/delete.ts';
import { type PruneReport, prune } from '../../../src/use-cases/prune.ts';
import type { RunResult } from '../../../src/use-cases/report.ts';
import { useChildren } from '../../support/child.ts';
import { clockAhead, FakeClock } from '../../support/clocks.ts';
import type { Hook } from '../../support/hooked-ports.ts';
import { errorWith } from '../../support/index-work.ts';
import {
  accessTo,
  createCache,
  fileIdsOf,
  imageIdOf,
  inIndex,
  putFile,
  putImage,
  putRow,
  rowIdsOf,
} from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { rejectionOf } from '../../support/thrown.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
const TO_NOTHING = { maxSizeBytes: 0, lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

interface More {
  readonly hook?: Hook;
  readonly dryRun?: boolean;
  readonly adopt?: boolean;
  readonly maxSizeBytes?: number;
}

function pruneWith({ hook, ...request }: More = {}): Promise<PruneReport> {
  return prune(accessTo(layout, hook === undefined ? {} : { hook }), {
    ...TO_NOTHING,
    dryRun: false,
    adopt: false,
    ...request,
  });
}

function resultsOf({ items }: RunResult): readonly string[] {
  return items.map(({ imageId, action, result }) => `${action} ${Number.parseInt(imageId, 16)} ${result}`);
}

/** A hook that fails at the commit of some batches, counted from 1. */
function failingCommits(...batches: readonly number[]): Hook {
  let commits = 0;
  return (step) => {
    if (step === 'commit' && batches.includes(++commits)) throw errorWith('INDEX_IO');
  };
}

describe('workOnIndex() when the index fails with INDEX_IO', () => {
  test('looks a second time, and finishes the work', async () => {
    putImage(layout, one);
    let looks = 0;
    const fails = failingCommits(1);
    const report = await pruneWith({
      hook: (step, id) => {
        if (step === 'list cached') looks++;
        fails(step, id);
      },
    });
    expect([resultsOf(report), report.failure, looks]).toEqual([['remove 1 done'], undefined, 2]);
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[], []]);
  });

  test('gives up when it fails again, and has changed nothing', async () => {
    putImage(layout, one);
    let looks = 0;
    const fails = failingCommits(1, 2, 3);
    const report = await pruneWith({
      hook: (step, id) => {
        if (step === 'list cached') looks++;
        fails(step, id);
      },
    });
    expect([resultsOf(report), looks]).toEqual([[], 2]);
    expect(report.failure).toMatchObject({ code: 'INDEX_IO' });
    expect(report).toMatchObject({ before: { images: 1 }, after: { images: 1 }, freedBytes: 0 });
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[one], [one]]);
  });

  test('counts what was removed before the failure once', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    let looks = 0;
    const clock = { ...clockAhead(3600), monotonicSec: () => ++looks };
    const access = accessTo(layout, { clock, timeoutSec: 100, hook: failingCommits(2) });
    const report = await prune(access, { ...TO_NOTHING, dryRun: false, adopt: false });
    expect(resultsOf(report)).toEqual(['remove 1 done', 'remove 2 done', 'remove 3 done']);
    expect(report).toMatchObject({
      before: { images: 3, bytes: 300 },
      after: { images: 0, bytes: 0 },
      freedBytes: 300,
    });
  });

  test('does not look again when something else fails', async () => {
    putImage(layout, one);
    let looks = 0;
    const report = await pruneWith({
      hook: (step) => {
        if (step === 'list cached') looks++;
        if (step === 'commit') throw errorWith('CACHE_PERMISSION');
      },
    });
    expect([report.failure, looks]).toEqual([expect.objectContaining({ code: 'CACHE_PERMISSION' }), 1]);
  });
});

describe('workOnIndex()', () => {
  test('changes nothing, takes no lock and makes nothing when it is dry', async () => {
    putImage(layout, one);
    putFile(layout, 'cached', two);
    const report = await pruneWith({ dryRun: true });
    expect(new Set(resultsOf(report))).toEqual(new Set(['remove 1 planned', 'remove 2 planned']));
    expect([fileIdsOf(layout), rowIdsOf(layout), existsSync(layout.tools)]).toEqual([[one, two], [one], false]);
  });

  test('takes a missing directory for an empty cache, and does not create it', async () => {
    layout = cacheLayout(join(folder(), 'missing'), 'cache.db');
    expect(await pruneWith()).toMatchObject({ items: [], failure: undefined, before: { images: 0, bytes: 0 } });
    expect(existsSync(layout.root)).toBe(false);
  });

  test('creates missing folders and a missing index where there are no images', async () => {
    rmSync(layout.index);
    rmSync(layout.areas.queue, { recursive: true });
    await pruneWith();
    expect([existsSync(layout.areas.queue), rowIdsOf(layout)]).toEqual([true, []]);
  });

  test.each<[string, () => void]>([
    ['has no rows', () => undefined],
    ['is missing', () => rmSync(layout.index)],
  ])('refuses every destructive work when the index %s beside settled images', async (state, make) => {
    putFile(layout, 'cached', one);
    make();
    const access = accessTo(layout);
    const request = { adopt: false, imageIds: undefined };
    for (const work of [
      () => pruneWith(),
      () => pruneWith({ dryRun: true }),
      () => deleteCached(access, { ...request, dryRun: false }),
      () => deleteCached(access, { ...request, dryRun: false, imageIds: [one] }),
    ]) {
      const error = await rejectionOf(work());
      expect(error).toMatchObject({ code: 'INDEX_FLIPPED', exitCode: 4, details: { images: 1 } });
      expect(String(error)).toContain(state);
    }
    expect(fileIdsOf(layout)).toEqual([one]);
    expect(resultsOf(await pruneWith({ adopt: true, maxSizeBytes: 1000 }))).toEqual(['adopt 1 done']);
    expect(rowIdsOf(layout)).toEqual([one]);
  });

  test('is busy when another process holds the index, and has changed nothing', async () => {
    putImage(layout, one);
    await startHolder('write-lock', layout.index).expectLine('held');
    const report = await prune(accessTo(layout, { clock: new FakeClock(Date.now() / 1000 + 3600) }), {
      ...TO_NOTHING,
      dryRun: false,
      adopt: false,
    });
    expect(report.failure).toMatchObject({ code: 'BUSY_INDEX' });
    expect(fileIdsOf(layout)).toEqual([one]);
  });

  test('ends with the reason of the signal as its failure when it is stopped while it waits for the index', async () => {
    putImage(layout, one);
    await startHolder('write-lock', layout.index).expectLine('held');
    const controller = new AbortController();
    const reason = new Error('stopped');
    const clock = new FakeClock(Date.now() / 1000 + 3600);
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (seconds, signal) => {
      controller.abort(reason);
      return sleep(seconds, signal);
    };
    const report = await prune(accessTo(layout, { clock, signal: controller.signal }), {
      ...TO_NOTHING,
      dryRun: false,
      adopt: false,
    });
    expect(report.failure).toBe(reason);
    expect(fileIdsOf(layout)).toEqual([one]);
  });
});

describe('prune()', () => {
  test('reports what it could not remove as missing to the limit', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const report = await pruneWith({
      maxSizeBytes: 100,
      hook: (step) => {
        if (step === 'retire') throw errorWith('CACHE_PERMISSION');
      },
    });
    expect(report).toMatchObject({ after: { images: 2, bytes: 200 }, freedBytes: 0, shortfallBytes: 100 });
    expect(report.errors).toHaveLength(1);
  });

  test('prunes to the watermark and to the free space asked for', async () => {
    for (let i = 0; i < 10; i++) putImage(layout, imageIdOf(i), { usedSec: 1000 + i });
    const request = { dryRun: true, adopt: false, maxAgeSec: undefined };
    const access = accessTo(layout);
    const { limits } = await prune(access, {
      ...request,
      maxSizeBytes: 999,
      lowWatermarkPercent: 80,
      minFree: { kind: 'percent', percent: 10 },
    });
    expect(limits).toMatchObject({ maxSizeBytes: 999, targetBytes: 799 });
    expect(limits.minFreeBytes).toBe(Math.ceil(access.directory.space().totalBytes / 10));
    const planned = await prune(access, { ...request, maxSizeBytes: 999, lowWatermarkPercent: 80, minFree: undefined });
    expect(planned.after).toEqual({ images: 7, bytes: 700 });
    const bytes = await prune(access, {
      ...request,
      maxSizeBytes: 999,
      lowWatermarkPercent: 100,
      minFree: { kind: 'bytes', bytes: 5 },
    });
    expect(bytes.limits.minFreeBytes).toBe(5);
  });

  test('names foreign rows and files, and touches neither', async () => {
    putImage(layout, one);
    putRow(layout, '../../etc/passwd');
    const report = await pruneWith();
    expect(report.foreignRows).toEqual(['../../etc/passwd']);
    expect(rowIdsOf(layout)).toEqual(['../../etc/passwd']);
  });
});

describe('deleteCached()', () => {
  test('deletes what is asked for, row, file or both, and names what is absent', async () => {
    putImage(layout, one);
    putRow(layout, two);
    const result = await deleteCached(accessTo(layout), { dryRun: false, adopt: false, imageIds: [two, one, three] });
    expect(resultsOf(result)).toEqual(['drop-row 2 done', 'remove 1 done', 'keep 3 skipped']);
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[], []]);
  });

  test('deletes everything, foreign rows included, when no image is named', async () => {
    putImage(layout, one);
    putRow(layout, '../x');
    inIndex(layout, (db) => db.exec('INSERT INTO cached_images (image_id) VALUES (NULL)'));
    await deleteCached(accessTo(layout), { dryRun: false, adopt: false, imageIds: undefined });
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[], []]);
  });
});
