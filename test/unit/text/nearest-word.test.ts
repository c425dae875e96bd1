import { expect, test } from 'vitest';
import { nearestWord } from '../../../src/text/nearest-word.ts';

const WORDS = ['low_watermark', 'min_free', 'max_age', 'jobs'];

test.each([
  ['low_watermrk', 'low_watermark'],
  ['low-watermark', 'low_watermark'],
  ['Min_Free', 'min_free'],
  ['min_fere', 'min_free'],
  ['maxage', 'max_age'],
  ['job', 'jobs'],
  ['colour', undefined],
  ['', undefined],
])('nearestWord() takes %j for %j', (typed, meant) => {
  expect(nearestWord(typed, WORDS)).toBe(meant);
});
