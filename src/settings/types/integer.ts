import { type OptionType, ValueError } from '../option.ts';
import { strip } from '../python-whitespace.ts';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import { parsePythonInt } from './python-int.ts';

/** What an integer counts, and between which bounds it lies. */
export interface IntegerTraits {
  readonly min?: number;
  readonly max?: number;
  /** Known units get a hint when somebody writes `10G` or `24h`, which oslo.config does not read. */
  readonly unit?: 'bytes' | 'seconds';
}

/**
 * oslo.config's integer: what Python's `int()` accepts; blank is "not set". Bounds are checked exactly, also beyond the
 * numbers JavaScript counts one by one; there the value is the nearest number, which is as good for a limit.
 */
export function integer(traits: IntegerTraits = {}): OptionType<number> {
  return {
    expects: expectation(traits),
    blankMeansUnset: true,
    parse: (text) => toNumber(parseInteger(text, traits), traits),
    referenced: (text) => (strip(text) === '' ? '' : String(parseInteger(text, traits))),
  };
}

function expectation({ min, max, unit }: IntegerTraits): string {
  const what = unit === undefined ? 'a whole number' : `a whole number of ${unit}`;
  if (min !== undefined && max !== undefined) return `${what} from ${min} to ${max}`;
  if (min !== undefined) return `${what}, ${min} or more`;
  return max === undefined ? what : `${what}, ${max} or less`;
}

function parseInteger(text: string, traits: IntegerTraits): bigint {
  const value = parsePythonInt(text);
  if (value === undefined) throw new ValueError('is not a whole number', notANumberHint(text, traits));
  const { min, max } = traits;
  if (min !== undefined && value < BigInt(min)) throw new ValueError(`should be greater than or equal to ${min}`);
  if (max !== undefined && value > BigInt(max)) throw new ValueError(`should be less than or equal to ${max}`);
  return value;
}

function toNumber(value: bigint, { unit }: IntegerTraits): number {
  const number = Number(value);
  if (!Number.isFinite(number))
    throw new ValueError(`is more${unit === undefined ? '' : ` ${unit}`} than can be counted`);
  return number;
}

/** The number that was probably meant, for the slips that are common. */
function notANumberHint(text: string, { unit }: IntegerTraits): string | undefined {
  const grouped = /^\s*\d{1,3}(?:([,.' ])\d{3})(?:\1\d{3})*\s*$/.exec(text);
  if (grouped !== null) return `Write the digits alone: ${text.replace(/\D/g, '')}`;
  if (/^\s*0o[0-7]+\s*$/i.test(text)) return `Write the digits alone: ${text.trim().slice(2)}`;
  const meant = unit === undefined ? undefined : meantNumber(text, unit);
  return meant === undefined ? undefined : `Write the number of ${unit}, without a suffix: ${meant}`;
}

function meantNumber(text: string, unit: 'bytes' | 'seconds'): number | undefined {
  try {
    return unit === 'bytes' ? parseByteSize(text) : parseDuration(text);
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}
