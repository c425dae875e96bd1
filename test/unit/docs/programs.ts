import { CLEANER } from '../../../src/cli/cleaner.ts';
import { CONFIG_DIR, CONFIG_FILE, HELP, VERSION } from '../../../src/cli/common-flags.ts';
import { MANAGE } from '../../../src/cli/manage.ts';
import { commandFlags, commandOptions } from '../../../src/cli/parse-arguments.ts';
import { PREFETCHER } from '../../../src/cli/prefetcher.ts';
import type { Program } from '../../../src/cli/program.ts';
import { PRUNER } from '../../../src/cli/pruner.ts';
import type { OptionFlags } from '../../../src/settings/option.ts';

/** All programs. */
export const PROGRAMS: readonly Program[] = [MANAGE, PRUNER, CLEANER, PREFETCHER];

/** Every spelling of a program's flags. */
export interface Spellings {
  /** What help and manual must name: hidden spellings are left out. */
  readonly shown: ReadonlySet<string>;
  /** All that the program accepts. */
  readonly all: ReadonlySet<string>;
}

/** The flags of a program, of all its groups and commands. */
export function spellingsOf(program: Program): Spellings {
  const options = [...program.groups.flatMap((group) => group.options), ...commandOptions(program)];
  const settings = options.flatMap(({ flags }) => flags ?? []);
  const own = program.groups.flatMap(({ flags }) => flags);
  const flags: readonly OptionFlags[] = [
    ...[HELP, VERSION, CONFIG_FILE, CONFIG_DIR],
    ...own,
    ...commandFlags(program),
    ...settings,
  ];
  const negations = flags.flatMap(({ negation }) => negation ?? []);
  const shownNegations = flags.flatMap(({ negation, hideNegation }) => (hideNegation === true ? [] : (negation ?? [])));
  const names = flags.flatMap((flag) => flag.names);
  return {
    shown: new Set([...names, ...shownNegations]),
    all: new Set([...names, ...negations, ...flags.flatMap(({ hidden }) => hidden ?? [])]),
  };
}

/** The program of that name. */
export function programNamed(name: string): Program {
  const program = PROGRAMS.find((candidate) => candidate.name === name);
  if (program === undefined) throw new RangeError(`there is no program ${name}`);
  return program;
}
