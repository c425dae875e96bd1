/**
 * glance-cache-pruner: brings the cache down to its limits.
 */

import { itemColumns } from '../present/reports/item-columns.ts';
import { lastingShortfall, pruneRecord, pruneSentences } from '../present/reports/prune-report.ts';
import { OPTIONS } from '../settings/options.ts';
import type { Settings } from '../settings/resolve.ts';
import { byteSize } from '../settings/types/byte-size.ts';
import { exactSize } from '../text/amounts.ts';
import { prune } from '../use-cases/prune.ts';
import { ADOPT, DAEMON, DRY_RUN, FORMAT, SKIP_IF_BUSY } from './common-flags.ts';
import { finish } from './finish.ts';
import type { ValueFlag } from './flag.ts';
import { doJob, type Job } from './job.ts';
import { LOG_FLAGS } from './logging-flags.ts';
import type { Call, Program } from './program.ts';
import { pruneLimitsOf } from './prune-request.ts';
import { runProgram } from './run.ts';
import { runJob } from './run-job.ts';
import { logItems, showReport } from './show-report.ts';

const MAX_SIZE: ValueFlag<number> = {
  names: ['--max-size'],
  beyondStock: true,
  metavar: 'SIZE',
  type: byteSize,
  help: 'Prune to this size instead of image_cache_max_size, such as 80GiB.',
};

function maxSizeOf({ args }: Call, settings: Settings): number {
  return args.value(MAX_SIZE) ?? settings.get(OPTIONS.imageCacheMaxSize);
}

const JOB: Job = {
  done: 'removed',
  noun: 'image',
  earlier: { when: 'above-maximum', maxSizeBytes: maxSizeOf },
  run: (call) =>
    runJob(call, { openFiles: false }, async ({ access, settings, log, summarize }) => {
      const { args } = call;
      const report = await prune(access, {
        dryRun: args.has(DRY_RUN),
        adopt: args.has(ADOPT),
        ...pruneLimitsOf(settings),
        maxSizeBytes: maxSizeOf(call, settings),
      });
      summarize({ images: report.before.images - report.after.images, bytes: report.freedBytes });
      await logItems(report.items, log);
      for (const sentence of pruneSentences(report, exactSize)) log.debug(sentence);
      // No later run will do better: somebody has to free space elsewhere, to unpin, or to ask for less.
      const warning = report.dryRun ? undefined : lastingShortfall(report);
      if (warning !== undefined) log.warning(warning);
      await showReport(call, {
        items: report.items,
        sentences: (size) => pruneSentences(report, size),
        columns: itemColumns,
        record: () => pruneRecord(report),
      });
      finish(report, access.signal, log);
    }),
};

/** The declaration of the program. */
export const PRUNER: Program = {
  name: 'glance-cache-pruner',
  summary: 'Removes the least recently used images from the Glance image cache until it fits its limits.',
  groups: [
    {
      heading: 'Options:',
      flags: [DRY_RUN, MAX_SIZE, ADOPT, SKIP_IF_BUSY, FORMAT, DAEMON],
      options: [OPTIONS.lowWatermark, OPTIONS.minFree, OPTIONS.maxAge, OPTIONS.lockTimeout, OPTIONS.wakeupTime],
    },
    LOG_FLAGS,
  ],
  commands: [],
  examples: [
    { line: 'glance-cache-pruner --dry-run', does: 'Show which images would go, and why.' },
    {
      line: '*/30 * * * * glance glance-cache-pruner --skip-if-busy',
      does: 'A line of /etc/cron.d: silent on success.',
    },
    { line: 'glance-cache-pruner --daemon --wakeup-time 5m', does: 'In a container: again and again, until SIGTERM.' },
    { line: 'glance-cache-pruner --max-size 80GiB --low-watermark 80%', does: 'Once above 80 GiB, prune to 64 GiB.' },
  ],
  run: (call) => doJob(call, JOB),
};

/** Runs the program. */
export const run = (): Promise<void> => runProgram(PRUNER);
