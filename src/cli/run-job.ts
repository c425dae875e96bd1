/**
 * What cron and timers start: one job on the cache of this node, from its settings to its end.
 */
import { type OpenRun, type Prepared, type RunNeeds, withRun } from './open-run.ts';
import type { Call } from './program.ts';
import { type JobSummary, recorded } from './record-run.ts';
import { unlessBusy } from './unless-busy.ts';

/** A run that does a job. */
export interface JobRun extends OpenRun {
  /** Tells what was done. To be called once, before the end: a job that has failed in part throws afterwards. */
  summarize(summary: JobSummary): void;
}

/** Does the job of a program, and keeps record of it. */
export async function runJob<T extends Prepared>(
  call: Call,
  needs: RunNeeds<T>,
  work: (run: JobRun, prepared: T | undefined) => Promise<void>,
): Promise<void> {
  await withRun(call, needs, (run, prepared) =>
    unlessBusy(call, run.log, () =>
      recorded(call, run, (record) => {
        const summarize = (summary: JobSummary): void => {
          record(summary);
          call.round?.summarize(summary);
        };
        return work({ ...run, summarize }, prepared);
      }),
    ),
  );
}
