import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CacheStateError } from '../../../../src/errors/cache-error.ts';
import { commandFor } from '../../../../src/use-cases/check/change-of.ts';
import type { Check, CheckContext } from '../../../../src/use-cases/check/check.ts';
import type { Severity } from '../../../../src/use-cases/check/finding.ts';
import { makeFinding } from '../../../../src/use-cases/check/make-finding.ts';
import { runChecks } from '../../../../src/use-cases/check/run-checks.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const CONTEXT = {} as CheckContext;

function finds(name: string, ...severities: readonly Severity[]): Check {
  return {
    name,
    run: () => severities.map((severity) => makeFinding({ check: name, severity, message: 'm', reason: 'r' })),
  };
}

const run = (checks: readonly Check[], signal = new AbortController().signal) =>
  runChecks(checks, CONTEXT, { signal, redact: (text) => text.replaceAll('S3cret', '***') });

describe('runChecks()', () => {
  test('has the gravest first, and keeps the order of the checks beside that', async () => {
    const found = await run([finds('a', 'note', 'error'), finds('b', 'warning'), finds('c', 'error')]);
    expect(found.map(({ check, severity }) => `${check} ${severity}`)).toEqual([
      'a error',
      'c error',
      'b warning',
      'a note',
    ]);
  });

  test('makes a finding of what keeps a check from looking, and goes on', async () => {
    const checks: readonly Check[] = [
      { name: 'mounts', run: () => Promise.reject(new CacheStateError('CACHE_IO', 'S3cret', { hint: 'Try S3cret' })) },
      {
        name: 'timers',
        run: () => {
          throw new TypeError('a bug');
        },
      },
      finds('c', 'error'),
    ];
    expect(await run(checks)).toMatchObject([
      { check: 'c' },
      { check: 'could-not-look', severity: 'warning', message: 'Could not look at mounts: ***', reason: 'Try ***' },
      { check: 'could-not-look', message: 'Could not look at timers: a bug' },
    ]);
  });

  test('stops when it is told to', async () => {
    await expect(run([finds('a')], AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});

describe('commandFor()', () => {
  const dir = useTempDir();

  /** A file with this content, after the command for a change has run. */
  function changed(content: string, change: { readonly line?: number; readonly text: string }): string {
    const file = join(dir(), "it's.conf");
    writeFileSync(file, content);
    const { line, text } = change;
    execFileSync('sh', ['-c', commandFor({ file, line, text }) ?? 'false']);
    return readFileSync(file, 'utf8');
  }

  test('makes the change when a shell runs it', () => {
    expect(changed('[a]\nb = 1\nc = 2\n', { line: 2, text: "b = it's $HOME `x`" })).toBe(
      "[a]\nb = it's $HOME `x`\nc = 2\n",
    );
    expect(changed('[a]\nb = 1\nc = 2\n', { line: 3, text: '' })).toBe('[a]\nb = 1\n');
    expect(changed('[a]\nb = 1', { text: '[c] d = 50% \\o/'.replaceAll('\\', '') })).toBe(
      '[a]\nb = 1\n[c]\nd = 50% o/\n',
    );
  });

  test('gives none where a command would do something else', () => {
    const file = '/a.conf';
    expect(commandFor(undefined)).toBeUndefined();
    expect(commandFor({ file, line: 1, text: 'a = b\nc' })).toBeUndefined();
    expect(commandFor({ file, line: 1, text: 'a = b\\n' })).toBeUndefined();
    expect(commandFor({ file, line: undefined, text: 'a = b' })).toBeUndefined();
  });
});
