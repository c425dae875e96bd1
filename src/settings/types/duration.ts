import { type OptionType, ValueError } from '../option.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A hundred years. Beyond it, somebody has given milliseconds or a date. */
const LONGEST = 100 * 365.25 * 86_400;

/** A length of time such as `30d`, `12h`, `90m`, `45s`, `1w` or plain seconds; the value is in seconds. */
export const duration: OptionType<number> = {
  expects: 'a number of seconds, or a number with s, m (minutes), h, d or w, such as 30d',
  parse: parseDuration,
};

/**
 * The seconds a length of time stands for.
 *
 * @throws ValueError when it is none, is negative, has a fraction, or is longer than a hundred years
 */
export function parseDuration(text: string): number {
  const match = /^\s*(\d+)\s*([smhdw]?)\s*$/i.exec(text);
  if (match === null) throw notADuration(text);
  const [, digits = '', unit = ''] = match;
  const seconds = Number(digits) * (SECONDS[unit.toLowerCase()] ?? 1);
  if (seconds > LONGEST) throw new ValueError('is longer than a hundred years');
  return seconds;
}

function notADuration(text: string): ValueError {
  if (/^\s*-/.test(text)) return new ValueError('is negative');
  if (text.trim() === '') return new ValueError('is empty');
  if (/^\s*\d*[.,]\d+/.test(text)) return new ValueError('has a fraction', 'Write a whole number of a smaller unit');
  return new ValueError('is not a length of time');
}
