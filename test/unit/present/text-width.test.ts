import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutToWidth, padToWidth, textWidth } from '../../../src/present/text-width.ts';

describe('textWidth()', () => {
  test.each([
    ['ubuntu-24.04', 12],
    ['größer', 6],
    // The same with marks of their own.
    ['gro\u0308\u00dfer', 6],
    ['Привет', 6],
    ['映像', 4],
    ['イメージ', 8],
    ['한글', 4],
    ['ＡＢ', 4],
    ['𠀋', 2],
    ['🐧', 2],
    ['❤\ufe0f', 2],
    ['█░▌…', 4],
    ['', 0],
  ])('takes %s for %d columns', (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });
});

describe('cutToWidth()', () => {
  test.each([
    ['ubuntu-24.04', 12, 'ubuntu-24.04'],
    ['ubuntu-24.04', 11, 'ubuntu-24.…'],
    ['ubuntu server', 8, 'ubuntu…'],
    ['映像のテスト', 6, '映像…'],
    ['映像のテスト', 5, '映像…'],
    ['映像のテスト', 1, '…'],
    ['映像のテスト', 0, ''],
    // A family is one picture, or none.
    ['a👨\u200d👩\u200d👧bc', 6, 'a…'],
    ['ae\u0301bc', 3, 'ae\u0301…'],
  ])('makes %s in %d columns to %s', (text, columns, cut) => {
    expect(cutToWidth(text, columns, '…')).toBe(cut);
  });

  test('never gives more columns than there are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, columns) => {
        expect(textWidth(cutToWidth(text, columns, '…'))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('padToWidth()', () => {
  test('fills up by columns, not by characters', () => {
    expect(padToWidth('映像', 6)).toBe('映像  ');
    expect(padToWidth('映像', 3)).toBe('映像');
  });
});
