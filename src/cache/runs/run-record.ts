/**
 * What is remembered of the runs of one program on one cache: how the last one ended, and what all of them together
 * have done, so that whoever watches has counters that only grow.
 */
import type { ErrorCode } from '../../errors/cache-error.ts';
import { EXIT_CODES } from '../../errors/exit-codes.ts';

/** How a run ended: `stopped` by a signal, `partial` when some items failed. */
export type RunEnd = 'success' | 'partial' | 'failure' | 'stopped';

/** All of them, in the order they are shown in. */
export const RUN_ENDS: readonly RunEnd[] = ['success', 'partial', 'failure', 'stopped'];

/** What all runs have done since the record was begun; a lost or damaged record begins anew, from nothing. */
export interface RunTotals {
  readonly images: number;
  readonly bytes: number;
  /** How many runs ended in which way. */
  readonly runs: Readonly<Record<RunEnd, number>>;
}

/** One run that has come to its end. Times in epoch seconds. */
export interface EndedRun {
  readonly program: string;
  /** Of the toolkit. */
  readonly version: string;
  readonly startedSec: number;
  readonly endedSec: number;
  readonly durationSec: number;
  /** What the process ended with, and the code of the error that made it; undefined for a success. */
  readonly exitCode: number;
  readonly errorCode: ErrorCode | undefined;
  /** Images removed or fetched; of the cleaner files. */
  readonly images: number;
  readonly bytes: number;
}

/** The record of a program. */
export interface RunRecord extends Omit<EndedRun, 'errorCode'> {
  /** As this or another release of the toolkit has named it. */
  readonly errorCode: string | undefined;
  /** When the last run that succeeded ended; undefined when none has. */
  readonly lastSuccessSec: number | undefined;
  readonly totals: RunTotals;
}

/** The layout of the file; another one is of another release, and means nothing here. */
const LAYOUT = 1;

/** What there is before the first run. */
export const NO_TOTALS: RunTotals = { images: 0, bytes: 0, runs: { success: 0, partial: 0, failure: 0, stopped: 0 } };

/** How a run with an exit code ended. */
export function runEndOf(exitCode: number): RunEnd {
  switch (exitCode) {
    case EXIT_CODES.Done:
      return 'success';
    case EXIT_CODES.Partial:
      return 'partial';
    case EXIT_CODES.Interrupted:
    case EXIT_CODES.Terminated:
      return 'stopped';
    default:
      return 'failure';
  }
}

/** The record of a program after one more run. */
export function withRun(before: RunRecord | undefined, run: EndedRun): RunRecord {
  const { images, bytes, runs } = before?.totals ?? NO_TOTALS;
  const end = runEndOf(run.exitCode);
  return {
    ...run,
    lastSuccessSec: end === 'success' ? run.endedSec : before?.lastSuccessSec,
    totals: { images: images + run.images, bytes: bytes + run.bytes, runs: { ...runs, [end]: runs[end] + 1 } },
  };
}

/** The text of a record. */
export function runRecordText(record: RunRecord): string {
  const { program, version, startedSec, endedSec, durationSec, exitCode, errorCode, lastSuccessSec } = record;
  const { images, bytes, totals } = record;
  const times = { started: startedSec, ended: endedSec, duration: durationSec, last_success: lastSuccessSec ?? null };
  const result = { exit_code: exitCode, error_code: errorCode ?? null, images, bytes, totals };
  return `${JSON.stringify({ layout: LAYOUT, program, version, ...times, ...result })}\n`;
}

/**
 * The record in a text.
 *
 * @returns undefined where the text is none: torn by a power cut, of another release, or of another program
 */
export function parseRunRecord(text: string, program: string): RunRecord | undefined {
  const fields = fieldsOf(parsed(text));
  if (fields['layout'] !== LAYOUT || fields['program'] !== program) return undefined;
  const { version, started, ended, duration, exit_code: exitCode, images, bytes } = fields;
  const { error_code: errorCode, last_success: lastSuccess } = fields;
  const totals = totalsOf(fields['totals']);
  if (!isWord(version) || !isAmount(started) || !isAmount(ended) || !isAmount(duration)) return undefined;
  if (!isAmount(exitCode) || !isAmount(images) || !isAmount(bytes) || totals === undefined) return undefined;
  if ((errorCode !== null && !isWord(errorCode)) || (lastSuccess !== null && !isAmount(lastSuccess))) return undefined;
  return {
    ...{ program, version, startedSec: started, endedSec: ended, durationSec: duration },
    ...{ exitCode, errorCode: errorCode ?? undefined, lastSuccessSec: lastSuccess ?? undefined },
    ...{ images, bytes, totals },
  };
}

function totalsOf(value: unknown): RunTotals | undefined {
  const { images, bytes, runs } = fieldsOf(value);
  const { success, partial, failure, stopped } = fieldsOf(runs);
  if (!isAmount(images) || !isAmount(bytes)) return undefined;
  if (!isAmount(success) || !isAmount(partial) || !isAmount(failure) || !isAmount(stopped)) return undefined;
  return { images, bytes, runs: { success, partial, failure, stopped } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** JSON has numbers that are too large for one. Counters may pass what is exact. */
function isAmount(value: unknown): value is number {
  return Number.isFinite(value) && Number(value) >= 0;
}

/** What goes on to a terminal or to a collector of metrics: a version, or the code of an error. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.+-]{1,64}$/.test(value);
}
