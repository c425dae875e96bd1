/**
 * Options that do nothing any more, and those with a name of the past.
 */
import { describeOrigin, type EffectiveOption } from '../../../settings/resolve.ts';
import { changeAt } from '../change-of.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { CHECKED_OPTIONS } from './glance-api-options.ts';
import type { Configuration } from './read-configuration.ts';

/** A finding for each. */
export function findObsolete({ settings, cachePrograms }: Configuration): readonly CheckFinding[] {
  // To an old glance-api they may still mean something.
  const ours = new Set(cachePrograms?.files);
  const isOurs = ({ origin }: EffectiveOption): boolean => origin.kind === 'file' && ours.has(origin.file);
  const set = settings.effective().filter(({ origin }) => origin.kind !== 'default');
  return [...set.filter(isOurs).flatMap(ignored), ...set.flatMap(renamed)];
}

function ignored({ group, name, origin }: EffectiveOption): readonly CheckFinding[] {
  const option = CHECKED_OPTIONS.find((candidate) => candidate.group === group && candidate.name === name);
  if (option?.obsolete === undefined) return [];
  return [
    makeFinding({
      check: 'obsolete-option',
      severity: 'note',
      message: `${describeOrigin(origin)}: ${name} does nothing`,
      reason: option.obsolete,
      change: changeAt(origin, ''),
    }),
  ];
}

function renamed({ group, name, value, origin, formerName }: EffectiveOption): readonly CheckFinding[] {
  if (formerName === undefined) return [];
  const isSameGroup = formerName.toLowerCase().startsWith(`[${group.toLowerCase()}] `);
  const canTell = isSameGroup && value !== undefined && value !== '***';
  return [
    makeFinding({
      check: 'former-name',
      severity: 'note',
      message: `${describeOrigin(origin)}: ${formerName} is a former name of [${group}] ${name}`,
      reason: 'Newer releases of the libraries of OpenStack no longer know it',
      change: canTell ? changeAt(origin, `${name} = ${value}`) : undefined,
    }),
  ];
}
