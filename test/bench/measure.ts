/**
 * Measures whole processes. Times are compared only with a baseline that ran in turn with them, run by run: machines
 * are shared, and their speed drifts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command line; its output is read and thrown away. */
export interface CommandLine {
  readonly argv: readonly string[];
}

/** Seconds from start to end of one run. */
export function timeOf({ argv }: CommandLine): number {
  const startMs = performance.now();
  run(argv, {});
  return (performance.now() - startMs) / 1000;
}

/** Peak resident memory of one run of a Node program, in bytes. */
export function peakMemoryOf({ argv }: CommandLine): number {
  const folder = mkdtempSync(join(tmpdir(), 'glance-cache-bench-'));
  try {
    const hook = join(folder, 'hook.cjs');
    const result = join(folder, 'peak');
    writeFileSync(
      hook,
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS)));`,
    );
    run(argv, { NODE_OPTIONS: `--require ${hook}` });
    return Number(readFileSync(result, 'utf8')) * 1024;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(argv: readonly string[], env: Readonly<Record<string, string>>): void {
  const [command = '', ...args] = argv;
  const { status, stderr, error } = spawnSync(command, args, {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${String(stderr)}${error?.message ?? ''}`);
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
