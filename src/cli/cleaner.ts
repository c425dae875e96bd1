/**
 * glance-cache-cleaner: removes what failed or stalled while it was being cached, and on request what is stale.
 */
import { cleanRecord, cleanSentences } from '../present/reports/clean-report.ts';
import { leftoverColumns } from '../present/reports/item-columns.ts';
import { OPTIONS } from '../settings/options.ts';
import { duration } from '../settings/types/duration.ts';
import { exactSize } from '../text/amounts.ts';
import { type CleanReport, type CleanRequest, clean } from '../use-cases/clean.ts';
import { sumRemoved } from '../use-cases/report.ts';
import { AUTH_FLAGS, PROVIDER_FLAGS } from './auth-flags.ts';
import type { ToldReport } from './clean-stale.ts';
import { type FoundCredentials, findCredentials } from './cloud/find-credentials.ts';
import { DAEMON, DRY_RUN, FORMAT, IMAGE, SKIP_IF_BUSY } from './common-flags.ts';
import { finish } from './finish.ts';
import type { ValueFlag } from './flag.ts';
import { doJob, type Job } from './job.ts';
import { LOG_FLAGS } from './logging-flags.ts';
import type { Call, Program } from './program.ts';
import { runProgram } from './run.ts';
import { type JobRun, runJob } from './run-job.ts';
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
    runJob(
      call,
      {
        openFiles: true,
        prepare: async ({ settings }) => (settings.get(OPTIONS.stale) ? findCredentials(call, settings) : undefined),
      },
      (run, found) => cleanAndTell(call, run, found),
    ),
};

/** The declaration of the program. */
export const CLEANER: Program = {
  name: 'glance-cache-cleaner',
  summary:
    'Removes invalid images, incomplete ones that have stalled and, if asked to, stale ones from the Glance image cache.',
  groups: [
    {
      heading: 'Options:',
      flags: [DRY_RUN, STALL_TIME, IMAGE, SKIP_IF_BUSY, FORMAT, DAEMON],
      options: [
        OPTIONS.invalidGrace,
        OPTIONS.lockTimeout,
        OPTIONS.wakeupTime,
        OPTIONS.stale,
        OPTIONS.staleLimit,
        OPTIONS.retries,
        OPTIONS.stallTimeout,
      ],
    },
    AUTH_FLAGS,
    PROVIDER_FLAGS,
    LOG_FLAGS,
  ],
  commands: [],
  examples: [
    { line: 'glance-cache-cleaner --dry-run', does: 'Show what would go, what stays, and why.' },
    { line: '0 4 * * * root glance-cache-cleaner --skip-if-busy', does: 'A line of /etc/cron.d: silent on success.' },
    { line: 'glance-cache-cleaner --daemon --wakeup-time 1h', does: 'In a container: again and again, until SIGTERM.' },
    {
      line: 'glance-cache-cleaner --stale --dry-run',
      does: 'Show which cached images Glance has no more, or not as they are cached.',
    },
    {
      line: 'sudo glance-cache-cleaner --stall-time 1h',
      does: 'Only root can see whether a younger file is still written.',
    },
  ],
  run: (call) => doJob(call, JOB),
};

async function cleanAndTell(call: Call, run: JobRun, found: FoundCredentials | undefined): Promise<void> {
  const { access, log } = run;
  const request = requestOf(call, run);
  const cleaned = await clean(access, request);
  const { report, sentences } = await withStale(call, run, { cleaned, request, found });
  run.summarize({ images: sumRemoved(report.items).items, bytes: report.freedBytes });
  await logItems(report.items, log);
  for (const sentence of [...cleanSentences(report, exactSize), ...sentences(exactSize)]) log.debug(sentence);
  await showReport(call, {
    items: report.items,
    sentences: (size) => [...cleanSentences(report, size), ...sentences(size)],
    columns: leftoverColumns,
    record: () => cleanRecord(report),
  });
  finish(report, access.signal, log);
}

function requestOf({ args }: Call, { settings }: JobRun): CleanRequest {
  const configuredStallTimeSec = settings.get(OPTIONS.imageCacheStallTime);
  const images = args.values(IMAGE);
  return {
    dryRun: args.has(DRY_RUN),
    configuredStallTimeSec,
    stallTimeSec: args.value(STALL_TIME) ?? configuredStallTimeSec,
    invalidGraceSec: settings.get(OPTIONS.invalidGrace),
    imageIds: images.length === 0 ? undefined : new Set(images),
  };
}

/** Goes on with the cached images where that is asked for: then somebody has looked for credentials. */
async function withStale(
  call: Call,
  run: JobRun,
  { cleaned, request, found }: { cleaned: CleanReport; request: CleanRequest; found: FoundCredentials | undefined },
): Promise<ToldReport> {
  if (found === undefined) return { report: cleaned, sentences: () => [] };
  const { cleanStale } = await import('./clean-stale.ts');
  return cleanStale(call, run, { cleaned, request, found });
}

/** Runs the program. */
export const run = (): Promise<void> => runProgram(CLEANER);
