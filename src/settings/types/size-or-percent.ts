import type { OptionType } from '../option.ts';
import { parseByteSize } from './byte-size.ts';
import { parsePercent } from './percent.ts';

/** An amount of space: so many bytes, or a share of the whole. */
export type SizeOrPercent =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** An amount of space such as `20GiB` or `10%`. */
export const sizeOrPercent: OptionType<SizeOrPercent> = {
  expects: 'a size such as 20GiB, or a percentage such as 10%',
  parse: (text) =>
    text.includes('%')
      ? { kind: 'percent', percent: parsePercent(text) }
      : { kind: 'bytes', bytes: parseByteSize(text) },
};
