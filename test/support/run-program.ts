/**
 * Runs a built program as a user would: a process of its own with a clean environment, nothing of the tester's.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { commandLine } from '../../src/cli/command-line.ts';
import { THIS_COMMAND } from '../../src/errors/next-step.ts';
import { terminalCommand } from './terminal.ts';

/** The folder of the package. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** A program of the toolkit, without the prefix that all share. */
export type ProgramName = 'manage' | 'pruner' | 'cleaner' | 'prefetcher';

/** A user and group to run as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Whether the tests run as root. */
export const AS_ROOT = process.getuid?.() === 0;

const NOBODY: Identity = { uid: 65_534, gid: 65_534 };

/** A user without rights: nobody when the tests run as root, the tester otherwise. */
export const UNPRIVILEGED: Identity = AS_ROOT
  ? NOBODY
  : { uid: process.getuid?.() ?? NOBODY.uid, gid: process.getgid?.() ?? NOBODY.gid };

/** How to run a program. */
export interface RunOptions {
  /** Added to the environment, which holds only what a login would set. */
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
  readonly cwd?: string;
  /** What it reads, up to the end of input; null leaves the input open. */
  readonly stdin?: string | null;
  readonly as?: Identity;
  /** A command that runs the command given to it as arguments, such as `unshare --mount`. */
  readonly within?: readonly string[];
  /** File descriptors to give it instead of pipes, such as one of /dev/full. */
  readonly stdio?: StdioOptions;
  /** Runs it on a terminal, of which all that stands on it is standard output. */
  readonly onTerminal?: boolean;
  /** Leaves hints as they are, for a test that pastes what is in them. */
  readonly rawHints?: boolean;
}

/** What became of a run. */
export interface RunResult {
  /** The exit code, or the signal it died of. */
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface RunningProgram {
  readonly process: ChildProcess;
  readonly ended: Promise<RunResult>;
}

/** Starts a program. */
export function startProgram(name: ProgramName, args: readonly string[], options: RunOptions = {}): RunningProgram {
  const {
    env,
    home = '/nonexistent',
    cwd = '/',
    stdin = '',
    as,
    stdio = 'pipe',
    within = [],
    rawHints = false,
    onTerminal = false,
  } = options;
  const argv = [...within, process.execPath, join(ROOT, 'bin', `glance-cache-${name}.cjs`), ...args];
  const [command = process.execPath, ...rest] = onTerminal ? terminalCommand(argv) : argv;
  const child = spawn(command, rest, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: home, TZ: 'UTC', NO_COLOR: '1', ...env },
    stdio,
    ...(as === undefined || !AS_ROOT ? {} : as),
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text;
    });
  }
  // A program that does not read its input may end before that is written.
  child.stdin?.on('error', () => undefined);
  if (stdin !== null) child.stdin?.end(stdin);
  const ended = new Promise<RunResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({
        code: code ?? signal,
        ...texts,
        stderr: rawHints ? texts.stderr : comparableHints(name, args, texts.stderr),
      }),
    );
  });
  return { process: child, ended };
}

/** Hints without what differs in each run: the command line that was called, the folders of the test, and ports. */
function comparableHints(name: ProgramName, args: readonly string[], stderr: string): string {
  const called = commandLine(`glance-cache-${name}`, args);
  return stderr.replaceAll(/^hint:.*$|(?<=^\{"error".*)"hint":"(?:[^"\\]|\\.)*"/gm, (line) =>
    (args.length === 0 ? line : line.replaceAll(called, () => THIS_COMMAND))
      .replaceAll(/[\w./-]*\/glance-cache-tools-\w{6}/g, '/test')
      .replaceAll(/(?<=127\.0\.0\.1):\d+/g, ':9'),
  );
}

/** Runs a program to its end. */
export function runProgram(name: ProgramName, args: readonly string[], options?: RunOptions): Promise<RunResult> {
  return startProgram(name, args, options).ended;
}

/** What a program says when it succeeds: this on standard output, nothing on standard error. */
export function success(stdout = ''): RunResult {
  return { code: 0, stdout, stderr: '' };
}

/** What a program says when it fails: an error and a hint on standard error, nothing on standard output. */
export function failure(code: number, message: string, hint: string): RunResult {
  return { code, stdout: '', stderr: `ERROR: ${message}\nhint: ${hint}\n` };
}

/** A result without the time that a command took. */
export function timeless({ code, stdout, stderr }: RunResult): RunResult {
  return { code, stdout: withoutDuration(stdout), stderr };
}

/** A text without the time that a command took. */
export function withoutDuration(text: string): string {
  return text.replace(/Completed in \d+\.\d{4} sec\./, 'Completed in N sec.');
}

/** A log line, or several, without time and process. */
export function withoutTime(log: string): string {
  return log.replaceAll(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ /gm, '');
}
