import { BadValue, wrongType } from './bad-value.ts';
import { interpolate } from './interpolate.ts';
import type { Layers, RawValue } from './layers.ts';
import { type Option, ValueError } from './option.ts';
import { strip } from './python-whitespace.ts';
import { pythonListRepr } from './types/python-repr.ts';

/**
 * From the texts in the layers to values: references are expanded, then the type has its say. Everything happens when an
 * option is read, never earlier, so a bad value that nobody reads is nobody's error.
 */

/** The text of an option after expansion. */
export interface ExpandedValue {
  readonly text: string;
  readonly raw: RawValue;
  /** The option is secret, or refers to one that is. */
  readonly secret: boolean;
}

/** Where a reference stands: the option and text it is in, and the options on the way there from the one that is read. */
interface Referrer {
  readonly option: Option<unknown>;
  readonly raw: RawValue;
  readonly trail: readonly Option<unknown>[];
}

/**
 * How much references may insert on the way to one value, characters: some lines that each refer to the next one several
 * times would unfold into gigabytes.
 */
const MAX_INSERTED = 64 * 1024;

/** Reads options out of the layers. */
export class Evaluator {
  readonly #layers: Layers;
  readonly #table: readonly Option<unknown>[];
  /** What was inserted so far on the way to the value that is being read, and one for each reference. */
  #inserted = 0;

  /**
   * @param layers where texts are found
   * @param table the options that others may refer to
   */
  constructor(layers: Layers, table: readonly Option<unknown>[]) {
    this.#layers = layers;
    this.#table = table;
  }

  /** The texts of an option before expansion: of the layers, else the default. */
  raw(option: Option<unknown>): readonly RawValue[] {
    const found = this.#layers.find(option);
    if (found.length > 0 || option.defaultText === undefined) return found;
    return [{ text: option.defaultText, origin: { kind: 'default' } }];
  }

  /**
   * A text after expansion.
   *
   * @throws BadValue when a reference leads nowhere, in a circle, to too much, or to a bad value
   */
  expand(option: Option<unknown>, raw: RawValue, trail: Referrer['trail'] = []): ExpandedValue {
    const referrer = { option, raw, trail: [...trail, option] };
    if (trail.length === 0) this.#inserted = 0;
    let secret = option.secret === true;
    const text = interpolate(raw.text, (name) => {
      const inserted = this.#referenced(name, referrer);
      this.#inserted += 1 + inserted.text.length;
      if (this.#inserted > MAX_INSERTED) throw lost(referrer, 'its references lead to too much text');
      secret ||= inserted.secret;
      return inserted.text;
    });
    return { text, raw, secret };
  }

  /**
   * The value of an expanded text; undefined for a blank where blank means "not set".
   *
   * @throws BadValue when the text is not of the option's type
   */
  convert<T>(option: Option<T>, { text, raw, secret }: ExpandedValue): T | undefined {
    const { type, defaultText } = option;
    if (type.blankMeansUnset === true && defaultText === undefined && strip(text) === '') return undefined;
    try {
      // Only a file can have one; no path, no URL and no header can, and what is given one fails in ways of its own.
      if (text.includes('\0')) throw new ValueError('has a NUL character in it');
      return type.parse(text);
    } catch (error) {
      if (error instanceof ValueError) throw wrongType({ option, raw, secret }, text, error);
      throw error;
    }
  }

  /** What a reference becomes: Python's `str()` of the value, and nothing for an option that is not set. */
  #referenced(name: string, referrer: Referrer): { readonly text: string; readonly secret: boolean } {
    const target = this.#target(referrer.option.group, name);
    if (target === undefined) throw lost(referrer, `it refers to "$${name}", and there is no such option`);
    if (referrer.trail.some(({ group, name: passed }) => group === target.group && passed === target.name)) {
      const circle = [...referrer.trail, target].map((option) => option.name).join(' → ');
      throw lost(referrer, `it refers to itself (${circle})`);
    }
    try {
      const values = this.raw(target).map((raw) => this.expand(target, raw, referrer.trail));
      for (const value of values) this.convert(target, value);
      const texts = values.map(({ text }) => target.type.referenced?.(text) ?? text);
      const secret = values.some((value) => value.secret);
      const isList = target.multiple === true && texts.length > 0;
      return { text: isList ? pythonListRepr(texts) : (texts[0] ?? ''), secret };
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw lost(referrer, `it refers to ${target.name}. ${error.message}`, error);
    }
  }

  /** A name without a group is looked for in the group of the option, then in DEFAULT. Case counts, unlike in files. */
  #target(group: string, name: string): Option<unknown> | undefined {
    const dot = name.indexOf('.');
    if (dot < 0) return this.#named(group, name) ?? this.#named('DEFAULT', name);
    // oslo.config knows no group of this name: `${DEFAULT.name}` never works.
    const named = name.slice(0, dot);
    return named === 'DEFAULT' ? undefined : this.#named(named, name.slice(dot + 1));
  }

  #named(group: string, name: string): Option<unknown> | undefined {
    const isNow = (option: Option<unknown>): boolean => option.group === group && option.name === name;
    const wasOnce = ({ group: now, deprecatedNames = [] }: Option<unknown>): boolean =>
      deprecatedNames.some((old) => (old.group ?? now) === group && old.name === name);
    return this.#table.find(isNow) ?? this.#table.find(wasOnce);
  }
}

/** What a secret refers to is a piece of it: "there is no option word" would tell of the password `pa$word`. */
function lost({ option, raw }: Referrer, reason: string, other?: BadValue): BadValue {
  const hint = other?.facts.hint ?? 'Write $$ for a literal dollar sign';
  // The other error is told in the reason and not kept as a cause: it holds the other value, which may be a secret.
  if (option.secret !== true) return new BadValue({ option, raw, secret: false, reason, hint });
  const discreet = 'a "$" in it refers to an option that does not exist or cannot be used';
  return new BadValue({ option, raw, secret: true, reason: discreet, hint });
}
