/**
 * Lines that nobody reads as their author meant them: indented ones, those in a section that is none, and those with a
 * name that no program knows.
 */

import { shellWord } from '../../../errors/next-step.ts';
import type { ConfFile } from '../../../settings/conf-file.ts';
import { KEYSTONE_OPTIONS } from '../../../settings/options/keystone.ts';
import type { Assignment } from '../../../settings/scan-conf.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { CHECKED_OPTIONS } from './glance-api-options.ts';
import { nearestWord } from './nearest-word.ts';
import type { Configuration } from './read-configuration.ts';

/** A finding for each line; for a section that nobody reads only one. */
export function findUnreadLines({ files }: Configuration): readonly CheckFinding[] {
  return files.flatMap((file) => [...swallowed(file), ...misspeltDefault(file), ...unknownNames(file)]);
}

function swallowed({ path, swallowed: lines }: ConfFile): readonly CheckFinding[] {
  return lines.map(({ line, looksLike, key }) =>
    makeFinding({
      check: 'indented-line',
      severity: 'warning',
      message: `${path}:${line}: this indented ${looksLike} is read as a part of the value of ${key} above it`,
      reason: 'oslo.config takes an indented line for the rest of the value before it, whatever it looks like',
      command: `sed -i '${line}s/^[[:blank:]]*//' ${shellWord(path)}`,
    }),
  );
}

/** The only section whose name counts with its case. */
function misspeltDefault({ path, assignments }: ConfFile): readonly CheckFinding[] {
  const misspelt = assignments.find(({ section }) => section !== 'DEFAULT' && section.toUpperCase() === 'DEFAULT');
  if (misspelt === undefined) return [];
  const { section } = misspelt;
  return [
    makeFinding({
      check: 'unread-section',
      severity: 'warning',
      message: `${path}: nobody reads the section [${section}]: it is called [DEFAULT]`,
      reason: 'oslo.config takes sections in any case but this one',
      command: `sed -i 's/^\\[${section}\\]/[DEFAULT]/' ${shellWord(path)}`,
    }),
  ];
}

const TOOLS = 'cache_tools';

/** What credentials in that section are made of. */
const LOGIN = KEYSTONE_OPTIONS.map((option) => ({ ...option, group: TOOLS }));

function unknownNames({ path, assignments }: ConfFile): readonly CheckFinding[] {
  return assignments.flatMap((assignment) => {
    const meant = meantBy(assignment);
    if (meant === undefined) return [];
    const { section, key, line } = assignment;
    const { text, reason } = meant;
    return [
      makeFinding({
        check: 'unknown-option',
        severity: 'warning',
        message: `${path}:${line}: nobody reads ${key} in [${section}]`,
        reason,
        change: text === undefined ? undefined : { file: path, line, text },
        command: text !== undefined ? undefined : `sed -n ${line}p ${shellWord(path)}`,
      }),
    ];
  });
}

/** What a name that nobody knows stands for; undefined where it is known, or of no concern to a cache. */
function meantBy({
  section,
  key,
  value,
}: Assignment): { readonly text: string | undefined; readonly reason: string } | undefined {
  if (isKnown(section, key)) return undefined;
  const name = key.replaceAll('-', '_').toLowerCase();
  const isOurs = section.toLowerCase() === TOOLS || /^image_cache/.test(name);
  const home = CHECKED_OPTIONS.find((option) => option.name === name && isTelling(option.group, name));
  if (home === undefined && !isOurs) return undefined;
  if (home !== undefined && sameSection(home.group, section)) {
    return {
      text: home.secret === true ? undefined : lineOf(name, value),
      reason: `The name of the option is ${name}: dashes and capitals are not for files`,
    };
  }
  if (home !== undefined) {
    return { text: undefined, reason: `The option belongs into the section [${home.group}]` };
  }
  const group = section.toLowerCase() === TOOLS ? TOOLS : 'DEFAULT';
  const options = [...CHECKED_OPTIONS.filter((option) => option.group === group), ...(group === TOOLS ? LOGIN : [])];
  const near = nearestWord(
    name,
    options.map((option) => option.name),
  );
  if (near === undefined) return { text: undefined, reason: 'There is no such option, so the line does nothing' };
  const isSecret = options.some((option) => option.name === near && option.secret === true);
  return {
    text: isSecret ? undefined : lineOf(near, value),
    reason: `There is no such option; perhaps ${near} is meant`,
  };
}

/** A value of several lines is not told in one. */
function lineOf(name: string, value: string): string | undefined {
  return value.includes('\n') ? undefined : `${name} = ${value}`;
}

/** A name that means nothing but this option, wherever it stands: `password` and `workers` are other sections' as well. */
function isTelling(group: string, name: string): boolean {
  return group === TOOLS || /^image_cache/.test(name) || name === 'worker_self_reference_url';
}

function isKnown(section: string, key: string): boolean {
  const options = section.toLowerCase() === TOOLS ? [...CHECKED_OPTIONS, ...LOGIN] : CHECKED_OPTIONS;
  return options.some(
    ({ group, name, deprecatedNames = [] }) =>
      (name === key && sameSection(group, section)) ||
      deprecatedNames.some((old) => (old.name ?? name) === key && sameSection(old.group ?? group, section)),
  );
}

function sameSection(group: string, section: string): boolean {
  return group === 'DEFAULT' ? section === group : section.toLowerCase() === group.toLowerCase();
}
