import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IndexRow } from '../../../../src/cache/index/index-db.ts';
import { summarizeRows } from '../../../../src/use-cases/stats/row-summary.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

const row: fc.Arbitrary<IndexRow> = fc.record({
  imageId: fc.nat(20).map(imageIdOf),
  lastAccessedSec: fc.nat(5),
  lastModifiedSec: fc.nat(5),
  sizeBytes: fc.nat(1000),
  hits: fc.nat(9),
});
const rows = fc.uniqueArray(row, { selector: ({ imageId }) => imageId });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const usedSec = ({ lastAccessedSec, lastModifiedSec }: IndexRow): number => lastAccessedSec || lastModifiedSec;

describe('summarizeRows()', () => {
  test('sums up rows, and finds those that stand out, whatever their order', () => {
    fc.assert(
      fc.property(
        rows.chain((it) => fc.tuple(fc.constant(it), fc.shuffledSubarray(it, { minLength: it.length }))),
        ([it, shuffled]) => {
          const summary = summarizeRows(it);
          expect(summary).toMatchObject({
            images: it.length,
            sizeBytes: sum(it.map(({ sizeBytes }) => sizeBytes)),
            hits: sum(it.map(({ hits }) => hits)),
          });
          const times = it.map(usedSec).filter((time) => time > 0);
          expect(summary.leastRecent?.usedSec).toBe(times.length === 0 ? undefined : Math.min(...times));
          expect(summary.mostRecent?.usedSec).toBe(times.length === 0 ? undefined : Math.max(...times));
          const largest = it.length === 0 ? undefined : Math.max(...it.map(({ sizeBytes }) => sizeBytes));
          expect(summary.largest?.sizeBytes).toBe(largest);
          expect(summarizeRows(shuffled)).toEqual(summary);
        },
      ),
    );
  });

  test('lets the smaller image ID stand for rows that are alike', () => {
    const alike = [2, 1, 3].map((number) => ({
      imageId: imageIdOf(number),
      lastAccessedSec: 7,
      lastModifiedSec: 1,
      sizeBytes: 5,
      hits: 1,
    }));
    const imageId = imageIdOf(1);
    expect(summarizeRows(alike)).toEqual({
      images: 3,
      sizeBytes: 15,
      hits: 3,
      leastRecent: { imageId, usedSec: 7 },
      mostRecent: { imageId, usedSec: 7 },
      largest: { imageId, sizeBytes: 5 },
      mostUsed: { imageId, hits: 1, usedSec: 7 },
      leastUsed: { imageId, hits: 1, usedSec: 7 },
    });
  });

  test('goes by the time of use where images were used as often, and calls none most used that never was', () => {
    const used = (number: number, hits: number, lastAccessedSec: number): IndexRow => {
      return { imageId: imageIdOf(number), hits, lastAccessedSec, lastModifiedSec: 0, sizeBytes: 1 };
    };
    const some = [used(1, 4, 10), used(2, 4, 20), used(3, 0, 50), used(4, 0, 40)];
    expect(summarizeRows(some)).toMatchObject({
      mostUsed: { imageId: imageIdOf(2), hits: 4, usedSec: 20 },
      leastUsed: { imageId: imageIdOf(4), hits: 0, usedSec: 40 },
    });
    expect(summarizeRows(some.slice(2)).mostUsed).toBeUndefined();
  });

  test('goes by when an image came into the cache where it was never read', () => {
    const unread = { imageId: imageIdOf(1), lastAccessedSec: 0, lastModifiedSec: 9, sizeBytes: 1, hits: 0 };
    expect(summarizeRows([unread]).leastRecent).toEqual({ imageId: imageIdOf(1), usedSec: 9 });
    expect(summarizeRows([{ ...unread, lastModifiedSec: 0 }]).leastRecent).toBeUndefined();
  });
});
