/**
 * Writes `asctime` of a log record, in local time. The package strftime is loaded only for a format of one's own:
 * a run with the default format must not pay for it.
 */

/** Writes a moment as text, in local time, whole seconds. */
export type Timestamp = (time: Date) => string;

/** oslo.log's default of `log_date_format`. */
export const DEFAULT_DATE_FORMAT = '%Y-%m-%d %H:%M:%S';

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

function defaultTimestamp(time: Date): string {
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/**
 * The writer of timestamps for a `log_date_format`.
 *
 * @param dateFormat a format of strftime; oslo.log's default when left out
 */
export async function createTimestamp(dateFormat: string = DEFAULT_DATE_FORMAT): Promise<Timestamp> {
  if (dateFormat === DEFAULT_DATE_FORMAT) return defaultTimestamp;
  const { default: strftime } = await import('strftime');
  return (time) => strftime(dateFormat, time);
}
