/**
 * The jobs that are killed or stopped half way: real use cases on a cache that gives each something of everything to do,
 * in batches of two images.
 */
import type { CacheAccess } from '../../src/cache/access.ts';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { lookForOpenFiles } from '../../src/cache/open-files.ts';
import type { FetchPorts } from '../../src/execute/prefetch/fetch-ports.ts';
import { publishImage } from '../../src/execute/prefetch/publish-image.ts';
import { hashInline } from '../../src/execute/transfer/hash-inline.ts';
import { UNLIMITED } from '../../src/execute/transfer/rate-limiter.ts';
import { RingPool } from '../../src/execute/transfer/ring-pool.ts';
import { clean } from '../../src/use-cases/clean.ts';
import { deleteCached } from '../../src/use-cases/delete.ts';
import { pinImages, unpinImages } from '../../src/use-cases/pins.ts';
import { prefetch } from '../../src/use-cases/prefetch/prefetch.ts';
import { settle } from '../../src/use-cases/prefetch/settle.ts';
import { type PruneRequest, prune } from '../../src/use-cases/prune.ts';
import { dequeueImages, queueImages } from '../../src/use-cases/queue.ts';
import type { RunResult } from '../../src/use-cases/report.ts';
import { removeStale } from '../../src/use-cases/stale/remove-stale.ts';
import { verify } from '../../src/use-cases/verify/verify.ts';
import { clockAhead } from '../support/clocks.ts';
import type { Hook } from '../support/hooked-ports.ts';
import { accessTo, imageIdOf } from '../support/seeded-cache.ts';
import { sound, type Told, watchedRun } from '../support/stale-runs.ts';
import { FETCHED_SIZE, NOT_YET, VERIFIED } from './caches.ts';
import { MemoryGlance } from './memory-glance.ts';

/** Does a job. */
type Work = (access: CacheAccess) => Promise<RunResult>;

/** All of them. A new one is one entry here and one row in `cases.ts`. */
const WORK = {
  prune: (access) => pruneTo(access, { maxSizeBytes: 250 }),
  'prune nothing': (access) => pruneTo(access, { maxSizeBytes: 1e9 }),
  'prune to nothing': (access) => pruneTo(access, { maxSizeBytes: 0 }),
  adopt: (access) => pruneTo(access, { maxSizeBytes: 1e9, adopt: true }),
  'delete some': (access) => deleteThese(access, [1, 6, 7, 99]),
  'delete all': (access) => deleteThese(access),
  clean: (access) => cleanStalled(access, 86_400),
  'clean long after': (access) => cleanStalled(access, 60),
  pin: (access) => pinImages(access, [1, 2, 60, 61].map(imageIdOf), false),
  unpin: (access) => unpinImages(access, [2, 10, 99].map(imageIdOf), false),
  queue: (access) => queueImages(access, [31, 60, 61, 1].map(imageIdOf), false),
  'dequeue some': (access) => dequeueImages(access, [31, 32, 99].map(imageIdOf), false),
  'dequeue all': (access) => dequeueImages(access, undefined, false),
  publish,
  fetch: fetchQueue,
  'remove stale': removeSomeStale,
  repair: (access) => verify({ access, request: REPAIR, reading: undefined }),
} as const satisfies Readonly<Record<string, Work>>;

const REPAIR = { repair: true, dryRun: false, imageIds: undefined } as const;

/** One of them, by its name. */
export type Job = keyof typeof WORK;

/** Whether there is a job of this name. */
export function isJob(name: string): name is Job {
  return Object.hasOwn(WORK, name);
}

/** Who watches a job, and stops it. */
export interface Watch {
  readonly hook?: Hook;
  readonly signal?: AbortSignal;
}

/** Does a job. */
export function doJob(job: Job, layout: CacheLayout, watch: Watch = {}): Promise<RunResult> {
  return WORK[job](accessOf(job, layout, watch));
}

function pruneTo(access: CacheAccess, request: Partial<PruneRequest> & { readonly maxSizeBytes: number }) {
  const limits = { lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };
  return prune(access, { dryRun: false, adopt: false, ...limits, ...request });
}

function deleteThese(access: CacheAccess, numbers?: readonly number[]): Promise<RunResult> {
  return deleteCached(access, { dryRun: false, adopt: false, imageIds: numbers?.map(imageIdOf) });
}

function cleanStalled(access: CacheAccess, stallTimeSec: number): Promise<RunResult> {
  const stallTimes = { configuredStallTimeSec: stallTimeSec, stallTimeSec, invalidGraceSec: 0 };
  return clean(access, { dryRun: false, ...stallTimes, imageIds: undefined });
}

/** As a prefetch ends, once the bytes are there. */
async function publish(access: CacheAccess): Promise<RunResult> {
  return access.withLocks(undefined, async () => {
    await access.withGlanceLock('glance-cache', () =>
      publishImage({ ...access, openIndex: () => access.index.open(true) }, VERIFIED),
    );
    settle(access, { imageId: VERIFIED, markers: [VERIFIED], queuedSec: 0, isUrgent: false });
    return { items: [], errors: [], failure: undefined };
  });
}

function fetchQueue(access: CacheAccess): Promise<RunResult> {
  const glance = new MemoryGlance(FETCHED_SIZE, NOT_YET);
  const { parts, signal, clock } = access;
  const ports: FetchPorts = {
    ...{ parts, signal, clock, glance },
    random: () => 0,
    retries: 3,
    limiter: UNLIMITED,
    rings: new RingPool({ buffers: 2, bufferBytes: 700 }),
    createHasher: ({ algorithm }) => hashInline(algorithm),
  };
  const limits = { maxSizeBytes: 1e9, minFreeBytes: 0 };
  // One after the other, so that the steps have one order.
  const request = { dryRun: false, imageIds: undefined, jobs: 1, limits, storeFolders: [] };
  return prefetch({ access, glance, ports, request, watch: NOBODY });
}

/** Two images are deleted in Glance, one of them with a row and one without, and one is deactivated. */
function removeSomeStale(access: CacheAccess): Promise<RunResult> {
  const told = [2, 3, 10].map((number): [ImageId, Told] => {
    return [imageIdOf(number), sound(imageIdOf(number), number === 2 ? { status: 'deactivated' } : {})];
  });
  return removeStale(watchedRun(access, { told, limitPercent: 100 }).run);
}

const NOBODY = {
  planned: () => undefined,
  started: () => undefined,
  advanced: () => undefined,
  retrying: () => undefined,
  noted: () => undefined,
  ended: () => undefined,
};

function accessOf(job: Job, layout: CacheLayout, watch: Watch): CacheAccess {
  let looks = 0;
  const { directory } = accessTo(layout);
  const leftovers = [...directory.list('incomplete').files, ...directory.list('invalid').files];
  return accessTo(layout, {
    program: job === 'publish' || job === 'fetch' ? 'glance-cache-prefetcher' : 'glance-cache-pruner',
    // Every look at the steady time takes 10 ms, so that two images fill a batch.
    clock: { ...clockAhead(3600), monotonicSec: () => ++looks * 0.01 },
    timeoutSec: 5,
    openFiles: lookForOpenFiles(
      leftovers.map(({ facts }) => facts),
      false,
    ),
    ...watch,
  });
}
