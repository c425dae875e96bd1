/**
 * Text that flows into the columns there are, beside a label: words of a sentence, and pieces that belong together.
 */
import { cutToWidth, padToWidth, textWidth } from './text-width.ts';

/** A piece of text; it goes to the next line as a whole, and is broken between words only where it is too long for one. */
export interface Piece {
  /** Harmless to a terminal, in one line. */
  readonly text: string;
  /** Colours what is shown of it. */
  readonly paint?: Paint;
  /** Blanks between it and a piece before it on the same line; 2 unless given. */
  readonly gap?: number;
}

/** Where text flows. */
export interface FlowSpace {
  /** That a line may take. */
  readonly columns: number;
  /** Where the text begins, right of the label. */
  readonly indent: number;
  /** Stands where something was cut off: one word may be longer than a line. */
  readonly ellipsis: string;
}

const USUAL_GAP = 2;

/** A word that does not fit beside the label stands below it, as a sub-item would. */
const LEAST_INDENT = 2;

/**
 * Lines with a label and the pieces beside and below it.
 *
 * @param label plain; empty for none. Where it reaches into the text the first piece follows it
 * @returns lines without line feeds, none wider than there are columns, and none with blanks at its end
 */
export function flow(label: string, pieces: readonly Piece[], space: FlowSpace): readonly string[] {
  const lines = new Lines(label, space);
  for (const { text, paint = same, gap = USUAL_GAP } of pieces) {
    const words = textWidth(text) <= space.columns - space.indent ? [text] : text.split(' ');
    for (const [at, word] of words.entries()) lines.put(word, at === 0 ? gap : 1, paint);
  }
  return lines.done();
}

/** Pieces of a list, with commas between. */
export function listed(texts: readonly string[]): readonly Piece[] {
  return texts.map((text, at) => ({ text: at < texts.length - 1 ? `${text},` : text, gap: 1 }));
}

type Paint = (text: string) => string;

function same(text: string): string {
  return text;
}

class Lines {
  readonly #space: FlowSpace;
  readonly #done: string[] = [];
  /** What of the line is painted already, and what follows it, to be painted as one. */
  #line: string;
  #run = '';
  #paint = same;
  #width: number;
  /** Whether nothing but the label stands on the line so far. */
  #isFresh: boolean;

  constructor(label: string, space: FlowSpace) {
    this.#space = space;
    const shown = cutToWidth(label, space.columns, space.ellipsis);
    this.#line = padToWidth(shown, Math.min(space.indent, space.columns));
    this.#width = textWidth(this.#line);
    this.#isFresh = textWidth(shown) < space.indent || label === '';
  }

  put(text: string, gap: number, paint: Paint): void {
    const { columns, indent, ellipsis } = this.#space;
    const width = textWidth(text);
    const before = this.#isFresh ? 0 : gap;
    if (this.#width + before + width > columns) {
      if (!this.#isFresh || this.#line.trim() !== '') this.#end();
      // It may be too wide even for a line of its own beside the label.
      this.#begin(indent + width > columns ? Math.min(LEAST_INDENT, indent) : indent);
    } else if (before > 0) this.#add(' '.repeat(before), before, paint);
    const shown = cutToWidth(text, columns - this.#width, ellipsis);
    this.#add(shown, textWidth(shown), paint);
    this.#isFresh = false;
  }

  done(): readonly string[] {
    this.#end();
    return this.#done;
  }

  #add(text: string, width: number, paint: Paint): void {
    if (paint !== this.#paint) this.#finishRun();
    this.#paint = paint;
    this.#run += text;
    this.#width += width;
  }

  #begin(indent: number): void {
    this.#line = ' '.repeat(indent);
    this.#width = indent;
    this.#isFresh = true;
  }

  #end(): void {
    this.#run = this.#run.trimEnd();
    this.#finishRun();
    this.#done.push(this.#line.trimEnd());
  }

  #finishRun(): void {
    if (this.#run !== '') this.#line += this.#paint(this.#run);
    this.#run = '';
  }
}
