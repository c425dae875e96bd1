/**
 * Whom a login may ask: somebody who reads standard error on a terminal, and types into standard input, which may also be
 * a file or another program. Standard output may be going somewhere else.
 */
import { isSystemError } from '../../errors/errno.ts';
import type { Interaction } from '../../keystone/interaction.ts';
import type { Invocation } from '../invocation.ts';

/** Whoever is there; undefined where nobody is. Standard input is not opened before it is needed. */
export function interactionOn(invocation: Pick<Invocation, 'stdin' | 'stderr'>): Interaction | undefined {
  const { stderr } = invocation;
  if (!stderr.isTerminal) return undefined;
  const canAsk = (): boolean => 'isTTY' in invocation.stdin && invocation.stdin.isTTY === true;
  return {
    canAsk,
    tell: (line) => stderr.write(`${line}\n`),
    async ask(question, signal) {
      signal.throwIfAborted();
      if (!canAsk()) return undefined;
      const release = await stderr.hold(`${question} `);
      try {
        const line = await readLine(invocation, signal);
        // What comes next is not to stand behind the question.
        if (line === undefined) stderr.draw('\n');
        signal.throwIfAborted();
        return line?.trim();
      } finally {
        await release();
      }
    },
  };
}

/** @returns undefined where the input has ended, or the signal was given */
async function readLine({ stdin }: Pick<Invocation, 'stdin'>, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const reader = createInterface({ input: stdin, terminal: false });
  const stop = (): void => reader.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    // A signal that came before the listener above is heard by nobody.
    if (signal.aborted) return undefined;
    const line = await reader[Symbol.asyncIterator]().next();
    return line.done === true ? undefined : line.value;
  } catch (error) {
    // A terminal that hung up.
    if (isSystemError(error)) return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    reader.close();
  }
}
