/**
 * What a daemon says about its rounds: one line for each, whatever became of it.
 */
import { CacheError } from '../../errors/cache-error.ts';
import { withThisCommand } from '../../errors/next-step.ts';
import { countOf, exactSize, humanDuration } from '../../text/amounts.ts';
import type { Job } from '../job.ts';
import type { JobSummary } from '../record-run.ts';
import type { RoundOutcome, RoundStart } from './rounds.ts';
import type { Line } from './tell.ts';

/** What a hint calls the command line of a daemon: to run that by hand would start another daemon. */
export const SAME_COMMAND = 'the same command without --daemon';

/** A round that has ended. */
export interface EndedRound {
  readonly start: RoundStart;
  readonly outcome: RoundOutcome;
  /** Seconds until the next one; undefined where there is none. */
  readonly nextSec: number | undefined;
}

/** The line of a round. */
export function roundLine(job: Pick<Job, 'done' | 'noun'>, { start, outcome, nextSec }: EndedRound): Line {
  const { number, cause } = start;
  const name = cause === undefined ? `Round ${number}` : `Round ${number} (${cause})`;
  const next = nextSec === undefined ? '' : `; next ${nextSec === 0 ? 'at once' : `in ${humanDuration(nextSec)}`}`;
  const { result, error, summary, elapsedSec } = outcome;
  const took = `in ${elapsedSec.toFixed(1)} s`;
  const message = `${name}: ${whatBecame(outcome, summarize(job, summary))}, ${took}${next}`;
  if (result !== 'failed') return { level: 'INFO', message };
  const done = summary !== undefined && summary.images > 0 ? ` (${summarize(job, summary)})` : '';
  return { level: 'ERROR', message: `${name}: failed ${took}${done}: ${describe(error)}${next}` };
}

/** The line about new settings that cannot be used. */
export function keptLine(error: unknown): Line {
  return { level: 'ERROR', message: `Going on with the earlier configuration: ${describe(error)}` };
}

/** The last line of a daemon. */
export function stoppedLine({ reason }: AbortSignal): Line {
  return { level: 'INFO', message: reason instanceof Error ? reason.message : 'Stopped' };
}

function whatBecame({ result, error }: RoundOutcome, done: string): string {
  if (result === 'done') return done;
  const said = error instanceof Error ? error.message : String(error);
  return result === 'skipped' ? `skipped: ${said}` : `stopped: ${done}`;
}

function summarize({ done, noun }: Pick<Job, 'done' | 'noun'>, summary: JobSummary | undefined): string {
  if (summary === undefined || summary.images === 0) return `nothing ${done}`;
  return `${countOf(summary.images, noun)} ${done}, ${exactSize(summary.bytes)}`;
}

function describe(error: unknown): string {
  if (!(error instanceof CacheError)) {
    return `Cannot go on: unexpected failure: ${String(error)}; hint: This is a fault of the program: report what it says with --debug`;
  }
  if (error.hint === undefined) return error.message;
  return `${error.message}; hint: ${withThisCommand(error.hint, SAME_COMMAND).replaceAll('\n', '; ')}`;
}
