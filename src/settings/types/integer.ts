import { type OptionType, ValueError } from '../option.ts';
import { strip } from '../python-whitespace.ts';
import { meantNumberHint, type Unit } from './meant-number.ts';
import { parsePythonInt } from './python-int.ts';
import { checkRange, expectRange, type Range } from './range.ts';

/** What an integer counts, and between which bounds it lies. */
export interface IntegerTraits extends Range {
  /** Known units get a hint when somebody writes `10G` or `24h`, which oslo.config does not read. */
  readonly unit?: Unit;
}

/**
 * oslo.config's integer: what Python's `int()` accepts; blank is "not set". Bounds are checked exactly, also beyond the
 * numbers JavaScript counts one by one; there the value is the nearest number, which is as good for a limit.
 */
export function integer(traits: IntegerTraits = {}): OptionType<number> {
  const { unit } = traits;
  return {
    expects: expectRange(unit === undefined ? 'a whole number' : `a whole number of ${unit}`, traits),
    blankMeansUnset: true,
    parse: (text) => toNumber(parseInteger(text, traits), traits),
    referenced: (text) => (strip(text) === '' ? '' : String(parseInteger(text, traits))),
  };
}

function parseInteger(text: string, traits: IntegerTraits): bigint {
  const value = parsePythonInt(text);
  if (value === undefined) throw new ValueError('is not a whole number', notANumberHint(text, traits));
  checkRange(value, traits);
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
  return meantNumberHint(text, unit);
}
