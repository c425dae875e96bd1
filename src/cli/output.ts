/**
 * Standard output and standard error. A reader that has gone away (EPIPE) ends the output silently and changes nothing
 * else; any other failure to write is an error.
 */
import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import { CacheStateError } from '../errors/cache-error.ts';
import { describeErrno, hasErrno, isSystemError } from '../errors/errno.ts';

/** A stream that may be a terminal. */
export type OutputStream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** Writes what can be written without a stream. */
export interface DirectWriter {
  /**
   * Writes as much as goes without waiting for a reader.
   *
   * @returns the rest, for the stream; it writes all that follows, too
   * @throws what the system said
   */
  write(text: string): Uint8Array;
}

/** What is drawn on a terminal below everything that is written there, and gives way to it. */
export interface Footer {
  /** Takes itself off the screen: lines come to its place. */
  hide(): void;
  /** Draws itself below them. */
  show(): void;
}

/** An output stream of the process. */
export class Output {
  readonly isTerminal: boolean;
  readonly #name: string;
  readonly #open: () => OutputStream;
  readonly #direct: DirectWriter | undefined;
  #stream: OutputStream | undefined;
  #failure: Error | undefined;
  #footer: Footer | undefined;
  #held: string[] | undefined;

  /**
   * @param open opens the stream, when it is needed
   * @param direct writes as long as it is not; absent for a terminal and wherever else only the stream will do
   */
  constructor(name: string, open: () => OutputStream, direct?: DirectWriter) {
    this.#name = name;
    this.#open = open;
    this.#direct = direct;
    this.isTerminal = direct === undefined && this.#opened().isTTY === true;
  }

  /** Writes text; waits while the reader is slower, so that a long listing is not gathered in memory. */
  async write(chunks: string | Iterable<string>): Promise<void> {
    for (const chunk of typeof chunks === 'string' ? [chunks] : chunks) {
      if (this.#failure !== undefined) return;
      if (this.#held !== undefined) {
        this.#held.push(chunk);
        continue;
      }
      if (this.#put(chunk)) continue;
      try {
        await once(this.#opened(), 'drain');
      } catch {
        // The error is kept by the listener above.
        return;
      }
    }
  }

  /**
   * Writes a question to which somebody types the answer behind it: all else that is written waits meanwhile.
   *
   * @returns what ends that, and writes what has waited
   */
  async hold(question: string): Promise<() => Promise<void>> {
    const written = this.write(question);
    const held: string[] = [];
    this.#held = held;
    await written;
    return async () => {
      this.#held = undefined;
      await this.write(held);
      // It has gone with the question.
      if (held.length === 0) this.#footer?.show();
    };
  }

  /** Keeps a footer below all that is written from now on; undefined for none. */
  keepBelow(footer: Footer | undefined): void {
    this.#footer = footer;
  }

  /** Writes what a footer draws. */
  draw(text: string): void {
    if (this.#failure === undefined) this.#opened().write(text);
  }

  /** The width of the terminal; undefined where it is not known. */
  get columns(): number | undefined {
    return knownSize(this.#stream?.columns);
  }

  /** The height of the terminal; undefined where it is not known. */
  get rows(): number | undefined {
    return knownSize(this.#stream?.rows);
  }

  /**
   * Waits until everything written has left the process.
   *
   * @throws CacheStateError OUTPUT_IO when it could not be written, a reader that has gone away excepted
   */
  async flush(): Promise<void> {
    const stream = this.#stream;
    if (stream !== undefined) await new Promise<void>((resolve) => stream.write('', () => resolve()));
    if (this.#failure === undefined || hasErrno(this.#failure, 'EPIPE')) return;
    const state = isSystemError(this.#failure) ? describeErrno(this.#failure) : this.#failure.message;
    throw new CacheStateError('OUTPUT_IO', `Cannot write to ${this.#name}: ${state}`, {
      hint: 'Look at where the output goes, and whether there is space, with "df -h"; changes to the cache that were asked for have been made all the same',
      cause: this.#failure,
    });
  }

  #put(chunk: string): boolean {
    this.#footer?.hide();
    const goesOn = this.#send(chunk);
    // A footer would stand in the middle of a line that is not at its end.
    if (chunk.endsWith('\n')) this.#footer?.show();
    return goesOn;
  }

  /** Whether more may follow at once. */
  #send(chunk: string): boolean {
    if (this.#stream !== undefined || this.#direct === undefined) return this.#opened().write(chunk);
    try {
      const rest = this.#direct.write(chunk);
      return rest.length === 0 || this.#opened().write(rest);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error('Cannot write', { cause: error });
      return true;
    }
  }

  #opened(): OutputStream {
    if (this.#stream !== undefined) return this.#stream;
    this.#stream = this.#open();
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
    return this.#stream;
  }
}

/** A serial line says 0. */
function knownSize(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}

/** Colour is for terminals, unless NO_COLOR has any text at all: https://no-color.org/ */
export function wantsColor(output: Output, env: Readonly<Record<string, string | undefined>>): boolean {
  return output.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
