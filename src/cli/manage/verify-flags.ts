/**
 * What `verify` can be told.
 */
import type { DataSubset } from '../../plan/data-subset.ts';
import { type OptionType, ValueError } from '../../settings/option.ts';
import { parsePercent } from '../../settings/types/percent.ts';
import type { SwitchFlag, ValueFlag } from '../flag.ts';

/** `--repair`: mends what is found. */
export const REPAIR: SwitchFlag = {
  names: ['--repair'],
  beyondStock: true,
  help: 'Mend what is found: damaged images go to invalid/, a damaged index is set aside and made anew.',
};

/** `--read-data`: looks at the bytes, too. */
export const READ_DATA: SwitchFlag = {
  names: ['--read-data'],
  beyondStock: true,
  help: 'Read all images and compare size and hash with what Glance says of them.',
};

const dataSubset: OptionType<DataSubset> = {
  expects: 'a share such as 10%, drawn by chance, or a group such as 2/7, the second of seven',
  parse(text) {
    const [, number, of] = /^\s*(\d{1,6})\/(\d{1,6})\s*$/.exec(text) ?? [];
    if (number !== undefined && of !== undefined) return groupOf(Number(number), Number(of));
    if (!text.includes('%')) throw new ValueError('is neither a percentage nor a group');
    const value = parsePercent(text);
    if (value === 0) throw new ValueError('is no image at all');
    return { kind: 'percent', percent: value };
  },
};

function groupOf(number: number, of: number): DataSubset {
  if (number === 0) throw new ValueError('is no group: they are counted from 1');
  if (number > of) throw new ValueError(`is no group: there are only ${of}`);
  return { kind: 'group', number, of };
}

/** `--read-data-subset`: looks at the bytes of some. */
export const READ_DATA_SUBSET: ValueFlag<DataSubset> = {
  names: ['--read-data-subset'],
  beyondStock: true,
  metavar: 'SHARE',
  type: dataSubset,
  help: 'The same for some images: a share such as 10%, by chance, or a group such as 2/7, the second of seven.',
};
