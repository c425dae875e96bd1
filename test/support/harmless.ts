/**
 * What must hold of every run, whatever it was given: it ends as the table of exit codes says, never as a bug, and
 * nothing that it prints is obeyed by a terminal.
 */
import { expect } from 'vitest';
import { EXIT_CODES, type ExitCode } from '../../src/errors/exit-codes.ts';
import type { RunResult } from './run-program.ts';

// Everything below a blank but the line feed, DEL, C1, separators of lines, and what turns the direction of writing.
const OBEYED = /[\0-\t\v-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const STACK = /^ +at .*:\d+/m;

const FORESEEN: readonly ExitCode[] = Object.values(EXIT_CODES).filter((code) => code !== EXIT_CODES.Bug);

/** Expects it of a run. */
export function expectHarmless(
  run: RunResult,
  args: readonly string[] = [],
  codes: readonly ExitCode[] = FORESEEN,
): void {
  const told = JSON.stringify({ args, ...run }).slice(0, 4000);
  expect(codes, told).toContain(run.code);
  const text = run.stdout + run.stderr;
  expect(OBEYED.test(text), told).toBe(false);
  // Whoever asks for them with --debug gets stacks.
  if (!args.some((arg) => arg.startsWith('--d') || /^-[^-]*d/.test(arg))) expect(STACK.test(text), told).toBe(false);
}

/** Expects JSON on standard output, and gives it back. */
export function jsonOf({ stdout, stderr }: RunResult): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`Expected JSON: ${stdout.slice(0, 2000)} ${stderr.slice(0, 2000)}`, { cause });
  }
}
