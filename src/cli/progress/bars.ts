/**
 * Lines of progress at the bottom of a terminal. `cli-progress` has the timer, the cursor and the places of the lines;
 * what is in them is made elsewhere. Once closed, nothing is written and nothing keeps the process alive.
 */
import { Writable } from 'node:stream';
import { type GenericBar, MultiBar } from 'cli-progress';
import type { Footer, Output } from '../output.ts';
import type { ScreenSize } from './fetch-progress.ts';

const FRAMES_PER_SEC = 10;

/** What a terminal is taken for that does not know its size, as a serial line. */
const USUAL_SIZE: ScreenSize = { columns: 80, rows: 24 };

/** Lines that are drawn again and again. */
export class Bars implements Footer {
  readonly #output: Output;
  readonly #frame: (size: ScreenSize) => readonly string[];
  readonly #screen: FrameStream;
  #multi: MultiBar | undefined;
  /** One per line, by its place: what stands there changes. */
  #slots: GenericBar[] = [];
  #lines: readonly string[] = [];
  #isRemoving = false;
  #isClosed = false;

  /**
   * Draws from now on.
   *
   * @param output a terminal
   * @param frame the lines to show now; at least one, and always fewer than rows
   */
  constructor(output: Output, frame: (size: ScreenSize) => readonly string[]) {
    this.#output = output;
    this.#frame = frame;
    this.#screen = new FrameStream((text) => output.draw(text));
    output.keepBelow(this);
    this.show();
  }

  show(): void {
    if (this.#multi !== undefined || this.#isClosed) return;
    const multi = new MultiBar({
      stream: this.#screen,
      fps: FRAMES_PER_SEC,
      hideCursor: true,
      linewrap: false,
      clearOnComplete: true,
      stopOnComplete: false,
      gracefulExit: false,
      // What is typed meanwhile is echoed over the lines.
      forceRedraw: true,
    });
    this.#multi = multi;
    // The first one starts the timer of cli-progress. During an update that would be a second timer, which nobody stops.
    this.#addSlot(multi);
    multi.on('update-pre', () => {
      this.#lines = this.#frame(this.#size());
      while (this.#slots.length < this.#lines.length) this.#addSlot(multi);
    });
    multi.on('update-post', () => {
      // To remove one is another update, which comes here again before the removal is complete.
      if (this.#isRemoving) return;
      this.#isRemoving = true;
      while (this.#slots.length > Math.max(1, this.#lines.length)) this.#removeSlot(multi);
      this.#isRemoving = false;
      this.#screen.flush();
    });
    multi.update();
  }

  hide(): void {
    const multi = this.#multi;
    this.#multi = undefined;
    this.#slots = [];
    multi?.stop();
    this.#screen.flush();
  }

  /** Takes the lines off the screen for good. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#output.keepBelow(undefined);
    this.hide();
  }

  #addSlot(multi: MultiBar): void {
    const place = this.#slots.length;
    this.#slots.push(multi.create(1, 0, {}, { format: () => this.#lines[place] ?? '' }));
  }

  #removeSlot(multi: MultiBar): void {
    const slot = this.#slots.pop();
    if (slot !== undefined) multi.remove(slot);
  }

  #size(): ScreenSize {
    return { columns: this.#output.columns ?? USUAL_SIZE.columns, rows: this.#output.rows ?? USUAL_SIZE.rows };
  }
}

/** Gathers what cli-progress writes in many small pieces: a frame that comes in one piece does not flicker. */
class FrameStream extends Writable {
  /** The escape sequences are for terminals: cli-progress leaves them out elsewhere. */
  readonly isTTY = true;
  readonly #draw: (text: string) => void;
  #text = '';

  constructor(draw: (text: string) => void) {
    super({ decodeStrings: false });
    this.#draw = draw;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.#text += chunk;
    done();
  }

  flush(): void {
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#draw(text);
  }
}
