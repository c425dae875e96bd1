/**
 * A report on a terminal: what was done in a sentence or two, and the items as a table.
 */
import type { Column } from '../column.ts';
import { renderListTable } from '../list-table.ts';

/** A report for people. */
export interface ReportText<I> {
  /** What was done, without line feeds. */
  readonly sentences: readonly string[];
  /** What it was done to. */
  readonly items: readonly I[];
  /** Those that say nothing about any of the items are left out. */
  readonly columns: readonly Column<I>[];
}

/** The text of a report for people. */
export function* renderReportText<I>({ sentences, items, columns }: ReportText<I>): Iterable<string> {
  for (const sentence of sentences) yield `${sentence}\n`;
  if (items.length > 0) yield* renderListTable(items, columns, { dropEmpty: true });
}
