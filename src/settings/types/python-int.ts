import { asciiDigits, NUMBER_BLANKS } from './python-digits.ts';

/** Blanks around, a sign, leading zeros, and `_` between digits. */
const WHOLE_NUMBER = new RegExp(`^${NUMBER_BLANKS}([+-]?)(\\d+(?:_\\d+)*)${NUMBER_BLANKS}$`);

/** The whole number a text stands for by Python's `int()`, or undefined when it is none. */
export function parsePythonInt(text: string): bigint | undefined {
  const [, sign, digits] = WHOLE_NUMBER.exec(asciiDigits(text)) ?? [];
  if (digits === undefined) return undefined;
  const magnitude = BigInt(digits.replaceAll('_', ''));
  return sign === '-' ? -magnitude : magnitude;
}
