/**
 * Whom a login may ask: somebody who reads standard error on a terminal, and types into standard input, which may also be
 * a file or another program. Standard output may be going somewhere else.
 */
import type { Interaction } from '../../keystone/interaction.ts';
import type { Invocation } from '../invocation.ts';

/** Whoever is there; undefined where nobody is. */
export function interactionOn({ stdin, stderr }: Invocation): Interaction | undefined {
  if (!stderr.isTerminal) return undefined;
  return {
    tell: (line) => stderr.write(`${line}\n`),
    async ask(question, signal) {
      if (!('isTTY' in stdin) || stdin.isTTY !== true) return undefined;
      const { createInterface } = await import('node:readline');
      signal.throwIfAborted();
      await stderr.write(`${question} `);
      const reader = createInterface({ input: stdin, terminal: false });
      const stop = (): void => reader.close();
      signal.addEventListener('abort', stop, { once: true });
      try {
        const line = await reader[Symbol.asyncIterator]().next();
        signal.throwIfAborted();
        return line.done === true ? undefined : line.value.trim();
      } finally {
        signal.removeEventListener('abort', stop);
        reader.close();
      }
    },
  };
}
