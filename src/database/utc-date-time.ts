/**
 * Date-times as Glance stores them: texts in UTC that do not say so. No local time zone has a part in it.
 */

const FORM = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/;

/** The last second of the year 9999, the last that a DATETIME of MySQL's and Python can be. */
const LAST_SEC = 253_402_300_799;

const MICROS = 1_000_000;

/**
 * The text of a time.
 *
 * @param timeSec epoch seconds; what is before 1970 becomes its beginning, what is after 9999 its end
 * @returns such as `2026-01-31 07:30:00.250000`
 */
export function toDateTime(timeSec: number): string {
  const inRange = Math.min(Math.max(Number.isFinite(timeSec) ? timeSec : 0, 0), LAST_SEC);
  const micros = Math.round((inRange % 1) * MICROS);
  const wholeSec = Math.floor(inRange) + (micros === MICROS ? 1 : 0);
  const text = new Date(wholeSec * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${text}.${String(micros % MICROS).padStart(6, '0')}`;
}

/**
 * The time of a text.
 *
 * @param text with or without a fraction, with a space or a `T`
 * @returns epoch seconds, negative before 1970; undefined for what is no date-time, such as MySQL's `0000-00-00 00:00:00`
 */
export function fromDateTime(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const [matched, ...parts] = FORM.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const whole = `${parts.slice(0, 3).join('-')}T${parts.slice(3, 6).join(':')}`;
  const timeMs = Date.parse(`${whole}Z`);
  // Node reads the 31st of February as a day in March.
  if (Number.isNaN(timeMs) || new Date(timeMs).toISOString().slice(0, 19) !== whole) return undefined;
  return timeMs / 1000 + Number(`0.${parts[6] ?? '0'}`);
}
