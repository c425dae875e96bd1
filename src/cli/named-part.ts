/**
 * The part of a program's declaration that some arguments name. A parser for all flags and commands takes as long to
 * build as a short run takes for everything else.
 */
import type { OptionFlags } from '../settings/option.ts';
import { flagName } from './flag.ts';
import type { Program } from './program.ts';

/** @param args with each flag in the spelling commander knows it by */
export function namedPart(program: Program, args: readonly string[]): Program {
  const words = new Set(args.map((arg) => (arg.startsWith('--') ? (arg.split('=', 1)[0] ?? '') : arg)));
  const isNamed = (flags: OptionFlags): boolean =>
    words.has(flagName(flags)) || (flags.negation !== undefined && words.has(flags.negation));
  return {
    ...program,
    groups: program.groups.map(({ heading, flags, options }) => ({
      heading,
      flags: flags.filter(isNamed),
      options: options.filter((option) => option.flags !== undefined && isNamed(option.flags)),
    })),
    commands: program.commands.filter(({ name }) => words.has(name)),
  };
}
