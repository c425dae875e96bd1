/**
 * The port to the records of runs: one for each program that does a job on a cache.
 */
import type { EndedRun, RunRecord } from './run-record.ts';

/** The records of one cache. Errors are CacheStateErrors that name the path and the cause. */
export interface Runs {
  /** The record of a program; undefined where there is none, or one that means nothing. */
  read(program: string): RunRecord | undefined;
  /**
   * Enters a run, in one step and under a lock of its own: the run that it is about has given back the program's, which
   * the next one may hold for hours by now.
   *
   * @returns false where another run that was just ending kept the lock: the run is not entered then
   */
  enter(run: EndedRun): Promise<boolean>;
}
