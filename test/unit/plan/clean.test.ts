import { describe, expect, test } from 'vitest';
import type { FileFacts } from '../../../src/cache/file-facts.ts';
import type { FileHolder, OpenFiles } from '../../../src/cache/open-files.ts';
import { type CleanLimits, type CleanPlan, planClean } from '../../../src/plan/clean.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NOW_SEC } from '../../support/snapshots.ts';

const WRITER: FileHolder = { pid: 7, command: 'glance-api', writes: true };
const READER: FileHolder = { ...WRITER, writes: false };
const LIMITS: CleanLimits = { stallTimeSec: 86_400, invalidGraceSec: 0, imageIds: undefined };
const LONG_AGO = { modifiedSec: NOW_SEC - 1e5, changedSec: NOW_SEC - 1e5 };

function plan(
  area: 'invalid' | 'incomplete',
  {
    file,
    holders = [],
    ...limits
  }: { file: Partial<FileFacts>; holders?: readonly FileHolder[] | null } & Partial<CleanLimits>,
): CleanPlan {
  const openFiles: OpenFiles = { blindness: undefined, holders: () => holders ?? undefined };
  const files = [{ imageId: imageIdOf(1), name: imageIdOf(1), facts: factsOf(file) }];
  const leftovers = { takenSec: NOW_SEC, invalid: [], incomplete: [], openFiles, [area]: files };
  return planClean(leftovers, { ...LIMITS, ...limits });
}

function fateOf({ removals, kept }: CleanPlan): string | undefined {
  return removals[0]?.reason ?? kept[0]?.reason;
}

describe('planClean()', () => {
  test.each([
    ['removes', 'nothing was written for longer than the stall time', { file: LONG_AGO }, 'stalled'],
    ['keeps', 'the stall time is not over', { file: { modifiedSec: NOW_SEC - 86_400 } }, 'not-stalled'],
    ['keeps', 'its time lies ahead', { file: { modifiedSec: NOW_SEC + 1e6 } }, 'not-stalled'],
    ['keeps', 'a process holds it open, however old it is', { file: LONG_AGO, holders: [WRITER] }, 'held-open'],
    ['keeps', 'a process only reads it', { file: LONG_AGO, holders: [READER] }, 'held-open'],
    ['keeps', 'it came after the look at the open files', { file: LONG_AGO, holders: null }, 'just-arrived'],
    [
      'removes',
      'the stall time is 0 and it is a moment old',
      { file: { modifiedSec: NOW_SEC - 1 }, stallTimeSec: 0 },
      'stalled',
    ],
  ])('%s an incomplete image when %s', (_does, _when, given, expected) => {
    expect(fateOf(plan('incomplete', given))).toBe(expected);
  });

  test.each([
    ['removes', 'it came this very instant and there is no grace', { file: { changedSec: NOW_SEC } }, 'invalid'],
    ['removes', 'the clock was set back', { file: { changedSec: NOW_SEC + 100 } }, 'invalid'],
    ['removes', 'a client still downloads it', { file: LONG_AGO, holders: [READER] }, 'invalid'],
    ['keeps', 'a process writes it', { file: LONG_AGO, holders: [READER, WRITER] }, 'held-open'],
    ['keeps', 'it came after the look at the open files', { file: LONG_AGO, holders: null }, 'just-arrived'],
    [
      'keeps',
      'it came within the grace, whatever its age',
      { file: { ...LONG_AGO, changedSec: NOW_SEC - 60 }, invalidGraceSec: 60 },
      'in-grace',
    ],
    ['removes', 'the grace is over', { file: { changedSec: NOW_SEC - 61 }, invalidGraceSec: 60 }, 'invalid'],
  ])('%s an invalid image when %s', (_does, _when, given, expected) => {
    expect(fateOf(plan('invalid', given))).toBe(expected);
  });

  test('neither removes nor mentions an image when others are asked for', () => {
    expect(plan('invalid', { file: LONG_AGO, imageIds: new Set([imageIdOf(2)]) })).toEqual({ removals: [], kept: [] });
    expect(fateOf(plan('invalid', { file: LONG_AGO, imageIds: new Set([imageIdOf(1)]) }))).toBe('invalid');
  });
});
