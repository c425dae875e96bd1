/**
 * What Python calls whitespace, which is what decides where a line of a configuration file ends and a value begins.
 * JavaScript's trim() removes U+FEFF, which Python keeps, and keeps U+001C to U+001F and U+0085, which Python removes.
 */

const BLANK = '\\t\\n\\v\\f\\r\\u001c-\\u001f \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${BLANK}]+`, 'u');
const ONE = new RegExp(`[${BLANK}]`, 'u');

/** A text without the whitespace at its start, as Python's `lstrip()` returns it. */
export function stripStart(text: string): string {
  return text.replace(LEADING, '');
}

/** A text without the whitespace at its end, as Python's `rstrip()` returns it. */
export function stripEnd(text: string): string {
  let end = text.length;
  // Not a pattern anchored at the end: that tries anew at every blank and takes quadratic time on a line of blanks.
  while (end > 0 && ONE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** A text without the whitespace around it, as Python's `strip()` returns it. */
export function strip(text: string): string {
  return stripStart(stripEnd(text));
}
