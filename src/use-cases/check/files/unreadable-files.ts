/**
 * Files, folders and lines that could not be read.
 */
import type { ConfigError } from '../../../errors/cache-error.ts';
import { shellWord } from '../../../errors/next-step.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import type { Configuration } from './read-configuration.ts';

/** A finding for each. */
export function findUnreadable({ problems }: Configuration): readonly CheckFinding[] {
  return problems.map((problem) => (problem.code === 'CONFIG_PARSE' ? wrongLine(problem) : unread(problem)));
}

function wrongLine({ message, hint = '', details = {} }: ConfigError): CheckFinding {
  const { file, line } = details;
  return makeFinding({
    check: 'line-not-understood',
    severity: 'error',
    message: message.replace(/^Cannot parse /, ''),
    reason: `No program that reads the file starts: each stops at the first such line. ${hint}`,
    command: typeof line === 'number' ? `sed -n ${line}p ${shellWord(String(file))}` : undefined,
  });
}

function unread({ message, hint = '' }: ConfigError): CheckFinding {
  return makeFinding({
    check: 'file-not-read',
    severity: 'error',
    message,
    reason: `What it says could not be checked, and a program run by this user stops at it. ${hint}`,
  });
}
