/**
 * glance-cache-cleaner: removes what failed or stalled while it was being cached.
 */
import { cleanRecord, cleanSentences } from '../present/reports/clean-report.ts';
import { leftoverColumns } from '../present/reports/item-columns.ts';
import { exactSize } from '../present/sizes.ts';
import { OPTIONS } from '../settings/options.ts';
import { duration } from '../settings/types/duration.ts';
import { clean } from '../use-cases/clean.ts';
import { sumRemoved } from '../use-cases/report.ts';
import { DAEMON, DRY_RUN, FORMAT, IMAGE, SKIP_IF_BUSY } from './common-flags.ts';
import { finish } from './finish.ts';
import type { ValueFlag } from './flag.ts';
import { doJob, type Job } from './job.ts';
import { LOG_FLAGS } from './logging-flags.ts';
import type { Program } from './program.ts';
import { runProgram } from './run.ts';
import { runJob } from './run-job.ts';
import { logItems, showReport } from './show-report.ts';

const STALL_TIME: ValueFlag<number> = {
  names: ['--stall-time'],
  beyondStock: true,
  metavar: 'TIME',
  type: duration,
  help: 'Take incomplete images for stalled after this time instead of image_cache_stall_time, such as 6h.',
};

const JOB: Job = {
  done: 'removed',
  noun: 'file',
  run: (call) =>
    runJob(call, { openFiles: true }, async ({ access, settings, log, summarize }) => {
      const { args } = call;
      const configuredStallTimeSec = settings.get(OPTIONS.imageCacheStallTime);
      const images = args.values(IMAGE);
      const report = await clean(access, {
        dryRun: args.has(DRY_RUN),
        configuredStallTimeSec,
        stallTimeSec: args.value(STALL_TIME) ?? configuredStallTimeSec,
        invalidGraceSec: settings.get(OPTIONS.invalidGrace),
        imageIds: images.length === 0 ? undefined : new Set(images),
      });
      summarize({ images: sumRemoved(report.items).items, bytes: report.freedBytes });
      await logItems(report.items, log);
      for (const sentence of cleanSentences(report, exactSize)) log.debug(sentence);
      await showReport(call, {
        items: report.items,
        sentences: (size) => cleanSentences(report, size),
        columns: leftoverColumns,
        record: () => cleanRecord(report),
      });
      finish(report, access.signal, log);
    }),
};

/** The declaration of the program. */
export const CLEANER: Program = {
  name: 'glance-cache-cleaner',
  summary: 'Removes invalid images, and incomplete ones that have stalled, from the Glance image cache.',
  groups: [
    {
      heading: 'Options:',
      flags: [DRY_RUN, STALL_TIME, IMAGE, SKIP_IF_BUSY, FORMAT, DAEMON],
      options: [OPTIONS.invalidGrace, OPTIONS.lockTimeout, OPTIONS.wakeupTime],
    },
    LOG_FLAGS,
  ],
  commands: [],
  examples: [
    { line: 'glance-cache-cleaner --dry-run', does: 'Show what would go, what stays, and why.' },
    { line: '0 4 * * * root glance-cache-cleaner --skip-if-busy', does: 'A line of /etc/cron.d: silent on success.' },
    { line: 'glance-cache-cleaner --daemon --wakeup-time 1h', does: 'In a container: again and again, until SIGTERM.' },
    {
      line: 'sudo glance-cache-cleaner --stall-time 1h',
      does: 'Only root can see whether a younger file is still written.',
    },
  ],
  run: (call) => doJob(call, JOB),
};

/** Runs the program. */
export const run = (): Promise<void> => runProgram(CLEANER);
