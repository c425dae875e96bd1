import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barGlyphs } from '../../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../../src/present/paint.ts';
import { EXACT_STYLE, humanStyle } from '../../../src/present/reports/stats-columns.ts';
import { renderStatsPicture } from '../../../src/present/reports/stats-picture.ts';
import { textWidth } from '../../../src/present/text-width.ts';
import type { CacheStats } from '../../../src/use-cases/stats/cache-stats.ts';
import { fileOf, nodeStats } from '../../support/node-stats.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { anySnapshot, NOW_SEC } from '../../support/snapshots.ts';

const amount = fc.oneof(fc.nat(3000), fc.maxSafeNat());
const files = fc.array(
  fc.tuple(fc.nat(20), amount, fc.integer({ min: -100, max: 1e8 })).map((facts) => fileOf(...facts)),
  { maxLength: 4 },
);

const anyStats: fc.Arbitrary<CacheStats> = fc
  .record({
    snapshot: anySnapshot,
    incomplete: files,
    invalid: files,
    maxSizeBytes: amount,
    maxAgeSec: fc.option(fc.nat(5000), { nil: undefined }),
    totalBytes: amount,
    availableBytes: amount,
    pins: fc.array(fc.nat(200).map(imageIdOf), { maxLength: 4 }),
  })
  .map(({ snapshot, incomplete, invalid, maxSizeBytes, maxAgeSec, totalBytes, availableBytes, pins }) =>
    nodeStats(snapshot.images, {
      snapshot: { ...snapshot, space: { totalBytes, availableBytes } },
      leftovers: { incomplete, invalid },
      prune: { maxSizeBytes, maxAgeSec },
      beside: { pins: new Set(pins) },
    }),
  );

const paint = await loadPaint(false);

describe('statsOf()', () => {
  test('has every image in one age, and every removal under one reason', () => {
    fc.assert(
      fc.property(anyStats, ({ ages, total, nextPrune, unlisted, pinned, leftovers }) => {
        const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
        expect(sum(ages.map(({ count }) => count))).toBe(total.images);
        expect(sum(ages.map(({ sizeBytes }) => sizeBytes))).toBe(total.sizeBytes);
        expect(sum(nextPrune.reasons.map(({ images }) => images))).toBe(nextPrune.removed.images);
        expect(nextPrune.removed.images + nextPrune.after.images).toBe(total.images);
        expect(Math.max(unlisted.images, pinned.images)).toBeLessThanOrEqual(total.images);
        for (const facts of Object.values(leftovers)) {
          expect(sum(facts.ages.map(({ count }) => count))).toBe(facts.files);
          expect(facts.removable.files).toBeLessThanOrEqual(facts.files);
        }
      }),
    );
  });
});

describe('renderStatsPicture()', () => {
  test('never takes more columns than there are, and in ASCII no other characters', () => {
    fc.assert(
      fc.property(
        anyStats,
        fc.integer({ min: 39, max: 200 }),
        fc.boolean(),
        fc.boolean(),
        (stats, columns, ascii, exact) => {
          const look = { glyphs: barGlyphs(ascii ? {} : { LANG: 'C.UTF-8' }), paint };
          const picture = renderStatsPicture(stats, {
            columns,
            look,
            style: exact ? EXACT_STYLE : humanStyle(NOW_SEC),
            isScreen: !exact,
          });
          for (const line of picture.split('\n')) {
            expect(textWidth(line)).toBeLessThanOrEqual(columns);
            expect(line).toBe(line.trimEnd());
          }
          if (ascii) expect(picture).toMatch(/^[\n -~]*$/);
        },
      ),
    );
  });
});
