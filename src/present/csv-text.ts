import { stringify } from 'csv-stringify/sync';
import { inBatches, joinToChunks } from './chunks.ts';
import type { Column } from './column.ts';
import { fieldText } from './field-text.ts';

/**
 * Rows as CSV: a line of keys, then a line for each row, quoted by RFC 4180 where a field needs it, ended by line
 * feeds. Null is an empty field. Fields are not changed for spreadsheets that take `=` for a formula: scripts read
 * this. Import this file lazily, for the package behind it.
 *
 * @param rows taken one by one as chunks are asked for
 * @param columns their keys are the first line
 */
export function renderCsv<R>(rows: readonly R[], columns: readonly Column<R>[]): Iterable<string> {
  const render = (lines: readonly (readonly string[])[]): string =>
    stringify(
      lines.map((fields) => [...fields]),
      { record_delimiter: '\n' },
    );

  function* renderLines(): Iterable<string> {
    yield render([columns.map(({ key }) => key)]);
    for (const batch of inBatches(rows)) {
      yield render(batch.map((row) => columns.map(({ value }) => fieldText(value(row)))));
    }
  }

  return joinToChunks(renderLines());
}
