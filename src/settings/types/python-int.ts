/**
 * Whole numbers as Python's `int()` reads them: blanks around, a sign, leading zeros, `_` between digits, and the decimal
 * digits of every script. glance-api accepts all of these in its files, and so must whoever reads the same files.
 */

/** Not the whitespace of `strip()`: `int()` refuses U+001C to U+001F. */
const WHOLE_NUMBER =
  /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*([+-]?)(\p{Nd}+(?:_\p{Nd}+)*)[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/u;

const DIGIT = /^\p{Nd}$/u;

/** The number a text stands for, or undefined when it is none. */
export function parsePythonInt(text: string): bigint | undefined {
  const match = WHOLE_NUMBER.exec(text);
  const [, sign, digits] = match ?? [];
  if (digits === undefined) return undefined;
  const magnitude = BigInt(digits.replaceAll('_', '').replace(/\D/gu, asciiDigit));
  return sign === '-' ? -magnitude : magnitude;
}

/** Unicode keeps the ten digits of a script together and in order, so the distance to the first of the run is the value. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (DIGIT.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value % 10);
}
