import { asciiDigits, NUMBER_BLANKS } from './python-digits.ts';

/** Floats as Python's `float()` reads them and its `repr()` writes them. Both languages count in the same doubles. */

const DIGITS = '\\d+(?:_\\d+)*';
const FINITE = `(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:e[+-]?${DIGITS})?`;
const FLOAT = new RegExp(`^${NUMBER_BLANKS}([+-]?)(?:(${FINITE})|(inf(?:inity)?)|nan)${NUMBER_BLANKS}$`, 'i');

/** Python writes an exponent from here on, and below 10⁻⁴; JavaScript does so later. */
const EXPONENT_LIMIT = 16;

/** The number a text stands for, an infinite one when it is too large; undefined when the text is no number. */
export function parsePythonFloat(text: string): number | undefined {
  const match = FLOAT.exec(asciiDigits(text));
  if (match === null) return undefined;
  const [, sign, finite, infinite] = match;
  if (finite === undefined && infinite === undefined) return Number.NaN;
  const magnitude = finite === undefined ? Number.POSITIVE_INFINITY : Number(finite.replaceAll('_', ''));
  return sign === '-' ? -magnitude : magnitude;
}

/** A number as Python writes a float: `2.0`, `1e+16`, `inf`. */
export function pythonFloatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  // Both languages write the fewest digits that tell the double apart from its neighbours, so only the form differs.
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= EXPONENT_LIMIT) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const digits = Object.is(value, -0) ? '-0' : String(value);
  return digits.includes('.') ? digits : `${digits}.0`;
}
