/**
 * Yes-or-no questions in the words of the stock tool: `y` and `yes` in any case agree, anything else does not, and the
 * end of input is no answer.
 */

import { UnansweredError } from '../errors/cache-error.ts';
import { isSystemError } from '../errors/errno.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import type { Invocation } from './invocation.ts';
import type { Output } from './output.ts';

/** Asks questions one after another. */
export interface Questions {
  /**
   * Asks.
   *
   * @param question without the choices, such as `Delete all cached images?`
   * @throws UnansweredError at the end of input; the signal's reason when the run is stopped
   */
  ask(question: string): Promise<boolean>;
}

/**
 * Does work that may ask questions. Input is read line by line across questions, so that piped answers reach each its
 * own.
 *
 * @param output where questions appear: standard output as with the stock tool, unless a program reads that
 */
export async function withQuestions<T>(
  { stdin, signal }: Invocation,
  output: Output,
  work: (questions: Questions) => Promise<T>,
): Promise<T> {
  const { createInterface } = await import('node:readline');
  const reader = createInterface({ input: stdin, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  const stop = (): void => reader.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work({
      async ask(question) {
        // A signal that came before the listener above is heard by nobody.
        signal.throwIfAborted();
        await output.write(`${question} [y/N] `);
        const line = await lines.next().catch(endOfInput);
        // The error is not to stand behind the question.
        if (line.done === true) await output.write('\n');
        signal.throwIfAborted();
        if (line.done === true) {
          throw new UnansweredError(`Cannot go on: the input ended before an answer to ${JSON.stringify(question)}`, {
            hint: `Nothing was changed: answer y or n, or be asked nothing: ${THIS_COMMAND} --force`,
          });
        }
        return /^(?:y|yes)$/i.test(line.value.trim());
      },
    });
  } finally {
    signal.removeEventListener('abort', stop);
    reader.close();
  }
}

/** Input that cannot be read has no answer: a terminal that hung up, or a descriptor that is not for reading. */
function endOfInput(error: unknown): IteratorReturnResult<undefined> {
  if (isSystemError(error)) return { done: true, value: undefined };
  throw error;
}
