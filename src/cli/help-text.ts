/**
 * What `--help` says beyond the options: examples one can paste, and the exit codes.
 */
import type { Command as Commander } from 'commander';
import { EXIT_CODES, EXIT_MEANINGS, type ExitName } from '../errors/exit-codes.ts';
import type { OptionFlags } from '../settings/option.ts';
import { CONFIG_DIR, CONFIG_FILE } from './common-flags.ts';
import type { Command, Example, Program } from './program.ts';

/** For a terminal of usual width, and the same everywhere, as in the manual pages. */
const HELP_WIDTH = 100;

/** Gives a command line its help text. */
export function describeProgram(commander: Commander, program: Program): void {
  commander.description(program.summary);
  commander.addHelpText('after', `\n${renderExamples(program.examples)}\n${renderExitCodes()}`);
  commander.configureHelp({ helpWidth: HELP_WIDTH });
  for (const command of program.commands) {
    const sub = commander.commands.find((candidate) => candidate.name() === command.name);
    const shown = new Set(flagsShown(program, command).map(({ names }) => names.at(-1)));
    sub?.configureHelp({
      helpWidth: HELP_WIDTH,
      showGlobalOptions: true,
      visibleGlobalOptions: () => commander.options.filter(({ long, short }) => shown.has(long ?? short)),
    });
    sub?.addHelpText('after', `\n${renderExamples(command.examples)}\nAll options: ${program.name} --help`);
  }
}

/** What matters for one command: its own flags, and those of the program's first group. */
function flagsShown(program: Program, command: Command): readonly OptionFlags[] {
  const main = program.groups.slice(0, 1);
  const options = [...(command.options ?? []), ...main.flatMap((group) => group.options)];
  const settings = options.flatMap(({ flags }) => flags ?? []);
  return [CONFIG_FILE, CONFIG_DIR, ...command.flags, ...main.flatMap(({ flags }) => flags), ...settings];
}

function renderExamples(examples: readonly Example[]): string {
  const lines = examples.map(({ line, does }) => `  ${line}\n      ${does}\n`);
  return `Examples:\n${lines.join('')}`;
}

function renderExitCodes(): string {
  const names = Object.keys(EXIT_CODES) as ExitName[];
  const lines = names.map((name) => `  ${String(EXIT_CODES[name]).padStart(3)}  ${EXIT_MEANINGS[name]}\n`);
  return `Exit codes:\n${lines.join('')}`;
}
