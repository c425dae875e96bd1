/**
 * What the completion of a shell has to know of the programs: their commands, flags and values, all of it from their
 * declarations.
 */
import type { Option, OptionFlags } from '../../settings/option.ts';
import { CLEANER } from '../cleaner.ts';
import { CONFIG_DIR, CONFIG_FILE, HELP, VERSION } from '../common-flags.ts';
import type { Flag } from '../flag.ts';
import type { ImageSource } from '../image-source.ts';
import { HOST } from '../manage/manage-flags.ts';
import { PREFETCHER } from '../prefetcher.ts';
import type { Command, Program } from '../program.ts';
import { PRUNER } from '../pruner.ts';

/** What may stand for an operand, or for the value of a flag. */
export type Values =
  | { readonly kind: 'any' | 'file' | 'folder' | 'commands' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'images'; readonly sources: readonly ImageSource[] };

/** A flag with all its spellings that help shows. */
export interface ShownFlag {
  /** Such as `['-f', '--force']`. */
  readonly names: readonly string[];
  /** One sentence without a period. */
  readonly does: string;
  /** What it is followed by; undefined for a flag that takes no value. */
  readonly value: ShownValue | undefined;
}

/** The value of a flag. */
export interface ShownValue {
  readonly metavar: string;
  readonly values: Values;
  /** The flag may be given several times. */
  readonly isRepeatable: boolean;
}

/** A command of a program. */
export interface ShownCommand {
  readonly name: string;
  readonly does: string;
  /** Those that the program's other commands do not have. */
  readonly flags: readonly ShownFlag[];
  /** Undefined where the command takes none. */
  readonly operands: Values | undefined;
}

/** A program. */
export interface ShownProgram {
  readonly name: string;
  readonly flags: readonly ShownFlag[];
  readonly commands: readonly ShownCommand[];
}

/** The flags that say where the configuration is: whoever asks for images has to pass them on. */
export const SOURCE_FLAGS: readonly string[] = [...CONFIG_FILE.names, ...CONFIG_DIR.names];

/** The flags after which nothing is asked: other nodes are meant then. */
export const REMOTE_FLAGS: readonly string[] = HOST.names;

/** How options and folders are called where the values are paths. */
const METAVARS: readonly (readonly [pattern: RegExp, kind: 'file' | 'folder'])[] = [
  [/^(?:PATH|FILE|CACERT|CERT|KEY)$/, 'file'],
  [/(?:^|_)DIR$/, 'folder'],
];

/**
 * All programs.
 *
 * @param manage the one that has commands; it is given, as it has the command that asks
 */
export function describePrograms(manage: Program): readonly ShownProgram[] {
  return [manage, PRUNER, CLEANER, PREFETCHER].map(describeProgram);
}

function describeProgram({ name, groups, commands }: Program): ShownProgram {
  const own = groups.flatMap(({ flags, options }) => [...flags.map(describeFlag), ...options.flatMap(describeOption)]);
  return {
    name,
    flags: [...[HELP, VERSION, CONFIG_FILE, CONFIG_DIR].map(describeFlag), ...own],
    commands: commands.length === 0 ? [] : [...commands.map(describeCommand), HELP_COMMAND],
  };
}

const HELP_COMMAND: ShownCommand = {
  name: 'help',
  does: 'Output help for one of the commands',
  flags: [],
  operands: { kind: 'commands' },
};

function describeCommand({ name, summary, flags, options = [], operands, operandsFrom }: Command): ShownCommand {
  return {
    name,
    does: summary,
    flags: [...flags.map(describeFlag), ...options.flatMap(describeOption)],
    operands: operands === undefined ? undefined : valuesFrom(operandsFrom),
  };
}

/** Words for a choice, the names of sources for images. */
function valuesFrom(from: Command['operandsFrom']): Values {
  if (from === undefined) return { kind: 'any' };
  return typeof from === 'string' ? { kind: 'images', sources: [from] } : { kind: 'words', words: from };
}

function describeFlag(flag: Flag): ShownFlag {
  if (!('type' in flag)) return shown(flag, flag.help, undefined);
  const { metavar, type, repeatable = false, imagesFrom } = flag;
  const values: Values = imagesFrom === undefined ? valuesOf(metavar, type) : { kind: 'images', sources: imagesFrom };
  return shown(flag, flag.help, { metavar, values, isRepeatable: repeatable });
}

/** An option that does nothing any more is accepted, and not offered. */
function describeOption({ flags, help, type, multiple = false, obsolete }: Option<unknown>): readonly ShownFlag[] {
  if (flags === undefined || obsolete !== undefined) return [];
  const { metavar, negation, hideNegation = false } = flags;
  const value =
    metavar === undefined ? undefined : { metavar, values: valuesOf(metavar, type), isRepeatable: multiple };
  const inverse = { names: [negation ?? ''], does: `The inverse of ${flags.names.at(-1) ?? ''}`, value: undefined };
  return [shown(flags, help, value), ...(negation === undefined || hideNegation ? [] : [inverse])];
}

function shown({ names }: OptionFlags, help: string, value: ShownValue | undefined): ShownFlag {
  return { names, does: help.replace(/\.$/, ''), value };
}

function valuesOf(metavar: string, { words }: Option<unknown>['type']): Values {
  if (words !== undefined) return { kind: 'words', words };
  return { kind: METAVARS.find(([pattern]) => pattern.test(metavar))?.[1] ?? 'any' };
}
