/**
 * The one place that knows commander: builds a command line from a program's declaration and reads arguments with it.
 */
import {
  type Command as Commander,
  Command as CommanderCommand,
  CommanderError,
  Option as CommanderOption,
} from 'commander';
import { UsageError } from '../errors/cache-error.ts';
import type { ConfigSource, FlagValue } from '../settings/load.ts';
import type { Option } from '../settings/option.ts';
import { canonicalArguments } from './canonical-arguments.ts';
import { CONFIG_DIR, CONFIG_FILE, HELP, VERSION } from './common-flags.ts';
import { type Flag, flagName } from './flag.ts';
import { describeProgram } from './help-text.ts';
import { ParsedArguments } from './parsed-arguments.ts';
import type { Command, Program } from './program.ts';
import { VERSION_NUMBER } from './version.ts';

/** What the arguments ask for: a text to be shown, or a run. */
export type Request =
  | { readonly kind: 'show'; readonly text: string }
  | { readonly kind: 'run'; readonly command: Command | undefined; readonly args: ParsedArguments };

/**
 * Reads the arguments of a program.
 *
 * @throws UsageError for everything the program cannot follow
 */
export function parseArguments(program: Program, args: readonly string[]): Request {
  const shown: string[] = [];
  const gathered: Gathered = { sources: [], settings: [], texts: new Map(), command: undefined, operands: [] };
  const commander = buildCommander(program, gathered, (text) => shown.push(text));
  try {
    commander.parse(canonicalArguments(args, allFlags(program)), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'show', text: shown.join('') };
    throw usageError(program, error);
  }
  if (gathered.command === undefined && program.commands.length > 0) throw noCommand(program);
  refuseForeignFlags(program, gathered);
  return { kind: 'run', command: gathered.command, args: new ParsedArguments(gathered) };
}

interface Gathered {
  readonly sources: ConfigSource[];
  readonly settings: FlagValue[];
  readonly texts: Map<Flag, string[]>;
  command: Command | undefined;
  operands: readonly string[];
}

function allFlags(program: Program) {
  const own = [...program.flags, ...program.commands.flatMap(({ flags }) => flags)];
  const settings = program.options.flatMap(({ flags }) => flags ?? []);
  return [...new Set([HELP, VERSION, CONFIG_FILE, CONFIG_DIR, ...own, ...settings])];
}

function buildCommander(program: Program, gathered: Gathered, show: (text: string) => void): Commander {
  const commander = new CommanderCommand(program.name)
    .exitOverride()
    .configureOutput({ writeOut: show, writeErr: () => undefined })
    .helpOption(HELP.names.join(', '), HELP.help)
    .version(VERSION_NUMBER, VERSION.names.join(', '), VERSION.help);
  addSources(commander, gathered);
  for (const flag of new Set([...program.flags, ...program.commands.flatMap(({ flags }) => flags)])) {
    addFlag(commander, flag, (text) => {
      const texts = gathered.texts.get(flag) ?? [];
      gathered.texts.set(flag, [...texts, text]);
    });
  }
  for (const option of program.options) addSetting(commander, option, gathered.settings);
  for (const command of program.commands) addCommand(commander, command, gathered);
  describeProgram(commander, program);
  // The action of a program without commands; one with commands gets here when none was given.
  commander.action(() => undefined);
  return commander;
}

function addSources(commander: Commander, { sources }: Gathered): void {
  addFlag(commander, CONFIG_FILE, (path) => sources.push({ kind: 'file', path }));
  addFlag(commander, CONFIG_DIR, (path) => sources.push({ kind: 'dir', path }));
}

function addSetting(commander: Commander, option: Option<unknown>, settings: FlagValue[]): void {
  const { flags, help } = option;
  if (flags === undefined) return;
  const flag = flagName(flags);
  const isSwitch = flags.metavar === undefined;
  addFlag(commander, { ...flags, help }, (text) => settings.push({ option, text: isSwitch ? 'true' : text, flag }));
  const { negation } = flags;
  if (negation === undefined) return;
  const negated = { names: [negation], help: `The inverse of ${flag}.` };
  const hide = flags.hideNegation === true;
  addFlag(commander, negated, () => settings.push({ option, text: 'false', flag: negation }), hide);
}

/** Values are taken from events, which come in the order of the arguments; commander's own store keeps the last one. */
function addFlag(
  commander: Commander,
  flag: Pick<Flag, 'names' | 'help'> & { readonly metavar?: string },
  take: (text: string) => void,
  hide = false,
): void {
  const value = flag.metavar === undefined ? '' : ` <${flag.metavar}>`;
  const option = new CommanderOption(`${flag.names.join(', ')}${value}`, flag.help);
  if (hide) option.hideHelp();
  commander.addOption(option);
  commander.on(`option:${option.name()}`, (text: string | null) => take(text ?? 'true'));
}

function addCommand(commander: Commander, command: Command, gathered: Gathered): void {
  const sub = commander.command(command.name).summary(command.summary).description(`${command.summary}.`);
  if (command.operands !== undefined) sub.argument(command.operands);
  sub.helpOption(HELP.names.join(', '), HELP.help);
  sub.action(() => {
    gathered.command = command;
    gathered.operands = sub.args;
  });
}

/** A flag that does nothing for a command is refused: whoever gave it expects something of it. */
function refuseForeignFlags(program: Program, { command, texts }: Gathered): void {
  if (command === undefined) return;
  const foreign = [...texts.keys()].find((flag) => !program.flags.includes(flag) && !command.flags.includes(flag));
  if (foreign === undefined) return;
  throw new UsageError('USAGE', `Cannot use ${flagName(foreign)} with ${command.name}: it has no meaning there`, {
    hint: `Run "${program.name} help ${command.name}" to see its options`,
  });
}

function noCommand({ name }: Program): UsageError {
  return new UsageError('USAGE', `Cannot run ${name}: no command was given`, {
    hint: `Run "${name} help" to see the commands`,
  });
}

/** commander's messages read "error: unknown option '--x'\n(Did you mean --y?)". */
function usageError(program: Program, error: CommanderError): UsageError {
  const [problem = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const isCommand = error.code === 'commander.unknownCommand';
  return new UsageError(isCommand ? 'USAGE_UNKNOWN_COMMAND' : 'USAGE', `Cannot run ${program.name}: ${problem}`, {
    hint: suggestion?.replace(/^\(|\)$/g, '') ?? `Run "${program.name} --help" to see what it takes`,
    cause: error,
  });
}
