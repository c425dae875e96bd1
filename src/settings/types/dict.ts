import { type OptionType, ValueError } from '../option.ts';
import { strip } from '../python-whitespace.ts';
import { quoteValue } from '../quote-value.ts';
import { pythonRepr } from './python-repr.ts';

/** oslo.config's dictionary of texts: `name:value` pairs separated by commas, in their order. */
export const dict: OptionType<ReadonlyMap<string, string>> = {
  expects: 'name:value pairs separated by commas',
  parse: parseDict,
  referenced(text) {
    const pairs = Array.from(parseDict(text), ([key, value]) => `${pythonRepr(key)}: ${pythonRepr(value)}`);
    return `{${pairs.join(', ')}}`;
  },
};

function parseDict(text: string): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  const trimmed = strip(text);
  if (trimmed === '') return result;
  // oslo.config joins a part without a colon to the next one, in case the comma belongs to the name: "a,b:1" names "a,b".
  let carried = '';
  for (const part of trimmed.split(',')) {
    const pair = carried + part;
    const colon = pair.indexOf(':');
    if (colon < 0) {
      carried = `${pair},`;
      continue;
    }
    carried = '';
    const key = strip(pair.slice(0, colon));
    if (key === '') throw new ValueError('has a pair without a name: key name should not be empty');
    if (result.has(key)) throw new ValueError(`has a duplicate key ${quoteValue(key)}`);
    result.set(key, strip(pair.slice(colon + 1)));
  }
  if (carried !== '') throw new ValueError('should be NAME:VALUE pairs separated by ","');
  return result;
}
