/**
 * A prefetch as the command line does it: of the queue, or of images that were named.
 */
import type { ImageId } from '../../cache/image-id.ts';
import { createRedactor } from '../../log/redact.ts';
import { OPTIONS } from '../../settings/options.ts';
import { storeFolders } from '../../settings/store-folders.ts';
import { minFreeBytes } from '../../use-cases/min-free.ts';
import type { PrefetchReport } from '../../use-cases/prefetch/prefetch-report.ts';
import type { PrefetchRequest } from '../../use-cases/prefetch/prefetch-run.ts';
import { type FoundCredentials, loginIn } from '../cloud/find-credentials.ts';
import { DRY_RUN } from '../common-flags.ts';
import { finish } from '../finish.ts';
import type { OpenRun } from '../open-run.ts';
import type { Call } from '../program.ts';
import type { JobRun } from '../run-job.ts';
import { showReport } from '../show-report.ts';

/** The program whose lock is held while images are fetched, whichever program fetches them. */
export const PREFETCHER_NAME = 'glance-cache-prefetcher';

/**
 * Fetches images, shows the report, and ends as the run deserves.
 *
 * @param run tells what was fetched, where somebody keeps count
 * @param found the credentials
 * @param imageIds the images; undefined for the queue
 */
export async function runPrefetch(
  call: Call,
  run: OpenRun & Partial<Pick<JobRun, 'summarize'>>,
  { found, imageIds }: { readonly found: FoundCredentials; readonly imageIds: readonly ImageId[] | undefined },
): Promise<void> {
  const { access, log } = run;
  const login = loginIn(found, log);
  const { withGlance } = await import('../cloud/open-cloud.ts');
  const { withFetchPorts } = await import('./open-fetch-ports.ts');
  const { openWatch } = await import('./open-watch.ts');
  const { prefetch } = await import('../../use-cases/prefetch/prefetch.ts');
  const report = await withGlance(call, run, login, (glance) =>
    withFetchPorts(run, glance, async (ports) => {
      const watch = await openWatch(call, log);
      try {
        return await prefetch({ access, glance, ports, request: requestOf(call, run, imageIds), watch });
      } finally {
        watch.close();
      }
    }),
  );
  run.summarize?.({ images: report.fetchedImages, bytes: report.fetchedBytes });
  await showPrefetch(call, report);
  finish(report, access.signal, log);
}

/** Shows that there was nothing to fetch. */
export async function showNothingQueued(call: Call, { access, log, summarize }: JobRun): Promise<void> {
  log.debug('Nothing is queued');
  summarize({ images: 0, bytes: 0 });
  await showPrefetch(call, {
    dryRun: call.args.has(DRY_RUN),
    cacheDir: access.layout.root,
    items: [],
    errors: [],
    failure: undefined,
    fetchedImages: 0,
    fetchedBytes: 0,
    elapsedSec: 0,
  });
}

/** Shows what was fetched. Errors of servers are in it: what they repeat of a token is masked. */
async function showPrefetch(call: Call, report: PrefetchReport): Promise<void> {
  const { prefetchColumns, prefetchRecord, prefetchSentences } = await import(
    '../../present/reports/prefetch-report.ts'
  );
  const redact = createRedactor(call.invocation.secrets);
  const items = report.items.map((item) =>
    item.error === undefined ? item : { ...item, error: { ...item.error, message: redact(item.error.message) } },
  );
  const masked = { ...report, items };
  await showReport(call, {
    items,
    sentences: (size) => prefetchSentences(masked, size),
    columns: prefetchColumns,
    record: () => prefetchRecord(masked),
  });
}

function requestOf(
  { args }: Call,
  { access, settings }: OpenRun,
  imageIds: readonly ImageId[] | undefined,
): PrefetchRequest {
  return {
    dryRun: args.has(DRY_RUN),
    imageIds,
    jobs: settings.get(OPTIONS.jobs),
    limits: {
      maxSizeBytes: settings.get(OPTIONS.imageCacheMaxSize),
      minFreeBytes: minFreeBytes(settings.get(OPTIONS.minFree), access.directory.space()),
    },
    storeFolders: storeFolders(settings),
  };
}
