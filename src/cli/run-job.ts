/**
 * What cron and timers start: one job on the cache of this node, from its settings to its end.
 */
import { countOf, exactSize } from '../present/sizes.ts';
import { type OpenRun, type RunNeeds, withRun } from './open-run.ts';
import type { Call } from './program.ts';
import { unlessBusy } from './unless-busy.ts';

/** What a job has done, or dry, would do; for whoever keeps count of runs. */
export interface JobSummary {
  /** Images removed or fetched; of the cleaner files. */
  readonly images: number;
  /** Bytes freed or fetched. */
  readonly bytes: number;
}

/** A run that does a job. */
export interface JobRun extends OpenRun {
  /** Tells what was done. To be called once, before the end: a job that has failed in part throws afterwards. */
  summarize(summary: JobSummary): void;
}

/** Does the job of a program. */
export async function runJob<T = undefined>(
  call: Call,
  needs: RunNeeds<T>,
  work: (run: JobRun, prepared: T | undefined) => Promise<void>,
): Promise<void> {
  await withRun(call, needs, (run, prepared) => {
    const summarize = ({ images, bytes }: JobSummary): void => {
      run.log.debug(`Summary: ${countOf(images, 'image')}, ${exactSize(bytes)}`);
    };
    return unlessBusy(call, run.log, () => work({ ...run, summarize }, prepared));
  });
}
