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

/** A span as `3 d`, `5 h`, `12 min` or `40 s`: its largest unit, the rest cut off. */
export function span(seconds: number): string {
  const wholeSec = Math.floor(Math.abs(seconds));
  if (wholeSec >= 86_400) return `${Math.floor(wholeSec / 86_400)} d`;
  if (wholeSec >= 3600) return `${Math.floor(wholeSec / 3600)} h`;
  return wholeSec >= 60 ? `${Math.floor(wholeSec / 60)} min` : `${wholeSec} s`;
}
