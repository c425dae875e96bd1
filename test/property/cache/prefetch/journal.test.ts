import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { journalText, type PartJournal, parseJournal } from '../../../../src/cache/prefetch/journal.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

const anyId = fc.nat(50).map(imageIdOf);

const anyJournal: fc.Arbitrary<PartJournal> = fc.record({
  imageId: anyId,
  content: fc.record({
    sizeBytes: fc.option(fc.maxSafeNat(), { nil: undefined }),
    digest: fc.option(fc.record({ algorithm: fc.string({ unit: 'grapheme' }), hex: fc.string() }), { nil: undefined }),
  }),
  mismatches: fc.maxSafeNat(),
  lastMismatchSec: fc.double({ min: 0, max: 1e10, noNaN: true }),
});

describe('parseJournal()', () => {
  test('reads back any journal that was written', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        expect(parseJournal(journalText(journal), journal.imageId)).toEqual(journal);
      }),
    );
  });

  test('reads nothing out of a journal that was cut off anywhere, or that is of another image', () => {
    fc.assert(
      fc.property(
        anyJournal,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        anyId,
        (journal, at, other) => {
          // What ends the line is not missed.
          const text = journalText(journal).trimEnd();
          expect(parseJournal(text.slice(0, Math.floor(at * text.length)), journal.imageId)).toBeUndefined();
          fc.pre(other !== journal.imageId);
          expect(parseJournal(text, other)).toBeUndefined();
        },
      ),
    );
  });

  test('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), anyId, (text, imageId) => {
        expect(parseJournal(text, imageId)).toBeUndefined();
      }),
    );
  });
});
