import { existsSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import { type CleanReport, type CleanRequest, clean } from '../../../src/use-cases/clean.ts';
import { useChildren } from '../../support/child.ts';
import type { Hook } from '../../support/hooked-ports.ts';
import { errorWith, failingAt } from '../../support/index-work.ts';
import { partNames, putAmongParts, putJournal, putPart, putTornJournal } from '../../support/parts.ts';
import { accessTo, createCache, imageIdOf, putFile } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { thrownBy } from '../../support/thrown.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
const DAY = 86_400;
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

function cleanWith({ hook, ...request }: Partial<CleanRequest> & { hook?: Hook } = {}): Promise<CleanReport> {
  const openFiles = { blindness: undefined, holders: () => [] };
  return clean(accessTo(layout, { openFiles, program: 'glance-cache-cleaner', ...(hook && { hook }) }), {
    dryRun: false,
    configuredStallTimeSec: DAY,
    stallTimeSec: DAY,
    invalidGraceSec: 0,
    imageIds: undefined,
    ...request,
  });
}

function fatesOf({ items }: CleanReport): readonly string[] {
  return items.map(({ area, action, result, reason }) => `${area} ${action} ${result} ${reason}`);
}

/** A part that has stalled, with its journal. */
function putStalled(imageId: ImageId, size: number): void {
  putPart(layout, imageId, { size, agedSec: 2 * DAY });
  putJournal(layout, imageId, { agedSec: 2 * DAY });
}

describe('clean() of what prefetches have left', () => {
  test('removes a part without a journal at once, a stalled one with its journal, and keeps a young one', async () => {
    putPart(layout, one, { size: 7 });
    putStalled(two, 9);
    putPart(layout, three, { size: 11 });
    putJournal(layout, three, { agedSec: 9 * DAY });
    const report = await cleanWith();
    expect(fatesOf(report)).toEqual([
      'prefetch remove done no-journal',
      'prefetch remove done stalled',
      'prefetch keep skipped not-stalled',
    ]);
    expect(report.items.map(({ imageId, sizeBytes }) => [imageId, sizeBytes])).toEqual([
      [one, 7],
      [two, 9],
      [three, 11],
    ]);
    expect([report.freedBytes, report.errors, report.failure]).toEqual([16, [], undefined]);
    expect(partNames(layout)).toEqual([`${three}.json`, `${three}.part`]);
  });

  test('leaves a journal alone for two days, for what it remembers, and removes it then', async () => {
    putJournal(layout, one, { mismatches: 3, agedSec: 2 * DAY - 7200 });
    putJournal(layout, two, { mismatches: 3, agedSec: 2 * DAY });
    const report = await cleanWith();
    expect(fatesOf(report)).toEqual(['prefetch remove done stalled']);
    expect([partNames(layout), report.freedBytes]).toEqual([[`${one}.json`], 0]);
  });

  test('removes a torn journal, and not what else there is of the image', async () => {
    putPart(layout, one);
    putJournal(layout, one);
    putTornJournal(layout, one);
    expect(fatesOf(await cleanWith())).toEqual([
      'prefetch remove done no-journal',
      'prefetch keep skipped not-stalled',
    ]);
    expect(partNames(layout)).toEqual([`${one}.json`, `${one}.part`]);
  });

  test('reports foreign names and leaves them there', async () => {
    const names = ['notes.txt', `${one}.part.old`, `${one.toUpperCase()}.part`];
    for (const name of names) putAmongParts(layout, name);
    const report = await cleanWith();
    expect(report.foreign).toEqual(names.toSorted().map((name) => ({ area: 'prefetch', name, kind: 'other' })));
    expect([report.items, partNames(layout)]).toEqual([[], names.toSorted()]);
  });

  test('removes none of it while another process prefetches, and says so', async () => {
    putFile(layout, 'invalid', one);
    putPart(layout, one);
    putStalled(two, 9);
    putTornJournal(layout, two);
    putPart(layout, three);
    putJournal(layout, three);
    const names = partNames(layout);
    const prefetcher = startHolder('lock', join(layout.locks, 'glance-cache-prefetcher'));
    await prefetcher.expectLine('held');
    const report = await cleanWith();
    expect(fatesOf(report)).toEqual([
      'invalid remove done invalid',
      'prefetch keep skipped held-open',
      'prefetch keep skipped held-open',
      'prefetch keep skipped held-open',
      'prefetch keep skipped not-stalled',
    ]);
    expect([partNames(layout), report.freedBytes, report.errors]).toEqual([names, 100, []]);
    await prefetcher.finish();
    expect((await cleanWith()).freedBytes).toBe(109);
    expect(partNames(layout)).toEqual([`${three}.json`, `${three}.part`]);
  });

  test('keeps a prefetcher from starting while it removes', async () => {
    putPart(layout, one);
    const path = join(layout.locks, 'glance-cache-prefetcher');
    const take = (): void => {
      const db = new Database(path, { timeout: 0 });
      try {
        db.exec('BEGIN EXCLUSIVE; ROLLBACK');
      } finally {
        db.close();
      }
    };
    const errors: unknown[] = [];
    await cleanWith({
      hook: (step) => {
        if (step === 'remove part') errors.push(thrownBy(take));
      },
    });
    expect(errors).toMatchObject([{ code: 'SQLITE_BUSY' }]);
    take();
  });

  test('looks again under the lock: what a prefetcher has gone on with meanwhile stays', async () => {
    putStalled(one, 9);
    let looks = 0;
    const report = await cleanWith({
      hook: (step) => {
        // Before the second look its run has come and gone.
        if (step === 'list parts' && ++looks === 2) putPart(layout, one, { size: 20 });
      },
    });
    expect([looks, fatesOf(report)]).toEqual([2, ['prefetch keep skipped not-stalled']]);
    expect(partNames(layout)).toEqual([`${one}.json`, `${one}.part`]);
  });

  test('takes no lock of the prefetcher when there is nothing to remove', async () => {
    putPart(layout, one);
    putJournal(layout, one);
    await cleanWith();
    expect(existsSync(join(layout.locks, 'glance-cache-prefetcher'))).toBe(false);
  });

  test('cleans only the images asked for', async () => {
    for (const id of [one, two]) putPart(layout, id);
    for (const id of [one, two]) putTornJournal(layout, id);
    const report = await cleanWith({ imageIds: new Set([two]) });
    expect(report.items.map(({ imageId }) => imageId)).toEqual([two, two]);
    expect(partNames(layout)).toEqual([`${one}.json.new`, `${one}.part`]);
  });

  test('plans and changes nothing when it is dry', async () => {
    putPart(layout, one, { size: 7 });
    putTornJournal(layout, two);
    putPart(layout, three);
    putJournal(layout, three);
    putAmongParts(layout, 'notes.txt');
    const names = partNames(layout);
    const report = await cleanWith({ dryRun: true });
    expect(fatesOf(report)).toEqual([
      'prefetch remove planned no-journal',
      'prefetch remove planned no-journal',
      'prefetch keep skipped not-stalled',
    ]);
    expect([report.freedBytes, report.foreign.length]).toEqual([7, 1]);
    expect([partNames(layout), existsSync(layout.locks)]).toEqual([names, false]);
  });

  test('goes on when one part cannot be removed', async () => {
    for (const id of [one, two]) putPart(layout, id);
    const error = errorWith('CACHE_PERMISSION');
    const report = await cleanWith({ hook: failingAt('remove part', one, error) });
    expect(fatesOf(report)).toEqual(['prefetch remove failed no-journal', 'prefetch remove done no-journal']);
    expect([report.errors, partNames(layout)]).toEqual([[error], [`${one}.part`]]);
  });

  test('tells what it has cleaned when the parts cannot be looked at', async () => {
    putFile(layout, 'invalid', one, { size: 7 });
    const error = errorWith('CACHE_PERMISSION');
    const report = await cleanWith({ hook: failingAt('list parts', '', error) });
    expect([report.failure, report.freedBytes, fatesOf(report)]).toEqual([error, 7, ['invalid remove done invalid']]);
  });

  test('never follows a link in place of the folder of the parts', async () => {
    putPart(layout, one);
    const elsewhere = join(folder(), 'elsewhere');
    renameSync(layout.parts, elsewhere);
    symlinkSync(elsewhere, layout.parts);
    expect((await cleanWith()).failure).toMatchObject({ code: 'CACHE_DIR', details: { path: layout.parts } });
    expect(existsSync(join(elsewhere, `${one}.part`))).toBe(true);
  });
});
