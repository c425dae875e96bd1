import { type OptionType, ValueError } from '../option.ts';
import { strip } from '../python-whitespace.ts';
import { meantNumberHint, type Unit } from './meant-number.ts';
import { parsePythonFloat, pythonFloatRepr } from './python-float.ts';
import { checkRange, expectRange, type Range } from './range.ts';

/**
 * Numbers with a fraction. No option of the cache itself is one. They are here because keystoneauth's sections of the
 * same files count times in them, such as `connect_retry_delay = 0.5`.
 */

/** What a float counts, and between which bounds it lies. */
export interface FloatTraits extends Range {
  /** A known unit gets a hint when somebody writes `30s`, which oslo.config does not read. */
  readonly unit?: Unit;
}

/**
 * oslo.config's float: what Python's `float()` accepts, so also `nan` and `inf`, and too large a number is infinite;
 * blank is "not set". Not-a-number passes any bounds: whoever waits for so long must check.
 */
export function float(traits: FloatTraits = {}): OptionType<number> {
  const { unit } = traits;
  return {
    expects: expectRange(unit === undefined ? 'a number' : `a number of ${unit}`, traits),
    blankMeansUnset: true,
    parse: (text) => parseFloatWithin(text, traits),
    referenced: (text) => (strip(text) === '' ? '' : pythonFloatRepr(parseFloatWithin(text, traits))),
  };
}

function parseFloatWithin(text: string, traits: FloatTraits): number {
  const value = parsePythonFloat(text);
  if (value === undefined) throw new ValueError('is not a number', notANumberHint(text, traits));
  checkRange(value, traits);
  return value;
}

function notANumberHint(text: string, { unit }: FloatTraits): string | undefined {
  if (/^\s*[+-]?\d+,\d+/.test(text)) return 'Write a point before the fraction, and nothing between thousands';
  return meantNumberHint(text, unit);
}
