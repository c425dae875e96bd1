/**
 * A flag of the command line. Those of settings follow from the option table; the others, which no configuration file
 * knows, are declared with this type.
 */
import type { OptionFlags, OptionType } from '../settings/option.ts';
import type { ImageSource } from './image-source.ts';

/** A flag that takes a value. */
export interface ValueFlag<T> extends OptionFlags {
  readonly metavar: string;
  readonly type: OptionType<T>;
  /** May be given several times; all values count. */
  readonly repeatable?: boolean;
  /** Images that shells complete its value with. */
  readonly imagesFrom?: readonly ImageSource[];
  readonly help: string;
}

/** A flag that is given or not. */
export interface SwitchFlag extends Omit<OptionFlags, 'metavar'> {
  readonly help: string;
}

/** Any flag. */
export type Flag = ValueFlag<unknown> | SwitchFlag;

/** The name of a flag in messages: its long one. */
export function flagName(flags: OptionFlags): string {
  return flags.names.at(-1) ?? '';
}

/** All spellings of a flag but its negation. */
export function spellingsOf(flags: OptionFlags): readonly string[] {
  return [...flags.names, ...(flags.hidden ?? [])];
}
