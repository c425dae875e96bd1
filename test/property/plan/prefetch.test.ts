import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CacheFile } from '../../../src/cache/directory.ts';
import { isBackingOff, nextTrySec, wantedImages } from '../../../src/plan/prefetch.ts';
import { journalOf } from '../../support/parts.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NOW_SEC } from '../../support/snapshots.ts';

const anyId = fc.nat(8).map(imageIdOf);
const anyMarker = fc
  .tuple(anyId, fc.constantFrom('', 'upper', 'plain'), fc.nat(5))
  .map(([imageId, spelling, modifiedSec]): CacheFile => {
    const names = { upper: imageId.toUpperCase(), plain: imageId.replaceAll('-', '') };
    return { imageId, name: spelling === '' ? imageId : names[spelling], facts: factsOf({ modifiedSec }) };
  });
const anyQueue = fc.uniqueArray(anyMarker, { selector: ({ name }) => name, maxLength: 16 });

describe('wantedImages()', () => {
  test('has every queued image once with all its markers, by time and ID, in whatever order they are listed', () => {
    fc.assert(
      fc.property(anyQueue, fc.array(fc.nat(), { minLength: 16, maxLength: 16 }), (queue, keys) => {
        const wanted = wantedImages(queue, undefined, NOW_SEC);
        expect(new Set(wanted.map(({ imageId }) => imageId)).size).toBe(wanted.length);
        expect(wanted.flatMap(({ markers }) => markers).toSorted()).toEqual(queue.map(({ name }) => name).toSorted());
        for (const { imageId, markers, queuedSec } of wanted) {
          const own = queue.filter((marker) => marker.imageId === imageId);
          expect(markers).toEqual(own.map(({ name }) => name));
          expect(queuedSec).toBe(Math.min(...own.map(({ facts }) => facts.modifiedSec)));
        }
        const places = wanted.map(({ queuedSec, imageId }) => `${queuedSec} ${imageId}`);
        expect(places).toEqual(places.toSorted());
        const shuffled = queue
          .map((marker, place) => ({ marker, key: keys[place] ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ marker }) => marker);
        const order = wantedImages(shuffled, undefined, NOW_SEC).map(({ imageId }) => imageId);
        expect(order).toEqual(wanted.map(({ imageId }) => imageId));
      }),
    );
  });

  test('has exactly the images asked for, in that order, and no other', () => {
    fc.assert(
      fc.property(anyQueue, fc.array(anyId), (queue, asked) => {
        const wanted = wantedImages(queue, asked, NOW_SEC);
        expect(wanted.map(({ imageId }) => imageId)).toEqual([...new Set(asked)]);
        expect(wanted.every(({ isUrgent }) => isUrgent)).toBe(true);
      }),
    );
  });
});

describe('nextTrySec() and isBackingOff()', () => {
  test('put an image off for an hour at least and a day at most, the longer the more often it was wrong', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(2e9), (mismatches, lastMismatchSec) => {
        const journal = journalOf(imageIdOf(1), { mismatches, lastMismatchSec });
        const pauseSec = nextTrySec(journal) - lastMismatchSec;
        expect(pauseSec).toBeGreaterThanOrEqual(3600);
        expect(pauseSec).toBeLessThanOrEqual(86_400);
        const next = nextTrySec({ ...journal, mismatches: mismatches + 1 }) - lastMismatchSec;
        expect(next).toBe(Math.min(86_400, 2 * pauseSec));
        expect(isBackingOff(journal, lastMismatchSec + pauseSec)).toBe(false);
        expect(isBackingOff(journal, lastMismatchSec + pauseSec - 1)).toBe(true);
      }),
    );
  });

  test('put no image off for more than a day from now, whatever the clock said then', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.integer({ min: -100_000, max: 100_000 }), (mismatches, aheadSec) => {
        const journal = journalOf(imageIdOf(1), { mismatches, lastMismatchSec: NOW_SEC + aheadSec });
        const isPutOff = isBackingOff(journal, NOW_SEC);
        expect(isPutOff && isBackingOff(journal, NOW_SEC + 86_400)).toBe(false);
        if (aheadSec > 0) expect(isPutOff).toBe(false);
      }),
    );
  });
});
