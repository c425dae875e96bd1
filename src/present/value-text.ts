import { joinToChunks } from './chunks.ts';
import type { Column } from './column.ts';
import { fieldText } from './field-text.ts';

// Fields are found by counting blanks: a missing one must hold its place.
const MISSING = '-';

/**
 * Rows for shell loops: the fields of a row with one blank between, a line for each row, no headings. A field without
 * a value is `-`. Fields that hold blanks themselves are left as they are; who needs those asks for CSV or JSON.
 *
 * @param rows taken one by one as chunks are asked for
 * @param columns which fields, in this order
 */
export function renderValues<R>(rows: readonly R[], columns: readonly Column<R>[]): Iterable<string> {
  function* renderLines(): Iterable<string> {
    for (const row of rows) yield `${columns.map(({ value }) => fieldText(value(row)) || MISSING).join(' ')}\n`;
  }

  return joinToChunks(renderLines());
}
