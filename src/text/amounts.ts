/**
 * Amounts for people. Scripts get plain numbers instead.
 */

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

const TIME_UNITS = [
  { unit: 'd', sec: 86400 },
  { unit: 'h', sec: 3600 },
  { unit: 'min', sec: 60 },
  { unit: 's', sec: 1 },
] as const;

/** How sizes are written: rounded for people at a terminal, exact where a file or a program reads along. */
export type SizeText = (sizeBytes: number) => string;

/** A size as `3435973836 B`. */
export function exactSize(sizeBytes: number): string {
  return `${sizeBytes} B`;
}

/**
 * A size as `3.2 GiB`: powers of 1024, one decimal, whole bytes below 1 KiB.
 *
 * @param sizeBytes may be negative, as a difference is
 */
export function humanSize(sizeBytes: number): string {
  let amount = Math.abs(sizeBytes);
  let unit = 0;
  // 1023.95 KiB would be shown as 1024.0 KiB: the next unit begins where the rounding does.
  while (amount >= (unit === 0 ? 1024 : 1023.95) && unit < SIZE_UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const sign = sizeBytes < 0 ? '-' : '';
  return `${sign}${unit === 0 ? Math.trunc(amount) : amount.toFixed(1)} ${SIZE_UNITS[unit] ?? 'B'}`;
}

/**
 * A duration or an age as `2 d 3 h`: its two largest units, the rest cut off; `0 s` for less than a second and for
 * what lies in the future.
 *
 * @param durationSec seconds
 */
export function humanDuration(durationSec: number): string {
  const wholeSec = Math.max(0, Math.floor(durationSec));
  const first = TIME_UNITS.findIndex(({ sec }) => wholeSec >= sec);
  if (first < 0) return '0 s';
  let restSec = wholeSec;
  const parts: string[] = [];
  for (const { unit, sec } of TIME_UNITS.slice(first, first + 2)) {
    const count = Math.floor(restSec / sec);
    restSec %= sec;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

/** A share of a whole as `5 %`, rounded. */
export function humanShare(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

/**
 * A count with its noun: `1 image`, `2 images`.
 *
 * @param count how many
 * @param singular the noun for one
 * @param plural the noun for any other count, where an `s` does not make it
 */
export function countOf(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}
