/**
 * The border to the process: the only user of `process`. Streams, signals and rights go in, an exit code comes out.
 */
import { userInfo } from 'node:os';
import { InterruptedError } from '../errors/cache-error.ts';
import { hasErrno } from '../errors/errno.ts';
import { EXIT_CODES } from '../errors/exit-codes.ts';
import { callProgram } from './call-program.ts';
import { directWriter } from './direct-writer.ts';
import type { Invocation } from './invocation.ts';
import { Output } from './output.ts';
import type { Program } from './program.ts';
import { Rights } from './rights.ts';

/** Runs a program with the arguments of this process, and sets its exit code. Never throws. */
export async function runProgram(program: Program): Promise<void> {
  const stopping = listenForSignals();
  const invocation: Invocation = {
    args: process.argv.slice(2),
    env: process.env,
    cwd: currentFolder(),
    homeDir: process.env['HOME'],
    accountHome: accountHome(),
    secrets: [],
    pid: process.pid,
    // Asked for only where questions are: opening it costs time, and may fail.
    get stdin() {
      return process.stdin;
    },
    stdout: new Output('standard output', () => process.stdout, directWriter(1)),
    stderr: new Output('standard error', () => process.stderr, directWriter(2)),
    rights: new Rights(process),
    signal: stopping.signal,
    listenForHangUps,
  };
  process.exitCode = await callProgram(program, invocation);
  stopping.ignore();
}

/** A shell may stand in a folder that was removed: only what is relative to it cannot be found then. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return process.env['PWD'] ?? '/';
  }
}

function accountHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    // A container's user may have no entry in the database.
    return undefined;
  }
}

interface Stopping {
  readonly signal: AbortSignal;
  ignore(): void;
}

/** The one process of a PID namespace, such as a container's. */
const FIRST_PID = 1;

function listenForHangUps(told: () => void): () => void {
  process.on('SIGHUP', told);
  return () => void process.off('SIGHUP', told);
}

/** The first signal ends the run at the next safe point; the second one ends the process. */
function listenForSignals(): Stopping {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    ignore();
    const signal = name === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    if (process.pid === FIRST_PID) endWithNext();
    controller.abort(new InterruptedError(signal, `Stopped by ${signal}`));
  };
  const ignore = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, ignore };
}

/** The kernel keeps from the first process of a PID namespace every signal that it does not listen for. */
function endWithNext(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // Nor does it take a SIGKILL from itself: nothing else ends it at once.
    process.once(name, () => process.exit(name === 'SIGINT' ? EXIT_CODES.Interrupted : EXIT_CODES.Terminated));
  }
}
