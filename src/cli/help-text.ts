/**
 * What `--help` says beyond the options: examples one can paste, and the exit codes.
 */
import { type Command as Commander, Help, type Option } from 'commander';
import { EXIT_CODES, EXIT_MEANINGS, type ExitName } from '../errors/exit-codes.ts';
import type { OptionFlags, Option as SettingsOption } from '../settings/option.ts';
import { CONFIG_DIR, CONFIG_FILE } from './common-flags.ts';
import type { Command, Example, Program } from './program.ts';

/** For a terminal of usual width, and the same everywhere, as in the manual pages. */
const HELP_WIDTH = 100;

/** Gives a command line its help text. */
export function describeProgram(commander: Commander, program: Program): void {
  commander.description(program.summary);
  commander.addHelpText('after', `\n${renderExamples(program.examples)}\n${renderExitCodes()}`);
  commander.configureHelp({
    helpWidth: HELP_WIDTH,
    formatHelp: (described, help) => commandsFirst(Help.prototype.formatHelp.call(help, described, help)),
  });
  for (const command of program.commands) {
    const sub = commander.commands.find((candidate) => candidate.name() === command.name);
    const shown = flagsShown(program, command).map(({ names }) => names.at(-1));
    sub?.configureHelp({
      helpWidth: HELP_WIDTH,
      showGlobalOptions: true,
      // One list for all of them, those of the command before those that others have as well.
      visibleOptions: () => [],
      visibleGlobalOptions: () => shown.flatMap((name) => commander.options.find(isNamed(name)) ?? []),
      styleTitle: (title) => (title === 'Global Options:' ? 'Options:' : title),
    });
    sub?.addHelpText('after', `\n${renderExamples(command.examples)}\n${renderMore(program, command)}`);
  }
}

function isNamed(name: string | undefined): (option: Option) => boolean {
  return ({ long, short }) => (long ?? short) === name;
}

/** Whoever asks what a program can do is not to look for its commands behind a hundred options. */
function commandsFirst(text: string): string {
  const sections = text.split(/\n\n(?=\S)/);
  const isOfCommands = (section: string): boolean => section.startsWith('Commands:');
  const others = sections.filter((section) => !isOfCommands(section));
  const commands = sections.filter(isOfCommands).map((section) => section.trimEnd());
  return `${[...others.slice(0, 2), ...commands, ...others.slice(2)].join('\n\n').trimEnd()}\n`;
}

/** Where the options are that only some calls of the command need. */
function renderMore({ name }: Program, { runRemotely, logsIn = false }: Command): string {
  const rows = [
    ...(runRemotely === undefined ? [] : ['Other nodes  --host, --port']),
    ...(runRemotely === undefined && !logsIn
      ? []
      : ['Login        --os-cloud, --os-auth-url, --os-username and so on']),
    'Log          --verbose, --debug, --log-file and so on',
  ];
  return `More options: ${name} --help\n${rows.map((row) => `  ${row}\n`).join('')}`;
}

/** What matters for one command: its own flags, and those of the program's first group. */
function flagsShown(program: Program, command: Command): readonly OptionFlags[] {
  const main = program.groups.slice(0, 1);
  const settings = (options: readonly SettingsOption<unknown>[]): readonly OptionFlags[] =>
    options.flatMap(({ flags }) => flags ?? []);
  return [
    ...command.flags,
    ...settings(command.options ?? []),
    ...main.flatMap(({ flags, options }) => [...flags, ...settings(options)]),
    CONFIG_FILE,
    CONFIG_DIR,
  ];
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
