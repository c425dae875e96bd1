/**
 * What `--help` says beyond the options: examples one can paste, and the exit codes.
 */
import type { Command as Commander, Option as CommanderOption } from 'commander';
import { EXIT_CODES, EXIT_MEANINGS, type ExitName } from '../errors/exit-codes.ts';
import type { Example, Program } from './program.ts';

/** Gives a command line its help text. */
export function describeProgram(commander: Commander, program: Program): void {
  commander.description(program.summary);
  commander.addHelpText('after', `\n${renderExamples(program.examples)}\n${renderExitCodes()}`);
  commander.configureHelp({ helpWidth: 100, showGlobalOptions: true });
  if (program.commands.length > 0) commander.helpCommand('help [command]', 'Output help for one of the commands');
  for (const command of program.commands) {
    const sub = commander.commands.find((candidate) => candidate.name() === command.name);
    sub?.addHelpText('after', `\n${renderExamples(command.examples)}`);
    const foreign = new Set(
      program.commands
        .flatMap(({ flags }) => flags)
        .filter((flag) => !command.flags.includes(flag) && !program.flags.includes(flag))
        .map(({ names }) => names.at(-1)),
    );
    sub?.configureHelp({
      helpWidth: 100,
      showGlobalOptions: true,
      visibleGlobalOptions: () => commander.options.filter((option) => isShown(option, foreign)),
    });
  }
}

function isShown(option: CommanderOption, foreign: ReadonlySet<string | undefined>): boolean {
  return !option.hidden && !foreign.has(option.long ?? option.short);
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
