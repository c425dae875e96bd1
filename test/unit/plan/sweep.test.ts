import { describe, expect, test } from 'vitest';
import type { FileFacts } from '../../../src/cache/file-facts.ts';
import type { PartEntry, PartListing } from '../../../src/cache/prefetch/parts.ts';
import { planSweep, type SweepLimits, type SweepPlan } from '../../../src/plan/sweep.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NOW_SEC } from '../../support/snapshots.ts';

const [one, two] = [imageIdOf(1), imageIdOf(2)];
const DAY = 86_400;
const LIMITS: SweepLimits = { nowSec: NOW_SEC, stallTimeSec: DAY, imageIds: undefined, isIndexEmpty: false };

function aged(sec: number, more: Partial<FileFacts> = {}): FileFacts {
  return factsOf({ sizeBytes: 7, modifiedSec: NOW_SEC - sec, changedSec: NOW_SEC - sec, ...more });
}

function planOf(listing: Partial<PartListing>, limits: Partial<SweepLimits> = {}): SweepPlan {
  return planSweep({ entries: [], torn: [], foreign: [], ...listing }, { ...LIMITS, ...limits });
}

/** What there is of an image that is not cached; a journal remembers a mismatch. */
function entryOf(entry: Partial<PartEntry>): PartEntry {
  return { imageId: one, part: undefined, journal: undefined, remembersMismatch: true, isCached: false, ...entry };
}

function fateOf(entry: Partial<PartEntry>, limits: Partial<SweepLimits> = {}): string {
  const { removals, kept } = planOf({ entries: [entryOf(entry)] }, limits);
  return removals[0]?.reason ?? (kept.length > 0 ? 'kept' : 'left unmentioned');
}

describe('planSweep()', () => {
  test.each([
    ['a part without a journal, however young', aged(0), undefined, 'no-journal'],
    ['a part that nothing was written to for longer than the stall time', aged(DAY + 1), aged(0), 'stalled'],
    ['a part that was written to within the stall time', aged(DAY), aged(10 * DAY), 'kept'],
    ['a part whose time lies ahead', aged(-10 * DAY), aged(0), 'kept'],
    [
      'a part whose time was set ahead long ago',
      aged(2 * DAY, { modifiedSec: NOW_SEC + 1e9 }),
      aged(2 * DAY),
      'stalled',
    ],
    ['a journal alone for two days', undefined, aged(2 * DAY), 'left unmentioned'],
    ['a journal alone after two days', undefined, aged(2 * DAY + 1), 'stalled'],
    [
      'a journal alone whose time was set ahead long ago',
      undefined,
      aged(3 * DAY, { modifiedSec: NOW_SEC + 1e9 }),
      'stalled',
    ],
  ])('of %s', (_what, part, journal, expected) => {
    expect(fateOf({ part, journal })).toBe(expected);
  });

  test('takes a journal alone that remembers no mismatch, however young', () => {
    expect(fateOf({ journal: aged(0), remembersMismatch: false })).toBe('no-part');
  });

  test('takes whatever is left of an image that is cached', () => {
    expect(fateOf({ part: aged(0), journal: aged(0), isCached: true })).toBe('cached');
    expect(fateOf({ journal: aged(0), isCached: true })).toBe('cached');
  });

  test('tells size and time of what goes and of what stays', () => {
    const { removals, kept } = planOf({
      entries: [
        entryOf({ imageId: one, part: aged(2 * DAY), journal: aged(5) }),
        entryOf({ imageId: two, part: aged(50), journal: aged(60) }),
      ],
    });
    expect(removals).toEqual([
      {
        kind: 'remove-part',
        imageId: one,
        reason: 'stalled',
        torn: undefined,
        sizeBytes: 7,
        modifiedSec: NOW_SEC - 2 * DAY,
      },
    ]);
    expect(kept).toEqual([{ imageId: two, sizeBytes: 7, modifiedSec: NOW_SEC - 50 }]);
  });

  test('counts no bytes for a journal alone', () => {
    const { removals } = planOf({ entries: [entryOf({ imageId: one, journal: aged(3 * DAY) })] });
    expect(removals).toMatchObject([{ sizeBytes: 0, modifiedSec: NOW_SEC - 3 * DAY }]);
  });

  test('takes a torn journal by its name, and leaves what else there is of the image', () => {
    const { removals, kept } = planOf({
      entries: [entryOf({ imageId: one, part: aged(0), journal: aged(0) })],
      torn: [{ name: `${one}.json.new`, imageId: one }],
    });
    expect(removals).toMatchObject([{ imageId: one, reason: 'no-journal', torn: `${one}.json.new`, sizeBytes: 0 }]);
    expect(kept.map(({ imageId }) => imageId)).toEqual([one]);
  });

  test('names what is foreign, and never removes it', () => {
    expect(planOf({ foreign: ['notes.txt'] })).toEqual({
      removals: [],
      kept: [],
      foreign: [{ area: 'prefetch', name: 'notes.txt', kind: 'other' }],
    });
  });

  test('neither removes nor mentions an image when others are asked for', () => {
    const listing = {
      entries: [entryOf({ imageId: one, part: aged(0) }), entryOf({ imageId: two, part: aged(0), journal: aged(0) })],
      torn: [{ name: `${one}.json.new`, imageId: one }],
    };
    expect(planOf(listing, { imageIds: new Set([imageIdOf(3)]) })).toEqual({ removals: [], kept: [], foreign: [] });
    const plan = planOf(listing, { imageIds: new Set([one]) });
    expect([plan.removals.map(({ torn }) => torn), plan.kept]).toEqual([[undefined, `${one}.json.new`], []]);
  });

  test('leaves a journal that vouches for a cached image while the index has no rows', () => {
    const entry = { isCached: true, journal: aged(10 * DAY) };
    expect(fateOf(entry, { isIndexEmpty: true })).toBe('left unmentioned');
    expect(fateOf(entry)).toBe('cached');
    expect(fateOf({ ...entry, part: aged(0) }, { isIndexEmpty: true })).toBe('cached');
  });
});
