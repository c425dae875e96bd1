/**
 * What Python's `int()` and `float()` have in common: before they look at a number, they turn the decimal digits of every
 * script into ASCII. glance-api accepts all of these in its files, and so must whoever reads the same files.
 */

/**
 * The part of a pattern that stands for the blanks allowed around a number. Not the whitespace of `strip()`: both
 * functions refuse U+001C to U+001F.
 */
export const NUMBER_BLANKS = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';

const DIGIT = /^\p{Nd}$/u;

/** A text with every decimal digit in ASCII. */
export function asciiDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, asciiDigit);
}

/** Unicode keeps the ten digits of a script together and in order, so the distance to the first of the run is the value. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (DIGIT.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value % 10);
}
