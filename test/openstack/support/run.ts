import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type RunAs, tetheredCommandAs } from './service-user.ts';

/** What a finished program left. */
export interface RunResult {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  readonly as?: RunAs;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it reads; without it, standard input is /dev/null. */
  readonly input?: string | undefined;
  /** Killed after this time. */
  readonly timeoutMs?: number | undefined;
}

/** A program that may still run. */
export interface RunningProgram {
  readonly child: ChildProcess;
  /** Resolves when it has ended and its output is read to the end. */
  readonly result: Promise<RunResult>;
}

const DEFAULT_TIMEOUT_MS = 100_000;

/** Starts a program without waiting for it; `child.kill` signals the program itself. */
export function startRun(argv: readonly string[], options: RunOptions): RunningProgram {
  const [command = '', ...args] = tetheredCommandAs(options.as, argv);
  const child = spawn(command, args, {
    // A folder that everybody can enter: the tests' own may be closed to the user that the program runs as.
    cwd: '/',
    env: options.env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  // A program may end without reading what it is given; that is no failure of the test.
  child.stdin?.on('error', () => undefined).end(options.input);
  return { child, result: finish(child) };
}

/** Runs a program to its end. */
export async function run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
  return startRun(argv, options).result;
}

/** Runs a program that has to succeed, and returns what it printed. */
export async function runOrThrow(argv: readonly string[], options: RunOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await run(argv, options);
  if (exitCode !== 0)
    throw new Error(`Cannot run ${argv.join(' ')}: exit code ${exitCode ?? 'none'}\n${stderr}${stdout}`);
  return stdout;
}

async function finish(child: ChildProcess): Promise<RunResult> {
  const [stdout, stderr] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    child.exitCode === null && child.signalCode === null ? once(child, 'close') : undefined,
  ]);
  return { exitCode: child.exitCode, signal: child.signalCode, stdout, stderr };
}
