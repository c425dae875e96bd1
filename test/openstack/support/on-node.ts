import { type ProgramName, type ProgramOptions, runProgram, startProgram } from './programs.ts';
import type { RunningProgram, RunResult } from './run.ts';
import { canSwitchUser } from './service-user.ts';
import type { GlanceNode } from './stack-info.ts';

/** Who our programs are run as, where a test tries all: root and Glance's user; without root, only the latter. */
export const USERS: readonly ('root' | 'glance')[] = canSwitchUser ? ['root', 'glance'] : ['glance'];

/** Runs one of our programs with a node's glance-cache.conf; as Glance's user unless told otherwise. */
export async function runOurs(
  node: Pick<GlanceNode, 'cacheConf'>,
  name: ProgramName,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<RunResult> {
  return runProgram(name, ['--config-file', node.cacheConf, ...args], { as: 'glance', ...options });
}

/** Starts one of our programs in the same way, without waiting. */
export function startOurs(
  node: Pick<GlanceNode, 'cacheConf'>,
  name: ProgramName,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): RunningProgram {
  return startProgram(name, ['--config-file', node.cacheConf, ...args], { as: 'glance', ...options });
}

/** What a cron job that succeeds leaves: nothing. */
export const SILENT_SUCCESS = { exitCode: 0, stdout: '', stderr: '' } as const;
