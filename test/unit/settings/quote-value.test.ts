import { describe, expect, test } from 'vitest';
import { quoteValue } from '../../../src/settings/quote-value.ts';

describe('quoteValue', () => {
  test.each([
    ['10G', '"10G"'],
    ['', '""'],
    ['a\nb\u001b[0m', '"a\\x0ab\\x1b[0m"'],
    ['10\u200b', '"10\\u200b"'],
    ['\ud800', '"\\ud800"'],
    ['é😀', '"é😀"'],
  ])('shows what is in %j', (text, quoted) => {
    expect(quoteValue(text)).toBe(quoted);
  });

  test('cuts a value between characters when it is very long', () => {
    expect(quoteValue('😀'.repeat(121))).toBe(`"${'😀'.repeat(120)}…"`);
    expect(quoteValue('x'.repeat(120))).toBe(`"${'x'.repeat(120)}"`);
  });
});
