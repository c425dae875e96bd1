import { Writable } from 'node:stream';

/**
 * A terminal that keeps what was written to it, and shows it as a screen: the sequences that bars use, and lines that
 * wrap at the edge unless that is switched off. It never scrolls.
 */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Everything written, in its order. */
  text = '';
  writes = 0;
  isCursorHidden = false;
  isWrapping = true;
  /** A place that was passed over has nothing. */
  readonly #lines: (string | undefined)[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns = 80, rows = 24) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  /** What one sees, without blanks at the ends of lines and lines without text at the end. */
  get screen(): readonly string[] {
    const lines = this.#lines.map((line) => Array.from(line, (character) => character ?? ' ').join(''));
    return lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd()
      .split('\n');
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    this.writes += 1;
    for (const [, sequence, character] of chunk.matchAll(/\u001b\[([\d;?]*[A-Za-z])|([^\u001b])/gsu)) {
      if (sequence !== undefined) this.#obey(sequence);
      else if (character === '\n') this.#moveTo(this.#row + 1, 0);
      else if (character !== undefined) this.#show(character);
      else throw new Error('A sequence that this terminal does not know');
    }
    done();
  }

  #show(character: string): void {
    if (this.#column >= this.columns) {
      if (this.isWrapping) this.#moveTo(this.#row + 1, 0);
      else this.#column = this.columns - 1;
    }
    const line = this.#lines[this.#row];
    if (line !== undefined) line[this.#column] = character;
    this.#column += 1;
  }

  #obey(sequence: string): void {
    const count = Number.parseInt(sequence, 10);
    const kind = sequence.at(-1);
    if (kind === 'A') this.#moveTo(this.#row - count, this.#column);
    else if (kind === 'B') this.#moveTo(this.#row + count, this.#column);
    else if (kind === 'G') this.#moveTo(this.#row, count - 1);
    else if (kind === 'J') this.#eraseFrom(this.#column, true);
    else if (kind === 'K') this.#eraseFrom(sequence === '2K' ? 0 : this.#column, false);
    else if (kind === 'h' || kind === 'l') this.#switch(sequence);
    // Colour leaves the text as it is.
    else if (kind !== 'm') throw new Error(`A sequence that this terminal does not know: ${sequence}`);
  }

  #eraseFrom(column: number, isAllBelow: boolean): void {
    this.#lines[this.#row]?.splice(column);
    if (isAllBelow) this.#lines.splice(this.#row + 1);
  }

  #switch(sequence: string): void {
    if (sequence.startsWith('?25')) this.isCursorHidden = sequence.endsWith('l');
    else if (sequence.startsWith('?7')) this.isWrapping = sequence.endsWith('h');
    else throw new Error(`A switch that this terminal does not have: ${sequence}`);
  }

  #moveTo(row: number, column: number): void {
    if (row < 0) throw new Error('Above the screen');
    this.#row = row;
    this.#column = column;
    while (this.#lines.length <= row) this.#lines.push([]);
  }
}
