import type { ConfFile } from './conf-file.ts';
import type { Option } from './option.ts';
import type { Origin } from './origin.ts';
import { splitList } from './types/list.ts';

/**
 * Where the text of an option is looked for: flags, then environment, then files, the last file first. Texts only:
 * nothing is expanded or checked here.
 */

/** An option given on the command line. */
export interface FlagValue {
  readonly option: Option<unknown>;
  /** The text as typed; `true` or `false` for a boolean. */
  readonly text: string;
  /** The flag by its long name, such as `--max-age`. */
  readonly flag: string;
}

/** The layers above the defaults. */
export interface LayerSources {
  readonly flags: readonly FlagValue[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** In the order they were read. */
  readonly files: readonly ConfFile[];
}

/** The text of an option, before expansion. */
export interface RawValue {
  readonly text: string;
  readonly origin: Origin;
  /** The former name under which it was found, such as `[DEFAULT] logfile`. */
  readonly formerName?: string;
}

/** The layers above the defaults, ready to be searched. */
export class Layers {
  readonly #flags: readonly FlagValue[];
  readonly #env: LayerSources['env'];
  /** Newest first, each from section and key to its values. */
  readonly #files: readonly ReadonlyMap<string, readonly RawValue[]>[];

  constructor({ flags, env, files }: LayerSources) {
    this.#flags = flags;
    this.#env = env;
    this.#files = files.map(indexFile).reverse();
  }

  /**
   * The texts that set an option: none, one, or for an option with several values all of the highest layer. A flag beats
   * the environment even if a file sets the option too; oslo.config gets that case wrong.
   */
  find(option: Option<unknown>): readonly RawValue[] {
    const flags = this.#flags.filter(({ option: { group, name } }) => group === option.group && name === option.name);
    if (flags.length > 0) {
      const values = flags.map(({ text, flag }): RawValue => ({ text, origin: { kind: 'flag', flag } }));
      return option.multiple === true ? values : values.slice(-1);
    }
    return this.#fromEnvironment(option) ?? this.#fromFiles(option);
  }

  #fromEnvironment(option: Option<unknown>): readonly RawValue[] | undefined {
    const variable = environmentVariable(option);
    const text = this.#env[variable];
    if (text === undefined) return undefined;
    const texts = option.multiple === true ? splitList(text) : [text];
    return texts.map((part) => ({ text: part, origin: { kind: 'environment', variable } }));
  }

  #fromFiles(option: Option<unknown>): readonly RawValue[] {
    const keys = searchKeys(option);
    if (option.multiple === true) {
      // Oldest file first, and in a file the values of former names before those of the present one.
      return this.#files.flatMap((file) => keys.flatMap((key) => (file.get(key) ?? []).toReversed())).reverse();
    }
    // One file is searched for all names before the file read before it, so an old name in a later file wins.
    for (const file of this.#files) {
      const key = keys.find((candidate) => file.has(candidate));
      if (key === undefined) continue;
      const value = file.get(key)?.at(-1);
      if (value === undefined) continue;
      return [key === keys[0] ? value : { ...value, formerName: describeKey(key) }];
    }
    return [];
  }
}

/** The environment variable that sets an option. */
export function environmentVariable({ group, name }: Option<unknown>): string {
  return `OS_${group.toUpperCase()}__${name.toUpperCase()}`;
}

function indexFile(file: ConfFile): ReadonlyMap<string, readonly RawValue[]> {
  const index = new Map<string, RawValue[]>();
  for (const { section, key, value, line } of file.assignments) {
    const place = searchKey(section, key);
    const values = index.get(place) ?? [];
    values.push({ text: value, origin: { kind: 'file', file: file.path, line } });
    index.set(place, values);
  }
  return index;
}

/** The places of an option in a file: its present name, then the former ones, then those with dashes turned into `_`. */
function searchKeys({ group, name, deprecatedNames = [] }: Option<unknown>): readonly string[] {
  const former = deprecatedNames.map((old) => ({ group: old.group ?? group, name: old.name ?? name }));
  const respelled = former.map((old) => ({ ...old, name: old.name.replaceAll('-', '_') }));
  return Array.from(
    new Set([{ group, name }, ...former, ...respelled].map((place) => searchKey(place.group, place.name))),
  );
}

/** Sections count without regard to case, but `DEFAULT` must be written so: `[default]` is a section nobody asks for. */
function searchKey(section: string, key: string): string {
  // A line feed cannot occur in either.
  return `${section === 'DEFAULT' ? section : section.toLowerCase()}\n${key}`;
}

function describeKey(place: string): string {
  const [section = '', key = ''] = place.split('\n');
  return `[${section}] ${key}`;
}
