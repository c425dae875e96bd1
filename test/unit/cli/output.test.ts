import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output, wantsColor } from '../../../src/cli/output.ts';
import { rejectionOf } from '../../support/thrown.ts';

function failed(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}, write`), { code, syscall: 'write', errno: -1 });
}

/** A stream that takes some writes and fails then. */
class FailingStream extends Writable {
  writes = 0;
  readonly #limit: number;
  readonly #error: Error;

  constructor(limit: number, error: Error, highWaterMark = 16) {
    super({ highWaterMark });
    this.#limit = limit;
    this.#error = error;
  }

  override _write(_chunk: unknown, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    setImmediate(() => done(++this.writes > this.#limit ? this.#error : null));
  }
}

const EPIPE = failed('EPIPE', 'broken pipe');
const ENOSPC = failed('ENOSPC', 'no space left on device');

describe('Output', () => {
  test('writes everything, however slow the reader is', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    const output = new Output('standard output', () => stream);
    const chunks: string[] = [];
    stream.on('data', (chunk) => chunks.push(String(chunk)));
    await output.write(Array.from({ length: 100 }, (_, i) => `line ${i}\n`));
    await output.write('end\n');
    await output.flush();
    expect(chunks.join('')).toBe(`${Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('')}end\n`);
  });

  test('ends silently, and takes nothing more from its source, when the reader has gone away', async () => {
    const stream = new FailingStream(2, EPIPE);
    const output = new Output('standard output', () => stream);
    let taken = 0;
    function* lines(): Iterable<string> {
      for (; taken < 10_000; taken++) yield 'a line of some length\n';
    }
    await output.write(lines());
    await output.write('more');
    await output.flush();
    expect(taken).toBeLessThan(10);
    expect(stream.writes).toBe(3);
  });

  test('fails at the end, naming stream and cause, when the disk is full', async () => {
    const output = new Output('standard output', () => new FailingStream(0, ENOSPC));
    await output.write(['one', 'two']);
    expect(await rejectionOf(output.flush())).toMatchObject({
      code: 'OUTPUT_IO',
      exitCode: 4,
      message: 'Cannot write to standard output: no space left on device (ENOSPC)',
      cause: ENOSPC,
    });
  });

  test('fails when only the last of what was buffered cannot be written', async () => {
    const output = new Output('standard output', () => new FailingStream(1, ENOSPC, 1e6));
    await output.write(['one', 'two']);
    expect(await rejectionOf(output.flush())).toMatchObject({ code: 'OUTPUT_IO' });
  });

  test('writes nothing for an empty source', async () => {
    const stream = new FailingStream(0, EPIPE);
    const output = new Output('standard output', () => stream);
    await output.write([]);
    expect(stream.writes).toBe(0);
  });

  test('is a terminal when its stream says so', () => {
    expect(new Output('standard output', () => new PassThrough()).isTerminal).toBe(false);
    expect(new Output('standard output', () => Object.assign(new PassThrough(), { isTTY: true })).isTerminal).toBe(
      true,
    );
  });
});

describe('wantsColor()', () => {
  const terminal = new Output('standard output', () => Object.assign(new PassThrough(), { isTTY: true }));

  test.each([
    [true, {}],
    [true, { NO_COLOR: '' }],
    [false, { NO_COLOR: '0' }],
    [false, { TERM: 'dumb' }],
  ])('is %s on a terminal with %j', (expected, env) => {
    expect(wantsColor(terminal, env)).toBe(expected);
  });

  test('is false when nobody looks', () => {
    expect(wantsColor(new Output('standard output', () => new PassThrough()), {})).toBe(false);
  });
});
