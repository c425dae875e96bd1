import { ConfigError, type ErrorExtras, UsageError } from '../errors/cache-error.ts';
import { editCommand } from '../errors/next-step.ts';
import type { RawValue } from './layers.ts';
import { type Option, ValueError } from './option.ts';
import { describeOrigin, type Origin } from './origin.ts';
import { quoteValue } from './quote-value.ts';

/**
 * What is told about a value that cannot be used: which option, from where, what it is and what it should be. Of a secret
 * nothing is told but that it is bad.
 */

/** The facts about a bad value. */
export interface BadValueFacts {
  readonly option: Option<unknown>;
  readonly raw: RawValue;
  /** Whether the value, or one it refers to, may not be shown. */
  readonly secret: boolean;
  /** What is wrong, without the name of the option and its origin. */
  readonly reason: string;
  readonly hint: string | undefined;
  readonly cause?: ValueError;
}

/** A value that cannot be used. It stays inside settings: a reader of the option gets what {@link toUserError} makes of it. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
  readonly facts: BadValueFacts;

  constructor(facts: BadValueFacts) {
    const { option, raw, reason, cause } = facts;
    const { origin } = raw;
    const what = origin.kind === 'flag' ? origin.flag : `${option.name} from ${describeOrigin(origin)}`;
    super(`Cannot use ${what}: ${reason}`, cause === undefined ? undefined : { cause });
    this.facts = facts;
  }
}

/**
 * The bad value that a failed type check stands for.
 *
 * @param text the text after expansion
 */
export function wrongType(facts: Omit<BadValueFacts, 'reason' | 'hint'>, text: string, error: ValueError): BadValue {
  const { type } = facts.option;
  if (facts.secret) return new BadValue({ ...facts, reason: `its value is not ${type.expects}`, hint: undefined });
  return new BadValue({
    ...facts,
    cause: error,
    reason: `${quoteValue(text)} ${error.message}; expected ${type.expects}`,
    hint: inlineCommentHint(facts.option, text) ?? error.hint,
  });
}

/** The error for the user: of usage when the value was typed as a flag, of configuration otherwise. */
export function toUserError(error: BadValue): ConfigError | UsageError {
  const { option, raw, secret, hint } = error.facts;
  const { origin } = raw;
  const extras: ErrorExtras = {
    hint: nextStep(origin, hint),
    details: {
      group: option.group,
      name: option.name,
      ...(secret ? {} : { value: raw.text }),
      ...originDetails(origin),
    },
    cause: error.cause,
  };
  if (origin.kind === 'flag') return new UsageError('USAGE', error.message, extras);
  return new ConfigError('CONFIG_VALUE', error.message, extras);
}

/**
 * What to do about a bad value, and where.
 *
 * @param hint what would mend it, where that is known
 */
function nextStep(origin: Origin, hint: string | undefined): string {
  switch (origin.kind) {
    case 'file':
      return `${hint ?? 'Correct that line, or remove it to have the default'}; to edit it: ${editCommand(origin.file, origin.line)}`;
    case 'environment':
      return `${hint ?? 'Correct that variable'}, or unset it: unset ${origin.variable}`;
    case 'flag':
      return `${hint ?? 'Give another value'}, or leave ${origin.flag} out to have the configured one: glance-cache-manage config`;
    case 'default':
      return `${hint ?? 'Set the option itself, as its default cannot be used here'}; where all are set: glance-cache-manage config`;
  }
}

function originDetails(origin: Origin): Readonly<Record<string, unknown>> {
  switch (origin.kind) {
    case 'file':
      return { file: origin.file, line: origin.line };
    case 'environment':
      return { variable: origin.variable };
    case 'flag':
      return { flag: origin.flag };
    case 'default':
      return {};
  }
}

/**
 * The hint for `10737418240  # 10 GB`, which looks right to everybody who knows other configuration files. It is given
 * only when the rest of the value would be good, so it is never wrong.
 */
function inlineCommentHint({ type }: Option<unknown>, text: string): string | undefined {
  const value = /^(.*?)\s+[#;]/s.exec(text)?.[1]?.trim();
  if (value === undefined || value === '') return undefined;
  try {
    type.parse(value);
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
  return `Put the comment on a line of its own: oslo.config takes "#" and ";" behind a value for a part of it. Leave ${quoteValue(value)} here`;
}
