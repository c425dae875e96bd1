/**
 * A report on a terminal: what was done in a sentence or two, and the items as a table.
 */
import type { ReportItem } from '../../use-cases/report.ts';
import type { Column } from '../column.ts';
import { renderListTable } from '../list-table.ts';
import { ITEM_COLUMNS } from './item-columns.ts';

/**
 * The text of a report for people.
 *
 * @param sentences what was done, without line feeds
 * @param items what it was done to; columns that say nothing about any of them are left out
 */
export function* renderReportText(sentences: readonly string[], items: readonly ReportItem[]): Iterable<string> {
  for (const sentence of sentences) yield `${sentence}\n`;
  if (items.length > 0)
    yield* renderListTable(
      items,
      ITEM_COLUMNS.filter((column) => saysSomething(column, items)),
    );
}

function saysSomething(column: Column<ReportItem>, items: readonly ReportItem[]): boolean {
  return items.some((item) => column.text(item) !== '');
}
