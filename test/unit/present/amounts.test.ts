import { describe, expect, test } from 'vitest';
import { countOf, humanDuration, humanSize } from '../../../src/text/amounts.ts';
import { hasUnprintable, printable, printableJson } from '../../../src/text/printable.ts';

describe('humanSize()', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1024 * 1023.94, '1023.9 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [3.2 * 1024 ** 3, '3.2 GiB'],
    [10737418240, '10.0 GiB'],
    [-2048, '-2.0 KiB'],
    [2 ** 70, '1024.0 EiB'],
  ])('shows %d bytes as %s', (sizeBytes, text) => {
    expect(humanSize(sizeBytes)).toBe(text);
  });
});

describe('humanDuration()', () => {
  test.each([
    [0, '0 s'],
    [-5, '0 s'],
    [0.9, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3661, '1 h 1 min'],
    [86400 * 2 + 3 * 3600 + 59, '2 d 3 h'],
    [86400 + 59, '1 d'],
  ])('shows %d seconds as %s', (durationSec, text) => {
    expect(humanDuration(durationSec)).toBe(text);
  });
});

describe('countOf()', () => {
  test.each([
    [countOf(0, 'image'), '0 images'],
    [countOf(1, 'image'), '1 image'],
    [countOf(2, 'entry', 'entries'), '2 entries'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe('printable()', () => {
  test.each([
    ['plain é 😀 text', 'plain é 😀 text'],
    ['\u0000\t\n\r\u001b\u007f\u0080\u009b', '\\x00\\x09\\x0a\\x0d\\x1b\\x7f\\x80\\x9b'],
    ['a\u202eb\u2066c\u200f\u2028', 'a\\u202eb\\u2066c\\u200f\\u2028'],
    ['\u00a0\u2027\u202f\u2065\u206a', '\u00a0\u2027\u202f\u2065\u206a'],
  ])('escapes %j', (text, escaped) => {
    expect(printable(text)).toBe(escaped);
    expect(hasUnprintable(text)).toBe(text !== escaped);
  });
});

describe('printableJson()', () => {
  test('changes no meaning', () => {
    const value = { 'a\u009b': ['\u007f', '\u202e', '\n', '\u2028'] };
    const json = printableJson(JSON.stringify(value, null, 2));
    expect(json.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/);
    expect(JSON.parse(json)).toEqual(value);
  });
});
