import { printable } from '../text/printable.ts';
import { joinToChunks } from './chunks.ts';
import type { Alignment, TableColumn } from './column.ts';

/**
 * The tables of the stock tool, byte for byte: the layout of Python's PrettyTable. Lists may be long: rows are looked
 * at twice, once for the widths and once for the text, and no more than a chunk of text is held.
 */

/** A longer cell sticks out of its column: one name that is made for it must not widen a million rows. */
const WIDEST = 1000;

/** What a cell shows as it is, and what takes one place per character: tried first, as nearly every cell is like that. */
const PLAIN = /^[\x20-\x7e]*$/;

// The second half of a surrogate pair takes no place of its own.
const SECOND_HALF = /[\udc00-\udfff]/g;

function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
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

/** A column as wide as its cells need. */
interface SizedColumn<R> extends TableColumn<R> {
  readonly width: number;
  /** Whether every cell is shown as it is: what is known of all cells is not to be asked of each of them once more. */
  readonly isPlain: boolean;
}

/** One look at each row, for all columns: whatever makes a row when it is asked for makes it once. */
function sized<R>(
  rows: Iterable<R>,
  columns: readonly TableColumn<R>[],
  isDropped: boolean,
): readonly SizedColumn<R>[] {
  const widths = columns.map(() => 0);
  const arePlain = columns.map(() => true);
  for (const row of rows) {
    for (const [place, { text }] of columns.entries()) {
      const cell = text(row);
      const isPlain = PLAIN.test(cell);
      const width = isPlain ? cell.length : widthOf(printable(cell));
      if (!isPlain) arePlain[place] = false;
      if (width > (widths[place] ?? 0)) widths[place] = width;
    }
  }
  return columns.flatMap((column, place) => {
    const width = widths[place] ?? 0;
    if (isDropped && width === 0) return [];
    const titleWidth = widthOf(printable(column.title));
    return { ...column, width: Math.min(Math.max(width, titleWidth), WIDEST), isPlain: arePlain[place] ?? false };
  });
}

function renderLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function renderCell<R>({ text, width, align, isPlain }: SizedColumn<R>, row: R): string {
  const cell = text(row);
  return pad(isPlain ? cell : printable(cell), width, align);
}

function* renderLines<R>(rows: Iterable<R>, columns: readonly SizedColumn<R>[]): Iterable<string> {
  const rule = `+${columns.map(({ width }) => '-'.repeat(width + 2)).join('+')}+\n`;
  yield rule;
  yield renderLine(columns.map(({ title, width, align }) => pad(printable(title), width, align)));
  yield rule;
  for (const row of rows) yield renderLine(columns.map((column) => renderCell(column, row)));
  yield rule;
}

/**
 * A list as the stock tool prints it. Control characters in cells are escaped; a cell is always one line.
 *
 * @param rows what to list, in this order
 * @param columns at least one
 * @param options `dropEmpty` leaves out the columns that have nothing to say about any row
 * @returns chunks of text, each of whole lines
 */
export function renderListTable<R>(
  rows: Iterable<R>,
  columns: readonly TableColumn<R>[],
  options: { readonly dropEmpty?: boolean } = {},
): Iterable<string> {
  return joinToChunks(renderLines(rows, sized(rows, columns, options.dropEmpty === true)));
}
