import { describe, expect, test } from 'vitest';
import { choice } from '../../../../src/settings/types/choice.ts';
import { maxLength } from '../../../../src/settings/types/max-length.ts';
import { quoted } from '../../../../src/settings/types/quoted.ts';
import { string } from '../../../../src/settings/types/string.ts';
import { refusal } from './refusal.ts';

describe('quoted', () => {
  test.each([
    ['', ''],
    ['a', 'a'],
    ['"a"', 'a'],
    [`'a'`, 'a'],
    ['""', ''],
    ['a"', 'a"'],
    [' "a"', ' "a"'],
    [`"'a'"`, `'a'`],
  ])('gives of %j what is between the quotes', (text, value) => {
    expect(quoted(string).parse(text)).toBe(value);
    expect(quoted(string).referenced?.(text)).toBe(value);
  });

  test.each(['"', "'a", `"a'`, '"a" b'])('refuses %j when its first quote is not closed', (text) => {
    expect(refusal(quoted(string), text).message).toBe('has a quote that is not closed');
  });

  test('leaves the rest to the type when the quotes are gone', () => {
    expect(quoted(choice(['http'])).parse('"http"')).toBe('http');
    expect(refusal(quoted(choice(['http'])), '"ftp"').message).toBe('is not among the valid values');
    expect(quoted(maxLength(string, 1)).parse('"a"')).toBe('a');
  });
});

describe('maxLength', () => {
  test('counts characters as Python does when they take two units', () => {
    expect(maxLength(string, 4).parse('😀😀😀😀')).toBe('😀😀😀😀');
    expect(refusal(maxLength(string, 4), 'abcde').message).toBe('exceeds maximum length 4');
  });

  test('says what it expects', () => {
    expect(maxLength(string, 4).expects).toBe('a text, at most 4 characters long');
  });
});
