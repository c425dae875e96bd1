import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type Questions, withQuestions } from '../../../src/cli/confirm.ts';
import { Output } from '../../../src/cli/output.ts';
import { rejectionOf } from '../../support/thrown.ts';

/** Asks with some input and gathers what was written. */
async function ask<T>(
  stdin: Readable,
  work: (questions: Questions) => Promise<T>,
  signal = new AbortController().signal,
) {
  const stream = new PassThrough();
  const output = new Output('standard output', () => stream);
  const { env, ...rest } = { env: {}, args: [], cwd: '/', homeDir: undefined, pid: 1 };
  const invocation = { ...rest, env, stdin, signal } as unknown as Parameters<typeof withQuestions>[0];
  let written = '';
  stream.on('data', (chunk) => {
    written += String(chunk);
  });
  const result = await withQuestions(invocation, output, work).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  await output.flush();
  return { ...result, written };
}

const once = (questions: Questions): Promise<boolean> => questions.ask('Delete all cached images?');

describe('withQuestions()', () => {
  test.each([
    ['y\n', true],
    ['Y\n', true],
    ['yes\n', true],
    [' YES \r\n', true],
    ['y', true],
    ['n\n', false],
    ['\n', false],
    ['yeah\n', false],
    ['да\n', false],
  ])('takes %j for %s', async (input, expected) => {
    const { value, written } = await ask(Readable.from([input]), once);
    expect([value, written]).toEqual([expected, 'Delete all cached images? [y/N] ']);
  });

  test('gives each question the next line, even when all come at once', async () => {
    const { value, written } = await ask(Readable.from(['y\nn\ny\n']), async (questions) => {
      const answers: boolean[] = [];
      for (const question of ['1?', '2?', '3?']) answers.push(await questions.ask(question));
      return answers;
    });
    expect([value, written]).toEqual([[true, false, true], '1? [y/N] 2? [y/N] 3? [y/N] ']);
  });

  test.each([
    ['the input is empty', Readable.from([])],
    [
      'the input cannot be read',
      new Readable({
        read() {
          this.destroy(
            Object.assign(new Error('EISDIR: illegal operation, read'), { code: 'EISDIR', syscall: 'read' }),
          );
        },
      }),
    ],
  ])('is unanswered when %s', async (_when, stdin) => {
    const { error, written } = await ask(stdin, once);
    expect(error).toMatchObject({ code: 'UNANSWERED', exitCode: 1 });
    expect(written).toBe('Delete all cached images? [y/N] \n');
  });

  test('is unanswered when the input ends before the second question', async () => {
    const { error } = await ask(Readable.from(['y\n']), async (questions) => [
      await questions.ask('1?'),
      await questions.ask('2?'),
    ]);
    expect(error).toMatchObject({
      code: 'UNANSWERED',
      message: 'Cannot go on: the input ended before an answer to "2?"',
    });
  });

  test('throws the reason of the signal when it is aborted while it waits', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    const { error } = await ask(
      new PassThrough(),
      async (questions) => {
        setImmediate(() => controller.abort(reason));
        return questions.ask('1?');
      },
      controller.signal,
    );
    expect(error).toBe(reason);
  });

  test('throws the reason of the signal when it was aborted before, without waiting for an answer', async () => {
    const reason = new Error('stopped');
    const { error } = await ask(new PassThrough(), once, AbortSignal.abort(reason));
    expect(error).toBe(reason);
  });

  test('throws what the work throws', async () => {
    const fault = new Error('fault');
    expect((await ask(new PassThrough(), () => Promise.reject(fault))).error).toBe(fault);
    expect(await rejectionOf(Promise.reject(fault))).toBe(fault);
  });
});
