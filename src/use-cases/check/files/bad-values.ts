/**
 * Values that cannot be used, and those that have a comment in them.
 */
import type { Option } from '../../../settings/option.ts';
import { quoteValue } from '../../../settings/quote-value.ts';
import { describeOrigin, type EffectiveOption, type Settings } from '../../../settings/resolve.ts';
import { changeAt } from '../change-of.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { CHECKED_OPTIONS } from './glance-api-options.ts';
import type { Configuration } from './read-configuration.ts';
import { withoutComment } from './without-comment.ts';

/** A finding for each value, whoever reads it. */
export function findBadValues({ settings, glanceApi }: Configuration): readonly CheckFinding[] {
  const found = new Map<string, CheckFinding>();
  for (const view of [settings, ...(glanceApi === undefined ? [] : [glanceApi.settings])]) {
    for (const option of setOptions(view)) {
      const finding = withComment(option) ?? unusable(option);
      if (finding === undefined) continue;
      found.set(`${describeOrigin(option.origin)} ${option.group} ${option.name}`, finding);
    }
  }
  return [...found.values()];
}

function setOptions(settings: Settings): readonly EffectiveOption[] {
  return settings.effective().filter(({ origin }) => origin.kind !== 'default');
}

/** Of a secret nothing is known but that it is one: a password may have any character. */
function withComment({ name, value, origin }: EffectiveOption): CheckFinding | undefined {
  if (origin.kind !== 'file' || value === undefined) return undefined;
  const meant = withoutComment(value);
  if (meant === value) return undefined;
  return makeFinding({
    check: 'inline-comment',
    severity: 'error',
    message: `${describeOrigin(origin)}: ${name} has a comment behind its value`,
    reason: `oslo.config knows no such comments: the value is all of ${quoteValue(value)}`,
    change: changeAt(origin, `${name} = ${meant}`),
  });
}

function unusable({ group, name, origin, problem, hint }: EffectiveOption): CheckFinding | undefined {
  if (problem === undefined) return undefined;
  const option = CHECKED_OPTIONS.find((candidate) => candidate.group === group && candidate.name === name);
  const meant = /^Write (?:the number of \w+, without a suffix: )?(\S+)$/.exec(hint ?? '')?.[1];
  const isIgnored = option?.obsolete !== undefined;
  const advice = meant === undefined && hint !== undefined ? `. ${hint}` : '';
  return makeFinding({
    check: 'bad-value',
    severity: isIgnored ? 'note' : 'error',
    message: `${describeOrigin(origin)}: ${name} cannot be used: ${problem}`,
    reason: `${isIgnored ? 'No program of this toolkit uses the option' : whatHappens(option)}${advice}`,
    change: meant === undefined ? undefined : changeAt(origin, `${name} = ${meant}`),
  });
}

function whatHappens(option: Option<unknown> | undefined): string {
  if (option?.group === 'cache_tools') return 'A program of this toolkit that uses the option stops at it';
  return 'glance-api and the programs of this toolkit stop as soon as they use the option';
}
