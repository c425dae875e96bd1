/**
 * Amounts in the sentences of findings.
 */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size as `3.2 GiB`. */
export function gib(sizeBytes: number): string {
  let amount = Math.max(0, sizeBytes);
  let unit = 0;
  while (amount >= 1023.95 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[unit] ?? 'B'}`;
}

/** A share as `5 %`. */
export function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

const SPANS = [
  { unit: 'd', sec: 86_400 },
  { unit: 'h', sec: 3600 },
  { unit: 'min', sec: 60 },
  { unit: 's', sec: 1 },
] as const;

/** A span, whichever way, as `3 d 5 h` or `40 s`: its two largest units, the rest cut off. */
export function span(seconds: number): string {
  let restSec = Math.round(Math.abs(seconds));
  const first = SPANS.findIndex(({ sec }) => restSec >= sec);
  if (first < 0) return '0 s';
  const parts = SPANS.slice(first, first + 2).flatMap(({ unit, sec }) => {
    const count = Math.floor(restSec / sec);
    restSec %= sec;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.join(' ');
}
