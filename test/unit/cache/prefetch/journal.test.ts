import { describe, expect, test } from 'vitest';
import { isSameContent, journalText, parseJournal } from '../../../../src/cache/prefetch/journal.ts';
import { journalOf } from '../../../support/parts.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

const [one, two] = [imageIdOf(1), imageIdOf(2)];
const FIELDS: Readonly<Record<string, unknown>> = {
  version: 1,
  image_id: one,
  size: 100,
  digest: { algorithm: 'md5', hex: 'ab' },
  mismatches: 3,
  last_mismatch: 1.7e9,
};

describe('journalText()', () => {
  test('is one line of JSON with null for what Glance does not know', () => {
    const journal = journalOf(one, { content: { sizeBytes: undefined, digest: undefined }, mismatches: 1 });
    expect(journalText(journal)).toBe(
      `{"version":1,"image_id":"${one}","size":null,"digest":null,"mismatches":1,"last_mismatch":0}\n`,
    );
  });
});

describe('parseJournal()', () => {
  test('reads what it knows, and does not mind what it does not', () => {
    expect(parseJournal(JSON.stringify({ ...FIELDS, comment: 'later' }), one)).toEqual({
      imageId: one,
      content: { sizeBytes: 100, digest: { algorithm: 'md5', hex: 'ab' } },
      mismatches: 3,
      lastMismatchSec: 1.7e9,
    });
  });

  test.each([
    ['another version', { version: 2 }],
    ['a version as text', { version: '1' }],
    ['no version', { version: undefined }],
    ['another image', { image_id: two }],
    ['the image in capitals', { image_id: one.toUpperCase() }],
    ['no image', { image_id: undefined }],
    ['a size as text', { size: '100' }],
    ['a size below zero', { size: -1 }],
    ['a size that is no whole number', { size: 1.5 }],
    ['a size beyond what can be counted', { size: 2 ** 53 }],
    ['no size at all', { size: undefined }],
    ['a digest as text', { digest: 'ab' }],
    ['a digest as a list', { digest: ['md5', 'ab'] }],
    ['a digest without its algorithm', { digest: { hex: 'ab' } }],
    ['a digest without its value', { digest: { algorithm: 'md5', hex: 7 } }],
    ['no digest at all', { digest: undefined }],
    ['a count of mismatches as text', { mismatches: '3' }],
    ['a count of mismatches below zero', { mismatches: -3 }],
    ['no count of mismatches', { mismatches: undefined }],
    ['a time as text', { last_mismatch: '2024-01-01' }],
    ['no time', { last_mismatch: null }],
  ])('is undefined when the text has %s', (_what, fields) => {
    expect(parseJournal(JSON.stringify({ ...FIELDS, ...fields }), one)).toBeUndefined();
  });

  test('is undefined when a number is too large to be one', () => {
    const text = JSON.stringify(FIELDS).replace('"last_mismatch":1700000000', '"last_mismatch":1e999');
    expect(text).toContain('1e999');
    expect(parseJournal(text, one)).toBeUndefined();
  });

  test.each(['', '\0\0\0\0', 'null', '[]', '"text"', '7', '{', '{}', '[{"version":1}]'])(
    'is undefined when the text is %j',
    (text) => {
      expect(parseJournal(text, one)).toBeUndefined();
    },
  );
});

describe('isSameContent()', () => {
  const digest = { algorithm: 'sha512', hex: 'ab' };

  test.each([
    [true, 'size and digest are the same', { sizeBytes: 7, digest }, { sizeBytes: 7, digest: { ...digest } }],
    [true, 'the size is unknown to both', { sizeBytes: undefined, digest }, { sizeBytes: undefined, digest }],
    [false, 'the sizes differ', { sizeBytes: 7, digest }, { sizeBytes: 8, digest }],
    [false, 'one size is unknown', { sizeBytes: 7, digest }, { sizeBytes: undefined, digest }],
    [false, 'the values differ', { sizeBytes: 7, digest }, { sizeBytes: 7, digest: { ...digest, hex: 'ac' } }],
    [
      false,
      'the algorithms differ',
      { sizeBytes: 7, digest },
      { sizeBytes: 7, digest: { ...digest, algorithm: 'md5' } },
    ],
    [false, 'one has no digest', { sizeBytes: 7, digest }, { sizeBytes: 7, digest: undefined }],
    [false, 'neither has a digest', { sizeBytes: 7, digest: undefined }, { sizeBytes: 7, digest: undefined }],
  ])('is %s when %s', (expected, _when, a, b) => {
    expect([isSameContent(a, b), isSameContent(b, a)]).toEqual([expected, expected]);
  });
});
