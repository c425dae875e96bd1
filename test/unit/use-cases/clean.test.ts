import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CacheLayout, cacheLayout } from '../../../src/cache/layout.ts';
import { type Blindness, type FileHolder, lookForOpenFiles, type OpenFiles } from '../../../src/cache/open-files.ts';
import { type CleanReport, type CleanRequest, clean } from '../../../src/use-cases/clean.ts';
import { useChildren } from '../../support/child.ts';
import type { Hook } from '../../support/hooked-ports.ts';
import { errorWith, failingAt } from '../../support/index-work.ts';
import { accessTo, createCache, fileIdsOf, imageIdOf, putFile } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { rejectionOf } from '../../support/thrown.ts';

const folder = useTempDir();
const startHolder = useChildren('support/programs/holder.ts');
const [one, two] = [imageIdOf(1), imageIdOf(2)];
const DAY = 86_400;
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
});

function seeing(blindness?: Blindness, holders: readonly FileHolder[] = []): OpenFiles {
  return { blindness, holders: () => holders };
}

function cleanWith({
  openFiles = seeing(),
  hook,
  ...request
}: Partial<CleanRequest> & { openFiles?: OpenFiles; hook?: Hook } = {}): Promise<CleanReport> {
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

describe('clean()', () => {
  test('removes what is invalid, and what has stalled, and nothing else', async () => {
    putFile(layout, 'invalid', one, { size: 7 });
    putFile(layout, 'incomplete', one, { size: 9, agedSec: DAY });
    putFile(layout, 'incomplete', two);
    writeFileSync(join(layout.areas.invalid, 'notes.txt'), '');
    const report = await cleanWith();
    expect(fatesOf(report)).toEqual([
      'invalid remove done invalid',
      'incomplete remove done stalled',
      'incomplete keep skipped not-stalled',
    ]);
    expect([report.freedBytes, report.foreign.map(({ name }) => name)]).toEqual([16, ['notes.txt']]);
    expect([fileIdsOf(layout, 'invalid'), fileIdsOf(layout, 'incomplete')]).toEqual([[], [two]]);
    expect(existsSync(join(layout.areas.invalid, 'notes.txt'))).toBe(true);
  });

  test('keeps the file of a real writer that has paused for longer than the stall time', async () => {
    putFile(layout, 'incomplete', one, { agedSec: 10 * DAY });
    const writer = startHolder('open-to-write', join(layout.areas.incomplete, one));
    await writer.expectLine('held');
    const { directory } = accessTo(layout);
    const facts = directory.list('incomplete').files.map(({ facts }) => facts);
    expect(fatesOf(await cleanWith({ openFiles: lookForOpenFiles(facts, false) }))).toEqual([
      'incomplete keep skipped held-open',
    ]);
    await writer.finish();
    expect(fatesOf(await cleanWith({ openFiles: lookForOpenFiles(facts, false) }))).toEqual([
      'incomplete remove done stalled',
    ]);
  });

  test('touches nothing that came after the look at the open files', async () => {
    putFile(layout, 'invalid', one);
    expect(fatesOf(await cleanWith({ openFiles: lookForOpenFiles([], true) }))).toEqual([
      'invalid keep skipped just-arrived',
    ]);
  });

  test('leaves a file alone that is written to again between plan and removal', async () => {
    putFile(layout, 'incomplete', one, { agedSec: 2 * DAY });
    const report = await cleanWith({
      hook: (step) => {
        if (step !== 'look incomplete') return;
        const handle = openSync(join(layout.areas.incomplete, one), 'a');
        writeSync(handle, 'more');
        closeSync(handle);
      },
    });
    expect(fatesOf(report)).toEqual(['incomplete remove skipped changed']);
    expect([fileIdsOf(layout, 'incomplete'), report.freedBytes]).toEqual([[one], 0]);
  });

  test.each(['not-root', 'pid-namespace', 'denied'] as const)(
    'refuses a shorter stall time than the configured one when it is blind (%s)',
    async (blindness) => {
      putFile(layout, 'incomplete', one, { agedSec: 100 });
      const error = await rejectionOf(cleanWith({ openFiles: seeing(blindness), stallTimeSec: DAY - 1 }));
      expect(error).toMatchObject({ code: 'USAGE_STALL_TIME', exitCode: 2, details: { blindness } });
      expect((await cleanWith({ openFiles: seeing(blindness), stallTimeSec: DAY })).blindness).toBe(blindness);
      expect((await cleanWith({ openFiles: seeing(blindness), stallTimeSec: DAY + 1 })).failure).toBeUndefined();
      expect(fileIdsOf(layout, 'incomplete')).toEqual([one]);
    },
  );

  test('takes a shorter stall time when it sees every process', async () => {
    putFile(layout, 'incomplete', one, { agedSec: 100 });
    expect(fatesOf(await cleanWith({ stallTimeSec: 60 }))).toEqual(['incomplete remove done stalled']);
  });

  test('plans and changes nothing when it is dry', async () => {
    putFile(layout, 'invalid', one, { size: 7 });
    const report = await cleanWith({ dryRun: true });
    expect([fatesOf(report), report.freedBytes]).toEqual([['invalid remove planned invalid'], 7]);
    expect([fileIdsOf(layout, 'invalid'), existsSync(layout.tools)]).toEqual([[one], false]);
  });

  test('cleans only the images asked for', async () => {
    for (const id of [one, two]) putFile(layout, 'invalid', id);
    await cleanWith({ imageIds: new Set([two]) });
    expect(fileIdsOf(layout, 'invalid')).toEqual([one]);
  });

  test('goes on when one file cannot be removed', async () => {
    for (const id of [one, two]) putFile(layout, 'invalid', id);
    const error = errorWith('CACHE_PERMISSION');
    const report = await cleanWith({ hook: failingAt('unlink invalid', one, error) });
    expect([report.errors, fileIdsOf(layout, 'invalid')]).toEqual([[error], [one]]);
  });

  test('takes a missing directory for an empty cache, and does not create it', async () => {
    layout = cacheLayout(join(folder(), 'missing'), 'cache.db');
    expect((await cleanWith()).items).toEqual([]);
    expect(existsSync(layout.root)).toBe(false);
  });
});
