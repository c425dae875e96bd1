import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { terminalCommand } from '../../support/terminal.ts';
import { type RunningProgram, type RunResult, startRun } from './run.ts';
import { canSwitchUser, type RunAs } from './service-user.ts';
import { systemEnvironment } from './system-environment.ts';

/** The programs of this package. */
export type ProgramName =
  | 'glance-cache-manage'
  | 'glance-cache-pruner'
  | 'glance-cache-cleaner'
  | 'glance-cache-prefetcher';

/** How to run one of our programs. */
export interface ProgramOptions {
  /** Root unless given; `glance` is the user that glance-api runs as; a number is any other uid, with that gid. */
  readonly as?: 'root' | 'glance' | number;
  /** Added to the environment, which is otherwise as bare as cron's. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads; without it, standard input is /dev/null. */
  readonly input?: string;
  /** Killed after this time; 100 s unless given. */
  readonly timeoutMs?: number;
  /** Runs it on a terminal, into which the input is typed; what it writes there is all standard output. */
  readonly onTerminal?: boolean;
}

/** Runs one of our programs, as built, to its end. */
export async function runProgram(
  name: ProgramName,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<RunResult> {
  return startProgram(name, args, options).result;
}

/** Starts one of our programs without waiting: to signal it, or to do something else meanwhile. */
export function startProgram(name: ProgramName, args: readonly string[], options: ProgramOptions = {}): RunningProgram {
  const { programsDir, nodeBinary, homeDir } = inject('stack');
  const file = join(programsDir, 'bin', `${name}.cjs`);
  if (!existsSync(file)) throw new Error(`Cannot run ${name}: bin/${name}.cjs was not there when the run began`);
  const argv = [nodeBinary, file, ...args];
  return startRun(options.onTerminal === true ? terminalCommand(argv) : argv, {
    as: resolveUser(options.as),
    env: { ...systemEnvironment(homeDir), ...options.env },
    input: options.input,
    timeoutMs: options.timeoutMs,
  });
}

function resolveUser(as: ProgramOptions['as'] = 'root'): RunAs {
  if (as === 'glance') return inject('stack').user;
  if (as !== 'root') return as;
  if (!canSwitchUser) throw new Error('Cannot run a program as root: the tests do not run as root');
  return undefined;
}
