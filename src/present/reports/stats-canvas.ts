/**
 * What the picture of a cache is drawn on.
 */
import type { BarLook } from '../bar.ts';
import { type FlowSpace, flow, type Piece } from '../flow.ts';
import { padToWidth } from '../text-width.ts';
import type { StatsStyle } from './stats-columns.ts';

/** How wide a picture may be, and how it looks. */
export interface Canvas {
  /** That a line may take. */
  readonly columns: number;
  readonly look: BarLook;
  readonly style: StatsStyle;
  /** Whether a table leaves out columns that do not fit: on a terminal its lines would wrap. */
  readonly isScreen: boolean;
}

/** What labels take. */
export const LABEL_COLUMNS = 13;

/** Narrower, a picture leaves out what is not needed to understand it. */
export const ROOMY_COLUMNS = 60;

/** A wider bar says no more. */
const MOST_BAR = 100;

/** A narrower bar says nothing. */
const LEAST_BAR = 12;

/** A labelled text; a string is a piece without colour. */
export function labelled(label: string, pieces: readonly (Piece | string)[], canvas: Canvas): readonly string[] {
  const space: FlowSpace = {
    columns: canvas.columns,
    indent: LABEL_COLUMNS,
    ellipsis: canvas.look.glyphs.ellipsis,
  };
  return flow(
    label,
    pieces.map((piece) => (typeof piece === 'string' ? { text: piece } : piece)),
    space,
  );
}

/** Texts behind a head of their own, a little to the right; what does not fit stands below. */
export function sublisted(head: string, texts: readonly string[], { columns, look }: Canvas): readonly string[] {
  const space = { columns, indent: 4, ellipsis: look.glyphs.ellipsis };
  return flow(
    `  ${head}`,
    texts.map((text) => ({ text })),
    space,
  );
}

/**
 * A labelled bar with a caption behind it, or below where there is little room.
 *
 * @param draw draws the bar in so many columns
 * @param caption plain; what it takes is kept free whatever it says
 */
export function barLines(
  label: string,
  draw: (columns: number) => string,
  caption: Piece & { readonly columns: number },
  canvas: Canvas,
): readonly string[] {
  const head = padToWidth(label, LABEL_COLUMNS);
  const paint = caption.paint ?? ((text: string) => text);
  const beside = canvas.columns - LABEL_COLUMNS - 2 - caption.columns;
  if (beside >= LEAST_BAR) return [`${head}${draw(Math.min(MOST_BAR, beside))}  ${paint(caption.text)}`.trimEnd()];
  return [
    `${head}${draw(Math.min(MOST_BAR, canvas.columns - LABEL_COLUMNS))}`.trimEnd(),
    ...labelled('', [{ text: caption.text.trim(), paint }], canvas),
  ];
}
