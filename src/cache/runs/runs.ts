/**
 * The port to the records of runs: one for each program that does a job on a cache.
 */
import type { EndedRun, RunRecord } from './run-record.ts';

/** The records of one cache. Errors are CacheStateErrors that name the path and the cause. */
export interface Runs {
  /** The record of a program; undefined where there is none, or one that means nothing. */
  read(program: string): RunRecord | undefined;
  /**
   * Enters a run, in one step and while no other run can: the run that it is about has given back the program's lock,
   * which the next one may hold for hours by now.
   *
   * @returns false where other runs always came first: the run is not entered then
   */
  enter(run: EndedRun): Promise<boolean>;
}
