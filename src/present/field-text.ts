import { printable } from '../text/printable.ts';
import type { FieldValue } from './column.ts';

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * A field as text, for the formats whose fields are nothing else. Control characters are escaped. A list of texts or
 * numbers is joined by commas, any other list is JSON.
 *
 * @param value the field; null gives an empty text
 */
export function fieldText(value: FieldValue): string {
  if (value === null) return '';
  if (typeof value !== 'object') return printable(String(value));
  return printable(value.every(isPlain) ? value.join(',') : JSON.stringify(value));
}
