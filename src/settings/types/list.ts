import type { OptionType } from '../option.ts';
import { strip } from '../python-whitespace.ts';
import { pythonListRepr } from './python-repr.ts';

/** oslo.config's list of texts, separated by commas. */
export const list: OptionType<readonly string[]> = {
  expects: 'texts separated by commas',
  parse: splitList,
  referenced: (text) => pythonListRepr(splitList(text)),
};

/** The items of a list: trailing commas do not count, other empty places do; blanks around an item are dropped. */
export function splitList(text: string): readonly string[] {
  const items = trimList(text);
  return items === '' ? [] : items.split(',').map(strip);
}

/** A list without the blanks around it and without its trailing commas. */
export function trimList(text: string): string {
  return strip(text).replace(/(?<!,),+$/, '');
}
