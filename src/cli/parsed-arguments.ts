/**
 * What the arguments said, flag by flag, with values turned into what they stand for when they are asked for.
 */
import { UsageError } from '../errors/cache-error.ts';
import type { ConfigSource, FlagValue } from '../settings/load.ts';
import type { Option } from '../settings/option.ts';
import { ValueError } from '../settings/option.ts';
import { nearestWord } from '../text/nearest-word.ts';
import { type Flag, flagName, type ValueFlag } from './flag.ts';

/** The arguments of one run. */
export class ParsedArguments {
  readonly operands: readonly string[];
  /** `--config-file` and `--config-dir` in the order given. */
  readonly sources: readonly ConfigSource[];
  /** Options of the table that were given as flags. */
  readonly settings: readonly FlagValue[];
  readonly #texts: ReadonlyMap<Flag, readonly string[]>;

  /** @throws UsageError when the text of a flag is not of its type */
  constructor(parts: {
    readonly operands: readonly string[];
    readonly sources: readonly ConfigSource[];
    readonly settings: readonly FlagValue[];
    readonly texts: ReadonlyMap<Flag, readonly string[]>;
  }) {
    this.operands = parts.operands;
    this.sources = parts.sources;
    this.settings = parts.settings;
    this.#texts = parts.texts;
    // Before anything is read or done: whoever mistypes a flag is to hear of that, not of what comes first.
    for (const flag of this.#texts.keys()) if (isValueFlag(flag)) this.values(flag);
  }

  /** Whether a flag was given. */
  has(flag: Flag): boolean {
    return this.#texts.has(flag);
  }

  /** Whether an option of the table was switched on by a flag: what a configuration file says does not count. */
  isSwitchedOn(option: Option<boolean>): boolean {
    return this.settings.findLast((given) => given.option === option)?.text === 'true';
  }

  /** The value of a flag; the last one when it was given several times, undefined when it was not given. */
  value<T>(flag: ValueFlag<T>): T | undefined {
    return this.values(flag).at(-1);
  }

  /** All values of a flag, in the order given. */
  values<T>(flag: ValueFlag<T>): readonly T[] {
    return (this.#texts.get(flag) ?? []).map((text) => parse(flag, text));
  }
}

function parse<T>(flag: ValueFlag<T>, text: string): T {
  try {
    return flag.type.parse(text);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new UsageError('USAGE', `Cannot use ${flagName(flag)}: ${JSON.stringify(text)} ${error.message}`, {
      hint: hintOn(flag, text, error),
      details: { flag: flagName(flag), value: text },
      cause: error,
    });
  }
}

/** What to write, as far as that can be told from what was written, or from what the type expects. */
function hintOn(flag: ValueFlag<unknown>, text: string, { hint }: ValueError): string {
  const { expects, words = [] } = flag.type;
  const example = nearestWord(text, words) ?? /such as ([^\s,;]+)/.exec(expects)?.[1] ?? words[0];
  const told = hint ?? `Give ${expects.replace(/,? such as \S+$/, '')}`;
  return example === undefined ? `${told}, as ${flagName(flag)}=VALUE` : `${told}, as in ${flagName(flag)}=${example}`;
}

function isValueFlag(flag: Flag): flag is ValueFlag<unknown> {
  return 'type' in flag;
}
