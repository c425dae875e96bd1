/**
 * The built programs, started as a shell would start them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandLine } from './measure.ts';

/** A program of the toolkit. */
export type ProgramName =
  | 'glance-cache-manage'
  | 'glance-cache-pruner'
  | 'glance-cache-cleaner'
  | 'glance-cache-prefetcher';

/** The launcher of a program. */
export function launcherOf(name: ProgramName): string {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly bin: Record<ProgramName, string> };
  return join(process.cwd(), bin[name]);
}

/** A run of a program with a configuration file. */
export function program(name: ProgramName, conf: string, ...args: readonly string[]): CommandLine {
  return { argv: [process.execPath, launcherOf(name), '--config-file', conf, ...args] };
}
