/**
 * The line of a configuration file that a finding is about, and what it should say.
 */

import { shellWord } from '../../errors/next-step.ts';
import type { Option } from '../../settings/option.ts';
import type { Origin, Settings } from '../../settings/resolve.ts';
import type { Change } from './finding.ts';

/**
 * The change that gives an option another value.
 *
 * @param ownFile the file that a line is added to where no file sets the option; undefined where there is none
 * @returns undefined where a flag or a variable sets the option, or there is no file to change
 */
export function changeOf(
  settings: Settings,
  option: Option<unknown>,
  value: string,
  ownFile: string | undefined,
): Change | undefined {
  const { group, name } = option;
  const origin = settings.origin(option);
  switch (origin.kind) {
    case 'file':
      return { file: origin.file, line: origin.line, text: `${name} = ${value}` };
    case 'default':
      if (ownFile === undefined) return undefined;
      return { file: ownFile, line: undefined, text: `[${group}] ${name} = ${value}` };
    case 'flag':
    case 'environment':
      return undefined;
  }
}

/** The line that an origin tells of, with what it should say; undefined where it is no line. */
export function changeAt(origin: Origin, text: string): Change | undefined {
  return origin.kind === 'file' ? { file: origin.file, line: origin.line, text } : undefined;
}

/** A heading with its line: `[paste_deploy] flavor = keystone`. */
const ADDED = /^\[([^\]]+)\] (.*)$/s;

/**
 * The command that makes a change. A heading may stand in a file several times: lines below it belong together.
 *
 * @returns undefined where no command can be pasted that does
 */
export function commandFor(change: Change | undefined): string | undefined {
  if (change === undefined || /[\n\\]/.test(change.text)) return undefined;
  const { file, line, text } = change;
  if (line !== undefined)
    return `sed -i ${shellWord(text === '' ? `${line}d` : `${line}c ${text}`)} ${shellWord(file)}`;
  const [, heading, added] = ADDED.exec(text) ?? [];
  if (heading === undefined || added === undefined) return undefined;
  // The last line of a file may lack its end.
  return `printf '\\n%s\\n%s\\n' ${shellWord(`[${heading}]`)} ${shellWord(added)} >> ${shellWord(file)}`;
}
