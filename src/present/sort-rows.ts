import { UsageError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { printable } from '../text/printable.ts';
import type { Column, FieldValue } from './column.ts';
import { findColumn } from './select-columns.ts';

interface Keyed<R> {
  readonly row: R;
  readonly value: FieldValue;
}

function isMissing(value: FieldValue): boolean {
  return value === null || Number.isNaN(value);
}

/** Numbers as numbers, all else by the code units of its text: the same order on every machine and in every locale. */
function compareValues(a: FieldValue, b: FieldValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : Number(a > b);
  const [textA, textB] = [String(a), String(b)];
  return textA < textB ? -1 : Number(textA > textB);
}

function splitDirection(name: string): { readonly columnName: string; readonly sign: 1 | -1 } {
  const [columnName = '', direction, ...rest] = name.split(':');
  const wanted = direction?.trim().toLowerCase();
  if (rest.length > 0 || (wanted !== undefined && wanted !== 'asc' && wanted !== 'desc')) {
    throw new UsageError('USAGE', `Cannot sort by '${printable(name)}': the direction is neither asc nor desc`, {
      hint: `Write the column with ":asc" or ":desc" behind it, or with neither: --sort-column ${shellWord(printable(columnName))}:desc`,
      details: { sort_column: name },
    });
  }
  return { columnName, sign: wanted === 'desc' ? -1 : 1 };
}

/**
 * The rows in the order of one column; rows that are equal there keep their order, in both directions. Rows without a
 * value come last in both.
 *
 * @param rows left as they are
 * @param columns all that may be sorted by, shown or not
 * @param name `size`, `size:asc` or `size:desc`; key or title, in any case
 * @throws UsageError `USAGE` for another column or direction
 */
export function sortRows<R>(rows: readonly R[], columns: readonly Column<R>[], name: string): R[] {
  const { columnName, sign } = splitDirection(name);
  const { value, order } = findColumn(columns, columnName);
  if (order !== undefined) return [...rows].sort((a, b) => sign * order(a, b));
  // The value of a row may cost something: it is asked for once per row, not per comparison.
  const keyed: Keyed<R>[] = rows.map((row) => ({ row, value: value(row) }));
  keyed.sort((a, b) => {
    if (isMissing(a.value) || isMissing(b.value)) return Number(isMissing(a.value)) - Number(isMissing(b.value));
    return sign * compareValues(a.value, b.value);
  });
  return keyed.map(({ row }) => row);
}
