import { CacheError } from '../errors/cache-error.ts';
import { EXIT_CODES, type ExitCode } from '../errors/exit-codes.ts';
import { THIS_COMMAND, withThisCommand } from '../errors/next-step.ts';
import { printable, printableJson } from '../text/printable.ts';
import { loadPaint } from './paint.ts';

/**
 * What standard error says when a program fails: for people one line and a hint, for programs one JSON object.
 */

/** How errors are shown. */
export interface ErrorView {
  /** Masks secrets; errors of libraries may quote a URL with its password. */
  readonly redact: (text: string) => string;
  readonly color: boolean;
  /** Whether to show where in the program the error arose. */
  readonly debug: boolean;
  /** What was called, for hints that say to call it again. */
  readonly commandLine?: string;
}

/** The facts of an error that are public: scripts read them. */
interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly exit_code: ExitCode;
  readonly details: Readonly<Record<string, unknown>>;
}

// A chain of causes may be a ring.
const CAUSES_SHOWN = 8;

/** The number that a program ends with because of an error. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof CacheError ? error.exitCode : EXIT_CODES.Bug;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function factsOf(error: unknown): ErrorFacts {
  if (error instanceof CacheError) {
    const { code, message, hint, exitCode, details } = error;
    return { code, message, hint: hint ?? null, exit_code: exitCode, details: details ?? {} };
  }
  return {
    code: 'BUG',
    message: `Cannot go on: unexpected failure: ${messageOf(error)}`,
    hint: `This is a fault of the program: report what this says: ${THIS_COMMAND} --debug`,
    exit_code: EXIT_CODES.Bug,
    details: {},
  };
}

/** Where an error arose and what caused it, a line each. */
function traceOf(error: unknown): readonly string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current !== undefined && depth < CAUSES_SHOWN; depth += 1) {
    const text = current instanceof Error ? (current.stack ?? messageOf(current)) : messageOf(current);
    lines.push(...(depth === 0 ? text : `caused by: ${text}`).split('\n'));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines;
}

/**
 * An error for people: `ERROR: <message>`, `hint: <hint>` where there is one, for each of its lines, and with `debug` the trace.
 *
 * @param error anything thrown
 * @returns whole lines
 */
export async function renderErrorText(error: unknown, view: ErrorView): Promise<string> {
  const { message, hint } = factsOf(error);
  const paint = await loadPaint(view.color);
  const show = (text: string): string => printable(view.redact(withCommandLine(text, view)));
  const lines = [`${paint.error('ERROR:')} ${show(message)}`];
  for (const line of hint?.split('\n') ?? []) lines.push(`${paint.warning('hint:')} ${show(line)}`);
  if (view.debug) lines.push(...traceOf(error).map(show));
  return `${lines.join('\n')}\n`;
}

/** Who calls from code, and not from a shell, is told of the command as such. */
function withCommandLine(text: string, { commandLine }: Pick<ErrorView, 'commandLine'>): string {
  return commandLine === undefined ? text : withThisCommand(text, commandLine);
}

/** Masks the texts within a value made of what JSON knows, and of big integers, which JSON gets as texts. */
function redactWithin(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map((item) => redactWithin(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactWithin(item, redact)]));
}

/**
 * An error for programs: `{"error": {"code", "message", "hint", "exit_code", "details"}}` on one line. All five are
 * always there: `hint` is null and `details` empty where there is nothing to say; `trace` is added with `debug`.
 *
 * @param error anything thrown
 * @returns one line
 */
export function renderErrorJson(error: unknown, view: Omit<ErrorView, 'color'>): string {
  const facts = view.debug ? { ...factsOf(error), trace: traceOf(error) } : factsOf(error);
  const show = (text: string): string => view.redact(withCommandLine(text, view));
  return `${printableJson(JSON.stringify({ error: redactWithin(facts, show) }))}\n`;
}
