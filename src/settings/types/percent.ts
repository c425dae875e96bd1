import { type OptionType, ValueError } from '../option.ts';

/** A share of 100, such as `80%`; the value is 80. The sign is required: a bare 0.8 might mean 80 % or less than one. */
export const percent: OptionType<number> = {
  expects: 'a percentage from 0% to 100%, such as 80%',
  parse: parsePercent,
};

/**
 * The number before the percent sign.
 *
 * @throws ValueError when there is no sign, no number, or it is not between 0 and 100
 */
export function parsePercent(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text);
  if (match === null) throw new ValueError(/^\s*-/.test(text) ? 'is negative' : 'is not a percentage');
  const [, digits = '', sign] = match;
  const value = Number(digits);
  if (sign !== '%') throw new ValueError('has no percent sign', `Write ${percentMeant(digits, value)}`);
  if (value > 100) throw new ValueError('is more than 100%');
  return value;
}

function percentMeant(digits: string, value: number): string {
  if (value === 0 || value >= 1) return `${digits}%`;
  return `${Number((value * 100).toFixed(6))}% if a share of ${digits} is meant`;
}
