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
import type { Option, OptionFlags } from '../settings/option.ts';
import { canonicalArguments } from './canonical-arguments.ts';
import { commandLine } from './command-line.ts';
import { CONFIG_DIR, CONFIG_FILE, HELP, VERSION } from './common-flags.ts';
import { type Flag, flagName } from './flag.ts';
import { describeProgram } from './help-text.ts';
import { namedPart } from './named-part.ts';
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
  const canonical = canonicalArguments(args, allFlags(program));
  const gathered = gatherNamed(program, canonical);
  if (gathered !== undefined) return requestOf(program, gathered);
  const shown: string[] = [];
  try {
    return requestOf(
      program,
      gather(program, canonical, (text) => shown.push(text)),
    );
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'show', text: shown.join('') };
    throw error.code === 'commander.help' ? noCommand(program) : usageError(program, args, error);
  }
}

/** What the arguments said; undefined where that takes all of the program: for help, and for a mistake. */
function gatherNamed(program: Program, args: readonly string[]): Gathered | undefined {
  const named = namedPart(program, args);
  if (named.commands.length === 0 && program.commands.length > 0) return undefined;
  try {
    return gather(named, args, () => undefined);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return undefined;
  }
}

/** @throws CommanderError for arguments that do not fit, and for what was shown */
function gather(program: Program, args: readonly string[], show: (text: string) => void): Gathered {
  const gathered: Gathered = {
    sources: [],
    settings: [],
    texts: new Map(),
    command: undefined,
    helpOn: undefined,
    operands: [],
  };
  buildCommander(program, gathered, show).parse(args, { from: 'user' });
  return gathered;
}

function requestOf(program: Program, gathered: Gathered): Request {
  if (gathered.helpOn !== undefined) return helpOn(program, gathered.helpOn);
  refuseForeignFlags(program, gathered);
  return { kind: 'run', command: gathered.command, args: new ParsedArguments(gathered) };
}

interface Gathered {
  readonly sources: ConfigSource[];
  readonly settings: FlagValue[];
  readonly texts: Map<Flag, string[]>;
  command: Command | undefined;
  /** What `help` was asked about; an empty text for the program. */
  helpOn: string | undefined;
  operands: readonly string[];
}

/** commander's own `help` shows the program's help for a command that it does not know, and ends with 0. */
function helpOn(program: Program, name: string): Request {
  if (name === '') return parseArguments(program, ['--help']);
  const isKnown = program.commands.some((command) => command.name === name);
  return parseArguments(program, isKnown ? [name, '--help'] : [name]);
}

function allFlags(program: Program): readonly OptionFlags[] {
  const own = program.groups.flatMap(({ flags }) => flags);
  const options = [...program.groups.flatMap((group) => group.options), ...commandOptions(program)];
  const settings = options.flatMap(({ flags }) => flags ?? []);
  return [HELP, VERSION, CONFIG_FILE, CONFIG_DIR, ...own, ...commandFlags(program), ...settings];
}

function buildCommander(program: Program, gathered: Gathered, show: (text: string) => void): Commander {
  const commander = new CommanderCommand(program.name)
    .exitOverride()
    .configureOutput({ writeOut: show, writeErr: () => undefined })
    .helpOption(HELP.names.join(', '), HELP.help)
    .version(VERSION_NUMBER, VERSION.names.join(', '), VERSION.help);
  addSources(commander, gathered);
  const addOwn = (flags: readonly Flag[]): void => {
    for (const flag of flags) addFlag(commander, flag, (text) => takeText(gathered, flag, text));
  };
  for (const { heading, flags, options } of program.groups) {
    commander.optionsGroup(heading);
    addOwn(flags);
    for (const option of options) addSetting(commander, option, gathered.settings);
  }
  commander.optionsGroup('Options of some commands:');
  addOwn(commandFlags(program));
  for (const option of commandOptions(program)) addSetting(commander, option, gathered.settings);
  for (const command of program.commands) addCommand(commander, command, gathered);
  if (program.commands.length > 0) addHelpCommand(commander, gathered);
  describeProgram(commander, program);
  if (program.commands.length === 0) commander.action(() => undefined);
  return commander;
}

/** The flags that only some commands have, each once. */
export function commandFlags(program: Program): readonly Flag[] {
  return [...new Set(program.commands.flatMap(({ flags }) => flags))];
}

/** The options of the table that only some commands have flags for, each once. */
export function commandOptions(program: Program): readonly Option<unknown>[] {
  return [...new Set(program.commands.flatMap(({ options = [] }) => options))];
}

function takeText({ texts }: Gathered, flag: Flag, text: string): void {
  texts.set(flag, [...(texts.get(flag) ?? []), text]);
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

function addHelpCommand(commander: Commander, gathered: Gathered): void {
  const sub = commander.command('help [command]').description('Output help for one of the commands');
  sub.action((name: string | undefined) => {
    gathered.helpOn = name ?? '';
  });
}

/** A flag that does nothing for a command is refused: whoever gave it expects something of it. */
function refuseForeignFlags(program: Program, { command, texts, settings }: Gathered): void {
  if (command === undefined) return;
  const others = commandFlags(program).filter((flag) => !command.flags.includes(flag));
  const otherOptions = commandOptions(program).filter((option) => command.options?.includes(option) !== true);
  const flag = others.find((candidate) => texts.has(candidate));
  const setting = settings.find(({ option }) => otherOptions.includes(option));
  const foreign = flag === undefined ? setting?.flag : flagName(flag);
  if (foreign === undefined) return;
  throw new UsageError('USAGE', `Cannot use ${foreign} with ${command.name}: it has no meaning there`, {
    hint: `Run "${program.name} help ${command.name}" to see its options`,
  });
}

function noCommand({ name }: Program): UsageError {
  return new UsageError('USAGE', `Cannot run ${name}: no command was given`, {
    hint: `Run "${name} help" to see the commands`,
  });
}

/** commander's messages read "error: unknown option '--x'\n(Did you mean --y?)". */
function usageError(program: Program, args: readonly string[], error: CommanderError): UsageError {
  const [problem = ''] = error.message.replace(/^error: /, '').split('\n');
  const named = program.commands.find(({ name }) => args.includes(name));
  const isCommand = error.code === 'commander.unknownCommand';
  const all = isCommand ? `${program.name} help` : `${program.name} --help`;
  const help = named === undefined ? all : `${program.name} help ${named.name}`;
  // Two sentences for too many arguments: "... for 'list-cached'. Expected 0 arguments but got 1."
  const state = problem.replace('. Expected ', ': expected ').replace(/\.$/, '');
  return new UsageError(isCommand ? 'USAGE_UNKNOWN_COMMAND' : 'USAGE', `Cannot run ${program.name}: ${state}`, {
    hint:
      didYouMean(program, args, error) ??
      whereIdsAre(program, named, error) ??
      `Run "${help}" to see ${named === undefined && isCommand ? 'the commands' : 'what it takes'}`,
    cause: error,
  });
}

/** commander's guess, as the whole line: `(Did you mean list-cached?)`, or `one of` several. */
function didYouMean({ name }: Program, args: readonly string[], { message }: CommanderError): string | undefined {
  const [, typed, guesses] = /'([^']*)'\n\(Did you mean (?:one of )?(.+)\?\)$/.exec(message) ?? [];
  const [guess, ...others] = guesses?.split(', ') ?? [];
  if (guess === undefined) return undefined;
  if (others.length > 0) return `Did you mean one of ${guesses}? Run "${name} help" to see them all`;
  const isTyped = (arg: string): boolean => arg === typed || arg.startsWith(`${typed}=`);
  return `Did you mean: ${commandLine(
    name,
    args.map((arg) => (isTyped(arg) ? `${guess}${arg.slice(typed?.length)}` : arg)),
  )}`;
}

/** Whoever has forgotten the image wants to know which there are. */
function whereIdsAre(program: Program, command: Command | undefined, { code }: CommanderError): string | undefined {
  const list = program.commands.find(({ name }) => name === `list-${command?.operandsFrom?.toString()}`);
  if (code !== 'commander.missingArgument' || list === undefined) return undefined;
  return `To see the IDs of those that there are: ${program.name} ${list.name}`;
}
