/**
 * glance-cache-prefetcher: fetches the queued images into the cache.
 */
import type { ImageId } from '../cache/image-id.ts';
import { OPTIONS } from '../settings/options.ts';
import { AUTH_FLAGS, PROVIDER_FLAGS } from './auth-flags.ts';
import { findCredentials } from './cloud/find-credentials.ts';
import { DAEMON, DRY_RUN, FORMAT, IMAGE, SKIP_IF_BUSY } from './common-flags.ts';
import type { ValueFlag } from './flag.ts';
import { doJob, type Job } from './job.ts';
import { LOG_FLAGS } from './logging-flags.ts';
import { isAnythingQueued } from './prefetch/is-anything-queued.ts';
import type { Program } from './program.ts';
import { runProgram } from './run.ts';
import { runJob } from './run-job.ts';

const NOW: ValueFlag<ImageId> = {
  ...IMAGE,
  imagesFrom: ['queued'],
  help: 'Fetch this image now, queued or not; may be given several times.',
};

const JOB: Job = {
  done: 'fetched',
  noun: 'image',
  earlier: { when: 'queued' },
  run: async (call) => {
    const images = call.args.values(NOW);
    const imageIds = images.length === 0 ? undefined : images;
    await runJob(
      call,
      {
        openFiles: false,
        prepare: async ({ settings, layout }) => {
          return imageIds === undefined && !isAnythingQueued(layout) ? undefined : findCredentials(call, settings);
        },
      },
      async (run, found) => {
        const { runPrefetch, showNothingQueued } = await import('./prefetch/run-prefetch.ts');
        // Nobody has to be asked about nothing: an empty queue needs no credentials, and no network.
        if (found === undefined) await showNothingQueued(call, run);
        else await runPrefetch(call, run, { found, imageIds });
      },
    );
  },
};

/** The declaration of the program. */
export const PREFETCHER: Program = {
  name: 'glance-cache-prefetcher',
  summary: 'Fetches the queued images into the Glance image cache, verified against their checksums.',
  groups: [
    {
      heading: 'Options:',
      flags: [DRY_RUN, NOW, SKIP_IF_BUSY, FORMAT, DAEMON],
      options: [
        OPTIONS.jobs,
        OPTIONS.limitRate,
        OPTIONS.retries,
        OPTIONS.stallTimeout,
        OPTIONS.minFree,
        OPTIONS.lockTimeout,
        OPTIONS.wakeupTime,
      ],
    },
    AUTH_FLAGS,
    PROVIDER_FLAGS,
    LOG_FLAGS,
  ],
  commands: [],
  examples: [
    { line: 'glance-cache-prefetcher --dry-run', does: 'Show what would be fetched, from where, and how much.' },
    {
      line: '*/5 * * * * root glance-cache-prefetcher --skip-if-busy',
      does: 'A line of /etc/cron.d: silent on success.',
    },
    {
      line: 'glance-cache-prefetcher --daemon --wakeup-time 5m',
      does: 'In a container: again and again, until SIGTERM.',
    },
    {
      line: 'glance-cache-prefetcher --os-cloud admin --image 71c675ab-d94f-49cd-a114-e12490b328d9',
      does: 'Fetch one image now, queued or not.',
    },
  ],
  run: (call) => doJob(call, JOB),
};

/** Runs the program. */
export const run = (): Promise<void> => runProgram(PREFETCHER);
