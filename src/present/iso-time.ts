/**
 * Times as the stock tools print them: what Python's `utcfromtimestamp(x).isoformat()` gives, to the last digit.
 */

/** What stands where there is no time, or none that Python could print. */
export const NO_TIME = 'N/A';

// 0001-01-01T00:00:00 and 9999-12-31T23:59:59: Python knows no other years.
const FIRST_SEC = -62135596800;
const LAST_SEC = 253402300799;

/** Rounds as CPython does: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * A time as `2026-11-20T23:31:02.734325`, in UTC without a suffix; the fraction is left out where it is zero.
 *
 * @param epochSec seconds since the epoch
 * @returns the text, or `N/A` where the time is no number or outside the years 1 to 9999
 */
export function isoTime(epochSec: number): string {
  let sec = Math.trunc(epochSec);
  // The product is rounded, not the decimal digits of the number: so does CPython, and the last digit depends on it.
  let micros = roundHalfEven((epochSec - sec) * 1e6);
  if (micros >= 1e6) {
    micros -= 1e6;
    sec += 1;
  } else if (micros < 0) {
    micros += 1e6;
    sec -= 1;
  }
  if (!(sec >= FIRST_SEC && sec <= LAST_SEC)) return NO_TIME;
  const day = Math.floor(sec / DAY_SEC);
  const inDay = sec - day * DAY_SEC;
  const minutes = Math.floor(inDay / 60);
  const toTheSecond = `${dayText(day)}${clock(Math.floor(minutes / 60))}:${clock(minutes % 60)}:${clock(inDay % 60)}`;
  return micros === 0 ? toTheSecond : `${toTheSecond}.${String(micros).padStart(6, '0')}`;
}

const DAY_SEC = 86_400;

// A date costs more than all else of a long list, which has many times and few days.
const days = new Map<number, string>();
const DAYS_KEPT = 10_000;

/** A day, counted from the epoch, as `2026-11-20T`. */
function dayText(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * DAY_SEC * 1000).toISOString().slice(0, 11);
  if (days.size === DAYS_KEPT) days.clear();
  days.set(day, text);
  return text;
}

const CLOCK = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** A number below 60 in two digits. */
function clock(value: number): string {
  return CLOCK[value] ?? '';
}
