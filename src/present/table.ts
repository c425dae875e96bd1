import { printable } from '../text/printable.ts';
import type { Alignment } from './column.ts';
import { loadPaint } from './paint.ts';

/**
 * Small tables without lines, for settings and summaries. For long lists there is `renderListTable`.
 */

/** A table of texts. */
export interface SmallTable {
  /** Headings; none when empty. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Per column; left where it says nothing. */
  readonly align?: readonly Alignment[];
  readonly color: boolean;
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/**
 * A table with aligned columns, two blanks between them and none at the ends of lines. Control characters in cells
 * are escaped.
 *
 * @returns its lines, or an empty text where there is nothing to show
 */
export async function renderTable(table: SmallTable): Promise<string> {
  if (table.head.length === 0 && table.rows.length === 0) return '';
  const { default: CliTable } = await import('cli-table3');
  const paint = await loadPaint(table.color);
  const cliTable = new CliTable({
    head: table.head.map((title) => paint.heading(printable(title))),
    colAligns: [...(table.align ?? [])],
    chars: NO_LINES,
    // Without these cli-table3 colours headings and lines by its own taste.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of table.rows) cliTable.push(row.map(printable));
  // The look back makes each run of blanks be tried once, not once for each of its blanks: a value may be very long.
  return `${cliTable.toString().replaceAll(/(?<! ) +$/gm, '')}\n`;
}
