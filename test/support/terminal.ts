/**
 * Programs on a pseudo-terminal, as somebody sees them: `script`, which each Debian has, makes it.
 */
import { shellWord } from '../../src/errors/next-step.ts';

/** The command that runs another one on a terminal, and passes on its exit code and what is typed. */
export function onTerminal(argv: readonly string[]): readonly string[] {
  return ['script', '--quiet', '--return', '--command', argv.map(shellWord).join(' '), '/dev/null'];
}
