import { type OptionType, ValueError } from '../option.ts';

const AMOUNT = /^\s*(\d+)(?:\.(\d+))?\s*(?:([kmgtp])(i?b)?|b|bytes)?\s*$/i;

const POWERS = 'kmgtp';

/** A size such as `80GiB`, `1.5T` or `4096`; the value is in bytes. */
export const byteSize: OptionType<number> = {
  expects: 'a number of bytes, or a size such as 80GiB',
  parse: parseByteSize,
};

/**
 * The bytes a size stands for, such as `80GiB`, `1.5T` or `4096`. K, M, G, T and P count in steps of 1024, with or
 * without `iB`, as in qemu-img and the coreutils; KB, MB, GB, TB and PB in steps of 1000. Part of a byte behind a unit,
 * as in `1.1GiB`, is dropped.
 *
 * @throws ValueError when it is no size, is a part of a byte, or is more than can be counted
 */
export function parseByteSize(text: string): number {
  const match = AMOUNT.exec(text);
  if (match === null) throw notASize(text);
  const [, whole = '', fraction = '', prefix, suffix] = match;
  const power = prefix === undefined ? 0 : POWERS.indexOf(prefix.toLowerCase()) + 1;
  const unit = (suffix?.toLowerCase() === 'b' ? 1000n : 1024n) ** BigInt(power);
  // In integers throughout: 1.1 has no exact binary form, and a size must not depend on rounding.
  const scaled = BigInt(whole + fraction) * unit;
  const divisor = 10n ** BigInt(fraction.length);
  const bytes = scaled / divisor;
  if (scaled % divisor !== 0n && (power === 0 || bytes === 0n)) throw new ValueError('is a fraction of a byte');
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER))
    throw new ValueError('is more than 8 PiB, the largest size that can be counted');
  return Number(bytes);
}

function notASize(text: string): ValueError {
  if (/^\s*-/.test(text)) return new ValueError('is negative');
  if (text.trim() === '') return new ValueError('is empty');
  if (/^\s*\d+,\d+/.test(text))
    return new ValueError('is not a size', 'Write a point before the fraction, and nothing between thousands');
  return new ValueError('is not a size');
}
