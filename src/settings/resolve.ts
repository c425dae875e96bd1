import { BadValue, toUserError } from './bad-value.ts';
import { Evaluator, type ExpandedValue } from './evaluate.ts';
import { type LayerSources, Layers, type RawValue } from './layers.ts';
import type { Option } from './option.ts';
import { describeOrigin, type Origin } from './origin.ts';
import { secretTexts } from './secret-texts.ts';
import { unknownKeyWarnings } from './unknown-keys.ts';

/**
 * From layers to settings. Nothing here reads a file or the environment, and nothing is checked before it is asked for.
 */

export { describeOrigin, type Origin } from './origin.ts';

/** One option with the value it has, as `config` and `check` show it. */
export interface EffectiveOption {
  readonly group: string;
  readonly name: string;
  /** The text after expansion of references; `***` for a secret that is set; undefined when nothing sets the option. */
  readonly value: string | undefined;
  readonly origin: Origin;
  /** Why the value cannot be used, if it cannot. */
  readonly problem?: string;
  /** What would mend it, where that is known. */
  readonly hint?: string;
  /** The former name under which it is set, such as `[DEFAULT] logfile`. */
  readonly formerName?: string;
}

/** All settings of one run. Values are checked when they are read, so a bad value that nobody reads does no harm. */
export interface Settings {
  /** The value of an option that has a default. @throws ConfigError CONFIG_VALUE, or UsageError for a bad flag */
  get<T>(option: Option<T> & { readonly defaultText: string }): T;
  /** The value of an option, undefined when nothing sets it. @throws ConfigError CONFIG_VALUE, or UsageError for a bad flag */
  get<T>(option: Option<T>): T | undefined;
  /** All values of an option that may have several. @throws ConfigError CONFIG_VALUE */
  getAll<T>(option: Option<T>): readonly T[];
  /** Where the value of an option comes from; never throws. */
  origin(option: Option<unknown>): Origin;
  /** Every option of the table, in its order; never throws. */
  effective(): readonly EffectiveOption[];
  /** The configuration files that were read, in order. */
  readonly files: readonly string[];
  /** Lines that probably do not mean what their author thinks: one sentence each, with file and line. */
  readonly warnings: readonly string[];
  /** Remarks for debug level: deprecated names in use, options that are set and do nothing. */
  readonly notes: readonly string[];
  /** Texts that no output may contain. */
  readonly secrets: readonly string[];
}

/**
 * The settings that some layers make.
 *
 * @param sources flags, environment and the files that were read
 * @param table the options there are; `effective` lists them, and values may refer to them
 */
export function resolveSettings(sources: LayerSources, table: readonly Option<unknown>[]): Settings {
  return new LayeredSettings(sources, table);
}

class LayeredSettings implements Settings {
  readonly files: readonly string[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly secrets: readonly string[];
  readonly #table: readonly Option<unknown>[];
  readonly #evaluator: Evaluator;

  constructor(sources: LayerSources, table: readonly Option<unknown>[]) {
    const layers = new Layers(sources);
    this.#table = table;
    this.#evaluator = new Evaluator(layers, table);
    this.files = sources.files.map(({ path }) => path);
    this.warnings = [...sources.files.flatMap(({ warnings }) => warnings), ...unknownKeyWarnings(sources.files, table)];
    this.notes = table.flatMap((option) => notesAbout(option, layers.find(option)));
    this.secrets = secretTexts(this.#evaluator, table);
  }

  get<T>(option: Option<T> & { readonly defaultText: string }): T;
  get<T>(option: Option<T>): T | undefined;
  get<T>(option: Option<T>): T | undefined {
    return this.getAll(option).at(-1);
  }

  getAll<T>(option: Option<T>): readonly T[] {
    try {
      return this.#evaluator
        .raw(option)
        .map((raw) => this.#evaluator.convert(option, this.#evaluator.expand(option, raw)))
        .filter((value) => value !== undefined);
    } catch (error) {
      throw error instanceof BadValue ? toUserError(error) : error;
    }
  }

  origin(option: Option<unknown>): Origin {
    return this.#evaluator.raw(option).at(-1)?.origin ?? { kind: 'default' };
  }

  effective(): readonly EffectiveOption[] {
    return this.#table.map((option) => {
      const texts = this.#evaluator.raw(option);
      const shown = texts.map((raw) => this.#shown(option, raw));
      const formerName = texts.at(-1)?.formerName;
      return {
        group: option.group,
        name: option.name,
        value: shown.length === 0 ? undefined : shown.map(({ value }) => value).join(','),
        origin: this.origin(option),
        ...shown.find((value) => value.fault !== undefined)?.fault,
        ...(formerName === undefined ? {} : { formerName }),
      };
    });
  }

  /** A value that cannot be expanded is shown as it is written. */
  #shown(option: Option<unknown>, raw: RawValue): ShownValue {
    let expanded: ExpandedValue = { text: raw.text, raw, secret: option.secret === true };
    try {
      expanded = this.#evaluator.expand(option, raw);
      this.#evaluator.convert(option, expanded);
      return { value: masked(expanded) };
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      const { reason, hint } = error.facts;
      return { value: masked(expanded), fault: { problem: reason, ...(hint === undefined ? {} : { hint }) } };
    }
  }
}

interface ShownValue {
  readonly value: string;
  readonly fault?: Pick<EffectiveOption, 'problem' | 'hint'>;
}

function masked({ text, secret }: ExpandedValue): string {
  return secret ? '***' : text;
}

function notesAbout(option: Option<unknown>, values: readonly RawValue[]): readonly string[] {
  const value = values.at(-1);
  if (value === undefined) return [];
  const { group, name, obsolete } = option;
  const where = describeOrigin(value.origin);
  return [
    ...(value.formerName === undefined
      ? []
      : [`${value.formerName} (${where}) is a former name: write [${group}] ${name}`]),
    ...(obsolete === undefined ? [] : [`${name} (${where}) is ignored. ${obsolete}`]),
  ];
}
