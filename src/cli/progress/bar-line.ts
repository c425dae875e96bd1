/**
 * A line of progress in the columns that there are: the narrower the terminal, the fewer fields, and each field at its
 * place whatever it says, so that lines stand under each other. A line never takes the last column.
 */
import { type BarLook, drawBar } from '../../present/bar.ts';
import type { BarGlyphs } from '../../present/bar-glyphs.ts';
import type { Paint } from '../../present/paint.ts';
import { cutToWidth, padToWidth, textWidth } from '../../present/text-width.ts';

/** What a line says. */
export interface BarFields {
  /** What it is about, in fuller and shorter words: the first that fits is shown. Harmless to a terminal. */
  readonly labels: readonly string[];
  /** How much is done, from 0 to 1; undefined where nobody knows of how much. */
  readonly ratio: number | undefined;
  /** Such as `1.2/1.9 GiB`. */
  readonly bytes: string;
  /** Such as `210.4 MiB/s`; may be empty. */
  readonly rate: string;
  /** The time left, such as `3 min 12 s`; may be empty. */
  readonly left: string;
  /** What is going on instead of progress: stands where rate and time left are. */
  readonly note?: { readonly text: string; readonly isTrouble: boolean } | undefined;
  /** Whether it sums up the other lines. */
  readonly isTotal: boolean;
}

type Cell = 'percent' | 'bytes' | 'rate' | 'left';

/** What a cell takes but for rare texts; those take the room of the bar. */
const CELL_COLUMNS: Readonly<Record<Cell, number>> = { percent: 4, bytes: 17, rate: 11, left: 11 };

const CELL_GAP = '  ';

interface Layout {
  readonly label: number;
  /** With what is around it; 0 for none. */
  readonly bar: number;
  /** Behind the bar. */
  readonly cells: readonly Cell[];
}

/** From the one that says most, with its least widths. */
const LAYOUTS: readonly Layout[] = [
  { label: 16, bar: 10, cells: ['percent', 'bytes', 'rate', 'left'] },
  { label: 12, bar: 8, cells: ['percent', 'rate', 'left'] },
  { label: 12, bar: 8, cells: ['percent', 'left'] },
  { label: 10, bar: 0, cells: ['percent', 'left'] },
  { label: 0, bar: 0, cells: ['percent'] },
];

/** The length of an image ID: what is wider does not read better. */
const MOST_LABEL = 36;
const MOST_BAR = 40;

/**
 * The text of a line, without a line feed.
 *
 * @param columns of the terminal
 */
export function barLine(fields: BarFields, columns: number, { glyphs, paint }: BarLook): string {
  // A character in the last column makes some terminals begin a new line.
  const usable = Math.max(0, columns - 1);
  const layout = fitLayout(usable);
  const cells = cellsOf(fields, layout).join(CELL_GAP);
  const plannedWidth = Math.min(usable, widthOf(layout));
  const labelWidth = Math.max(0, Math.min(layout.label, plannedWidth - cells.length - 1));
  const barWidth = layout.bar === 0 ? 0 : Math.max(0, plannedWidth - labelWidth - cells.length - 2);
  const label = padToWidth(chooseLabel(fields.labels, labelWidth, glyphs), labelWidth);
  const parts = [
    fields.isTotal ? paint.heading(label) : label,
    layout.bar === 0 ? undefined : barText(fields.ratio, barWidth, { glyphs, paint }),
    paintNote(cutToWidth(cells, usable, glyphs.ellipsis), fields, paint),
  ];
  return parts
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
    .trimEnd();
}

/** The layout that says most in the columns there are, its spare columns shared between label and bar. */
function fitLayout(usable: number): Layout {
  const layout = LAYOUTS.find((candidate) => widthOf(candidate) <= usable) ?? LAYOUTS.at(-1);
  if (layout === undefined) throw new TypeError('There is no layout');
  const spare = Math.max(0, usable - widthOf(layout));
  if (layout.bar === 0) return { ...layout, label: Math.min(MOST_LABEL, layout.label + spare) };
  const label = Math.min(MOST_LABEL, layout.label + Math.ceil(spare / 2));
  return { ...layout, label, bar: Math.min(MOST_BAR, layout.bar + spare - (label - layout.label)) };
}

function widthOf({ label, bar, cells }: Layout): number {
  const cellWidth = cells.reduce((sum, cell) => sum + CELL_COLUMNS[cell], CELL_GAP.length * (cells.length - 1));
  return label + 1 + (bar === 0 ? 0 : bar + 1) + cellWidth;
}

/** The texts behind the bar, each as wide as its place. */
function cellsOf(fields: BarFields, { cells }: Layout): readonly string[] {
  const { note } = fields;
  const texts = cells.map((cell) => textOf(fields, cell, cells).padStart(CELL_COLUMNS[cell]));
  if (note === undefined) return texts;
  // In the narrowest line a note says more than a number.
  const kept = cells.length === 1 ? 0 : cells.findIndex((cell) => cell === 'rate' || cell === 'left');
  return [...texts.slice(0, kept), note.text.padStart(texts.slice(kept).join(CELL_GAP).length)];
}

function textOf({ ratio, bytes, rate, left }: BarFields, cell: Cell, cells: readonly Cell[]): string {
  switch (cell) {
    case 'percent':
      if (ratio !== undefined) return `${Math.floor(ratio * 100)}%`;
      // Of what has no end the bytes are all there is to tell.
      return cells.includes('bytes') ? '' : bytes;
    case 'bytes':
      return bytes;
    case 'rate':
      return rate;
    case 'left':
      return left;
  }
}

function chooseLabel(labels: readonly string[], columns: number, { ellipsis, isAscii }: BarGlyphs): string {
  const shown = isAscii ? labels.map((label) => label.replace(/[^ -~]/gu, '?')) : labels;
  return shown.find((label) => textWidth(label) <= columns) ?? cutToWidth(shown.at(-1) ?? '', columns, ellipsis);
}

/** A bar, or its place where there is nothing to show. */
function barText(ratio: number | undefined, columns: number, look: BarLook): string {
  if (ratio === undefined) return ' '.repeat(columns);
  return drawBar([{ share: ratio, of: 'own', paint: look.paint.good, isAlwaysSeen: false }], columns, look);
}

/** The note is at the very end. */
function paintNote(cells: string, { note }: BarFields, paint: Paint): string {
  if (note === undefined || !cells.endsWith(note.text)) return cells;
  const before = cells.slice(0, cells.length - note.text.length);
  return before + (note.isTrouble ? paint.warning(note.text) : paint.quiet(note.text));
}
