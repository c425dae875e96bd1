/**
 * The header `Retry-After`: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */

// The one form in which dates may be sent; Date.parse would take nearly anything, in any zone.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** A date as HTTP writes it, epoch seconds; undefined when it is none. */
export function parseHttpDate(text: string): number | undefined {
  const milliseconds = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/**
 * How long a server wants to be left alone.
 *
 * @param text seconds or a date
 * @param nowSec the time on the clock that the date was made with, epoch seconds; without it dates say nothing
 * @returns seconds, never negative; undefined when the text says nothing
 */
export function parseRetryAfter(text: string, nowSec: number | undefined): number | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Math.min(Number(trimmed), Number.MAX_SAFE_INTEGER);
  const dateSec = parseHttpDate(trimmed);
  return dateSec === undefined || nowSec === undefined ? undefined : Math.max(0, dateSec - nowSec);
}
