/**
 * Remembers how a run ended and what it did, beside the cache. Nothing of that is the run's own work: what keeps it from
 * being written is told at debug level, and changes nothing.
 */
import type { EndedRun } from '../cache/runs/run-record.ts';
import { BusyError, CacheError, ConfigError, UsageError } from '../errors/cache-error.ts';
import { EXIT_CODES } from '../errors/exit-codes.ts';
import { exitCodeOf } from '../present/error-text.ts';
import { systemClock } from '../time/system-clock.ts';
import { DRY_RUN, SKIP_IF_BUSY } from './common-flags.ts';
import type { OpenRun } from './open-run.ts';
import type { Call } from './program.ts';
import { VERSION_NUMBER } from './version.ts';

/** What a job has done, or dry, would do; for whoever keeps count of runs. */
export interface JobSummary {
  /** Images removed or fetched; of the cleaner files. */
  readonly images: number;
  /** Bytes freed or fetched. */
  readonly bytes: number;
}

const NOTHING: JobSummary = { images: 0, bytes: 0 };

/**
 * Does the work of a run and remembers it: unless it is a dry run, was called or configured wrongly, has left the work
 * to somebody who was at it already, or the cache is not there.
 *
 * @param work gets whom to tell what was done
 * @throws what the work throws
 */
export async function recorded(
  call: Call,
  run: OpenRun,
  work: (summarize: (summary: JobSummary) => void) => Promise<void>,
): Promise<void> {
  const startedSec = systemClock.nowSec();
  const start = systemClock.monotonicSec();
  let done = NOTHING;
  const enter = async (ended: Pick<EndedRun, 'exitCode' | 'errorCode'>): Promise<void> => {
    await enterRun(call, run, {
      ...{ program: call.program.name, version: VERSION_NUMBER, ...done, ...ended },
      ...{
        startedSec,
        endedSec: systemClock.nowSec(),
        durationSec: toMicroseconds(systemClock.monotonicSec() - start),
      },
    });
  };
  try {
    await work((summary) => {
      done = summary;
    });
  } catch (error) {
    if (hasBegun(call, error)) {
      await enter({ exitCode: exitCodeOf(error), errorCode: error instanceof CacheError ? error.code : 'BUG' });
    }
    throw error;
  }
  await enter({ exitCode: EXIT_CODES.Done, errorCode: undefined });
}

/** What is beyond is noise, and makes numbers hard to read. */
function toMicroseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

function hasBegun({ args }: Call, error: unknown): boolean {
  if (error instanceof UsageError || error instanceof ConfigError) return false;
  // The other run tells of itself when it ends.
  return !(error instanceof BusyError && (error.code === 'BUSY_RUN' || args.has(SKIP_IF_BUSY)));
}

async function enterRun({ args }: Call, { access, log }: OpenRun, ended: EndedRun): Promise<void> {
  if (args.has(DRY_RUN)) return;
  try {
    if (!access.directory.exists()) return;
    if (!(await access.runs.enter(ended))) log.debug('This run is not recorded: the record is being written');
  } catch (error) {
    log.debug(`This run is not recorded: ${error instanceof Error ? error.message : String(error)}`);
  }
}
