import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileFacts } from '../../../src/cache/file-facts.ts';
import type { PartEntry } from '../../../src/cache/prefetch/parts.ts';
import { planSweep } from '../../../src/plan/sweep.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NOW_SEC } from '../../support/snapshots.ts';

const DAY = 86_400;
const ago = fc.constantFrom(-1e6, 0, 60, DAY, DAY + 1, 2 * DAY, 2 * DAY + 1, 1e7).map((sec) => NOW_SEC - sec);
const anyFacts: fc.Arbitrary<FileFacts> = fc.record({ modifiedSec: ago, changedSec: ago }).map(factsOf);
const maybe = fc.option(anyFacts, { nil: undefined });
const anyEntries: fc.Arbitrary<readonly PartEntry[]> = fc.uniqueArray(
  fc.record({
    imageId: fc.nat(20).map(imageIdOf),
    part: maybe,
    journal: maybe,
    remembersMismatch: fc.boolean(),
    isCached: fc.boolean(),
  }),
  { selector: ({ imageId }) => imageId, maxLength: 8 },
);
const anyTorn = fc.uniqueArray(fc.nat(20).map(imageIdOf)).map((imageIds) => {
  return imageIds.map((imageId) => ({ name: `${imageId}.json.new`, imageId }));
});

describe('planSweep()', () => {
  test('removes or keeps every part once, and no part of a missing image that was written to within the stall time and has a journal', () => {
    fc.assert(
      fc.property(anyEntries, anyTorn, fc.constantFrom(0, 60, DAY), (entries, torn, stallTimeSec) => {
        const limits = { nowSec: NOW_SEC, stallTimeSec, imageIds: undefined, isIndexEmpty: false };
        const plan = planSweep({ entries, torn, foreign: [] }, limits);
        const removed = plan.removals.filter((removal) => removal.torn === undefined).map(({ imageId }) => imageId);
        const kept = plan.kept.map(({ imageId }) => imageId);
        expect(new Set([...removed, ...kept]).size).toBe(removed.length + kept.length);
        for (const { imageId, part, journal, isCached } of entries) {
          if (part !== undefined) expect([...removed, ...kept]).toContain(imageId);
          const isYoung = part !== undefined && NOW_SEC - Math.min(part.modifiedSec, part.changedSec) <= stallTimeSec;
          if (isYoung && journal !== undefined && !isCached) expect(kept).toContain(imageId);
          if (part !== undefined && journal === undefined) expect(removed).toContain(imageId);
        }
        expect(plan.removals.flatMap((removal) => removal.torn ?? [])).toEqual(torn.map(({ name }) => name));
      }),
    );
  });

  test('leaves nothing for ever: in the end everything but what is foreign goes', () => {
    fc.assert(
      fc.property(anyEntries, anyTorn, (entries, torn) => {
        const present = entries.filter(({ part, journal }) => part !== undefined || journal !== undefined);
        const limits = { nowSec: NOW_SEC + 1e8, stallTimeSec: DAY, imageIds: undefined, isIndexEmpty: false };
        const { removals, kept } = planSweep({ entries: present, torn, foreign: ['notes.txt'] }, limits);
        expect([removals.length, kept]).toEqual([present.length + torn.length, []]);
      }),
    );
  });
});
