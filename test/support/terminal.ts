/**
 * Programs on a pseudo-terminal, as somebody sees them: `script`, which each Debian has, makes it.
 */
import type { ChildProcess } from 'node:child_process';
import { shellWord } from '../../src/errors/next-step.ts';

/** The command that runs another one on a terminal, and passes on its exit code and what is typed. */
export function terminalCommand(argv: readonly string[]): readonly string[] {
  return ['script', '--quiet', '--return', '--command', argv.map(shellWord).join(' '), '/dev/null'];
}

/** What is typed, and what stands on the screen when it is. */
export type Typing = readonly [after: string, text: string];

/** Types texts one after the other, each once what it answers stands on the screen. To be called as the program starts. */
export function typeInto({ stdin, stdout }: ChildProcess, ...typings: readonly Typing[]): void {
  const left = [...typings];
  let screen = '';
  stdout?.on('data', (text: string) => {
    screen += text;
    const [next] = left;
    const at = next === undefined ? -1 : screen.indexOf(next[0]);
    if (next === undefined || at < 0) return;
    left.shift();
    screen = screen.slice(at + next[0].length);
    stdin?.write(next[1]);
  });
}
