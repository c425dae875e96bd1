import { parseArguments } from '../../../src/cli/parse-arguments.ts';
import { programNamed } from './programs.ts';

/** A call of one of our programs, somewhere in a line of shell, of a crontab or of a unit. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
}

const WORD = /(?:[^\s'"|;&<>]|'[^']*'|"[^"]*")+|[|;&<>]+/g;
const OPERATOR = /^[|;&<>]+$/;
const PROGRAM = /^(?:\S*[/=])?(glance-cache-(?:manage|pruner|cleaner|prefetcher))(?:\.js)?$/;

/** The calls of our programs in a line; what stands before them, such as `sudo` or the fields of a crontab, is skipped. */
export function commandLinesIn(line: string): readonly CommandLine[] {
  const found: { program: string; args: string[] }[] = [];
  let current: string[] | undefined;
  for (const word of line.match(WORD) ?? []) {
    const program = PROGRAM.exec(word)?.[1];
    if (OPERATOR.test(word)) current = undefined;
    else if (current !== undefined) current.push(word.replaceAll(/['"]/g, ''));
    else if (program !== undefined) {
      current = [];
      found.push({ program, args: current });
    }
  }
  return found;
}

/** Whether the program itself understands the call. @throws UsageError when it does not */
export function expectToParse({ program, args }: CommandLine): void {
  parseArguments(programNamed(program), args);
}
