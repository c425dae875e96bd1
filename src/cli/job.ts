/**
 * The job of a program that is made to be run regularly: once, as cron starts it, or in rounds with `--daemon`.
 */
import { UsageError } from '../errors/cache-error.ts';
import { OPTIONS } from '../settings/options.ts';
import type { Settings } from '../settings/resolve.ts';
import { DAEMON } from './common-flags.ts';
import type { Call } from './program.ts';

/** What makes the next round of a daemon begin before its time. */
export type EarlierRound =
  | {
      /** The cached images take more than this. */
      readonly when: 'above-maximum';
      maxSizeBytes(call: Call, settings: Settings): number;
    }
  | {
      /** An image is queued. */
      readonly when: 'queued';
    };

/** A job, and what a daemon says about it. */
export interface Job {
  /** What becomes of the things that the summary counts. */
  readonly done: 'removed' | 'fetched';
  /** One of those things. */
  readonly noun: 'image' | 'file';
  readonly earlier?: EarlierRound;
  /** Does it once. */
  run(call: Call): Promise<void>;
}

/**
 * Does a job as the arguments ask for it.
 *
 * @throws UsageError; what the job throws, in rounds only what a wrong configuration makes the first one throw
 */
export async function doJob(call: Call, job: Job): Promise<void> {
  const { args } = call;
  if (args.has(DAEMON)) {
    const { runDaemon } = await import('./daemon/run-daemon.ts');
    return runDaemon(call, job);
  }
  if (args.settings.some(({ option }) => option === OPTIONS.wakeupTime)) {
    throw new UsageError('USAGE', 'Cannot use --wakeup-time: it is for a daemon, and this is a single run', {
      hint: 'Add --daemon, or leave --wakeup-time out',
    });
  }
  return job.run(call);
}
