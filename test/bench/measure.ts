/**
 * Measures whole processes. Times are compared only with a baseline that ran in turn with them, run by run: machines
 * are shared, and their speed drifts.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder } from './folders.ts';

/** A command line; its output is thrown away. */
export interface CommandLine {
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** A file that it reads as its standard input. */
  readonly input?: string;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** All that a measured process finds in its environment, so that nobody's own decides the figures. */
export const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Node doing nothing. */
export const BARE_NODE: CommandLine = { argv: [process.execPath, '-e', '0'] };

/** Seconds from start to end of one run. */
export function timeOf(line: CommandLine): number {
  const startMs = performance.now();
  run(line, 'ignore');
  return (performance.now() - startMs) / 1000;
}

/** What a run says on standard output. */
export function outputOf(line: CommandLine): string {
  return run(line, 'pipe');
}

/**
 * Peak resident memory of one run of a Node program, in bytes.
 *
 * The kernel's mark of this one program is read, not `maxRSS`: that one starts with what the bench itself had in memory
 * when it forked.
 */
export function peakMemoryOf(line: CommandLine): number {
  const folder = makeFolder();
  try {
    const hook = join(folder, 'hook.cjs');
    const result = join(folder, 'peak');
    writeFileSync(
      hook,
      `const { readFileSync, writeFileSync } = require('node:fs');
if (require('node:worker_threads').isMainThread)
  process.on('exit', () => writeFileSync(${JSON.stringify(result)}, readFileSync('/proc/self/status')));`,
    );
    run({ ...line, env: { ...line.env, NODE_OPTIONS: `--require ${hook}` } }, 'ignore');
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(result, 'utf8')) ?? [];
    return Number(kib) * 1024;
  } finally {
    removeFolder(folder);
  }
}

function run({ argv, cwd = '/', input = '/dev/null', env = {} }: CommandLine, stdout: 'ignore' | 'pipe'): string {
  const [command = '', ...args] = argv;
  const stdin = openSync(input, 'r');
  try {
    const ended = spawnSync(command, args, {
      cwd,
      env: { ...ENVIRONMENT, ...env },
      stdio: [stdin, stdout, 'pipe'],
      encoding: 'utf8',
      maxBuffer: MOST_OUTPUT_BYTES,
    });
    if (ended.error !== undefined) throw ended.error;
    const { status, signal, stderr } = ended;
    if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status ?? signal}: ${stderr}`);
    // Null where standard output is no pipe, whatever the types say.
    return stdout === 'pipe' ? ended.stdout : '';
  } finally {
    closeSync(stdin);
  }
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
