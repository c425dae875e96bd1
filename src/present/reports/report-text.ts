/**
 * A report on a terminal: what was done in a sentence or two, and the items as a table.
 */
import type { ReportItem } from '../../use-cases/report.ts';
import type { Column } from '../column.ts';
import { renderListTable } from '../list-table.ts';

/** A report for people. */
export interface ReportText {
  /** What was done, without line feeds. */
  readonly sentences: readonly string[];
  /** What it was done to. */
  readonly items: readonly ReportItem[];
  /** Those that say nothing about any of the items are left out. */
  readonly columns: readonly Column<ReportItem>[];
}

/** The text of a report for people. */
export function* renderReportText({ sentences, items, columns }: ReportText): Iterable<string> {
  for (const sentence of sentences) yield `${sentence}\n`;
  if (items.length > 0)
    yield* renderListTable(
      items,
      columns.filter((column) => saysSomething(column, items)),
    );
}

function saysSomething(column: Column<ReportItem>, items: readonly ReportItem[]): boolean {
  return items.some((item) => column.text(item) !== '');
}
