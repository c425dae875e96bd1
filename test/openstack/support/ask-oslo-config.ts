import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PYTHON = '/usr/bin/python3';

/** What the real oslo.config makes of a text or an option. */
export type Answer = { readonly error: string } | { readonly value: unknown; readonly referenced?: string };

/** What the real oslo.config makes of everything it was asked. */
export interface Answers {
  readonly documents: readonly ({ readonly error: string; readonly line: number } | { readonly found: unknown })[];
  readonly texts: readonly Answer[];
  readonly cases: readonly ({ readonly error: string } | { readonly options: readonly Answer[] })[];
}

/** Asks the real oslo.config. @throws Error when it says anything on standard error */
export function askOslo(
  request: Readonly<Partial<Record<'documents' | 'texts' | 'cases' | 'options', unknown>>>,
): Answers {
  const run = spawnSync(PYTHON, [join(import.meta.dirname, 'oslo_config_oracle.py')], {
    input: JSON.stringify({ documents: [], texts: [], cases: [], options: [], ...request }),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    // The real parser reads in the encoding of the locale.
    env: { PATH: process.env['PATH'], PYTHONUTF8: '1', LC_ALL: 'C.UTF-8' },
  });
  if (run.status !== 0) throw new Error(`the oracle failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Answers;
}
