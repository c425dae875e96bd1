import { printable } from '../text/printable.ts';
import { joinToChunks } from './chunks.ts';
import type { Alignment, TableColumn } from './column.ts';

/**
 * The tables of the stock tool, byte for byte: the layout of Python's PrettyTable. Lists may be long: rows are looked
 * at twice, once for the widths and once for the text, and no more than a chunk of text is held.
 */

/** A longer cell sticks out of its column: one name that is made for it must not widen a million rows. */
const WIDEST = 1000;

// The second half of a surrogate pair takes no place of its own.
const SECOND_HALF = /[\udc00-\udfff]/g;

function widthOf(text: string): number {
  const secondHalves = text.match(SECOND_HALF);
  return secondHalves === null ? text.length : text.length - secondHalves.length;
}

function pad(text: string, width: number, align: Alignment): string {
  const textWidth = widthOf(text);
  const excess = width - textWidth;
  if (excess <= 0) return text;
  if (align === 'left') return text + ' '.repeat(excess);
  if (align === 'right') return ' '.repeat(excess) + text;
  // PrettyTable puts the odd blank on the right of a text of odd length, on the left of others.
  const right = Math.floor(excess / 2) + (excess % 2 === 1 && textWidth % 2 === 1 ? 1 : 0);
  return ' '.repeat(excess - right) + text + ' '.repeat(right);
}

function widthsOf<R>(rows: readonly R[], columns: readonly TableColumn<R>[]): readonly number[] {
  return columns.map(({ title, text }) => {
    let width = widthOf(printable(title));
    for (const row of rows) width = Math.max(width, widthOf(printable(text(row))));
    return Math.min(width, WIDEST);
  });
}

function renderLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function* renderLines<R>(rows: readonly R[], columns: readonly TableColumn<R>[]): Iterable<string> {
  const widths = widthsOf(rows, columns);
  const sized = columns.map((column, index) => ({ ...column, width: widths[index] ?? 0 }));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  yield rule;
  yield renderLine(sized.map(({ title, width, align }) => pad(printable(title), width, align)));
  yield rule;
  for (const row of rows) {
    yield renderLine(sized.map(({ text, width, align }) => pad(printable(text(row)), width, align)));
  }
  yield rule;
}

/**
 * A list as the stock tool prints it. Control characters in cells are escaped; a cell is always one line.
 *
 * @param rows what to list, in this order
 * @param columns at least one
 * @returns chunks of text, each of whole lines
 */
export function renderListTable<R>(rows: readonly R[], columns: readonly TableColumn<R>[]): Iterable<string> {
  return joinToChunks(renderLines(rows, columns));
}
