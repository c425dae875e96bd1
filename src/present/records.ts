import type { Column, FieldValue } from './column.ts';
import { renderJsonArray } from './json-text.ts';
import { renderListTable } from './list-table.ts';
import type { OutputFormat } from './output-format.ts';

/**
 * Lists in every format. The packages that a format needs are loaded with it: a plain list loads none. Text is made
 * chunk by chunk, so that memory stays flat however long the list.
 */

/** The fields of a row, by the keys of the columns. */
function recordOf<R>(row: R, columns: readonly Column<R>[]): Readonly<Record<string, FieldValue>> {
  return Object.fromEntries(columns.map(({ key, value }) => [key, value(row)]));
}

/** The fields of rows, made one by one as they are asked for. */
export function* recordsOf<R>(rows: readonly R[], columns: readonly Column<R>[]): Iterable<object> {
  for (const row of rows) yield recordOf(row, columns);
}

/**
 * A list as text.
 *
 * @param rows in the order to show
 * @param columns in the order to show, at least one; see `selectColumns`
 * @param format `table` as the stock tool prints it; `json` and `yaml` an array of objects by key; `csv` and `value`
 *   see `renderCsv` and `renderValues`
 * @returns chunks of whole lines, to be written as they are
 */
export async function renderRecords<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  format: OutputFormat,
): Promise<Iterable<string>> {
  switch (format) {
    case 'table':
      return renderListTable(rows, columns);
    case 'json':
      return renderJsonArray(recordsOf(rows, columns));
    case 'yaml': {
      const { renderYamlArray } = await import('./yaml-text.ts');
      return renderYamlArray(recordsOf(rows, columns));
    }
    case 'csv': {
      const { renderCsv } = await import('./csv-text.ts');
      return renderCsv(rows, columns);
    }
    case 'value': {
      const { renderValues } = await import('./value-text.ts');
      return renderValues(rows, columns);
    }
  }
}
