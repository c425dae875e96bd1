/**
 * What one of ours does beside its neighbours, run for run: real use cases with their locks, on images and limits that
 * follow from a number.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CacheAccess } from '../../src/cache/access.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { lookForOpenFiles } from '../../src/cache/open-files.ts';
import { publishImage } from '../../src/execute/prefetch/publish-image.ts';
import { clean } from '../../src/use-cases/clean.ts';
import { deleteCached } from '../../src/use-cases/delete.ts';
import { settle } from '../../src/use-cases/prefetch/settle.ts';
import { prune } from '../../src/use-cases/prune.ts';
import { dequeueImages, queueImages } from '../../src/use-cases/queue.ts';
import type { RunResult } from '../../src/use-cases/report.ts';
import { clockAhead } from '../support/clocks.ts';
import type { Hook } from '../support/hooked-ports.ts';
import type { LockTimes } from '../support/lock-times.ts';
import { putJournal, putPart } from '../support/parts.ts';
import { AS_ROOT } from '../support/run-program.ts';
import { accessTo, imageIdOf } from '../support/seeded-cache.ts';
import { sizeOfImage } from '../support/stand-in/busy-glance.ts';

/** What one of ours does in a loop. */
export const JOBS = ['prune', 'clean', 'delete', 'delete all', 'queue', 'publish'] as const;

/** One of them. */
export type Job = (typeof JOBS)[number];

/** Where it is done. */
export interface Place {
  readonly layout: CacheLayout;
  readonly images: number;
  readonly times: LockTimes;
  /** How far ahead its clock is, seconds: on the real clock, files that come are young, as beside a real glance-api. */
  readonly aheadSec: number;
  /** Called at every step. */
  readonly hook?: Hook;
}

const NO_LIMITS = { lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };
const STALL_TIMES = { configuredStallTimeSec: 86_400, stallTimeSec: 86_400, invalidGraceSec: 0, imageIds: undefined };

/**
 * Does a job once.
 *
 * @returns what was removed from the cache; throws whatever went wrong
 */
export async function doJob(job: Job, place: Place, round: number): Promise<readonly string[]> {
  const imageId = imageIdOf((round * 7) % place.images);
  const another = imageIdOf((round * 11 + 3) % place.images);
  const access = accessOf(job, place);
  switch (job) {
    case 'prune': {
      const limits = { ...NO_LIMITS, maxSizeBytes: 12_000, lowWatermarkPercent: 50 };
      return removed(await prune(access, { dryRun: false, adopt: false, ...limits }));
    }
    case 'clean':
      removed(await clean(access, { dryRun: false, ...STALL_TIMES }));
      return [];
    case 'delete':
      return removed(await deleteCached(access, { dryRun: false, adopt: false, imageIds: [imageId, another] }));
    case 'delete all':
      return removed(await deleteCached(access, { dryRun: false, adopt: false, imageIds: undefined }));
    case 'queue':
      removed(await queueImages(access, [imageId, another], false));
      removed(await dequeueImages(access, [imageIdOf((round * 5) % place.images)], false));
      return [];
    case 'publish':
      await publish(access, (round * 7) % place.images);
      return [];
  }
}

/** As a prefetch ends, once the bytes are there and verified. */
async function publish(access: CacheAccess, number: number): Promise<void> {
  const imageId = imageIdOf(number);
  await access.withLocks(undefined, async () => {
    putJournal(access.layout, imageId);
    putPart(access.layout, imageId, { size: sizeOfImage(number) });
    const ports = { ...access, openIndex: () => access.index.open(true) };
    const published = await access.withGlanceLock('glance-cache', () => publishImage(ports, imageId));
    if (published === 'being-cached') access.parts.remove(imageId);
    else settle(access, { imageId, markers: [imageId], queuedSec: 0, isUrgent: false });
  });
}

/** Mends what moments have left, as the next runs do once it has settled: everything is put in step, and cleaned up. */
export async function settleAll(place: Place): Promise<void> {
  const later: Place = { ...place, aheadSec: 40 * 86_400 };
  removed(await clean(accessOf('clean', later), { dryRun: false, ...STALL_TIMES }));
  removed(await prune(accessOf('prune', later), { dryRun: false, adopt: true, ...NO_LIMITS, maxSizeBytes: 1e12 }));
}

/** Lets the processor to the neighbours now and then: a cron job does not run all the time either. */
export async function giveWay(): Promise<void> {
  await delay(1);
}

function accessOf(job: Job, { layout, times, aheadSec, hook }: Place): CacheAccess {
  const program = {
    prune: 'glance-cache-pruner',
    clean: 'glance-cache-cleaner',
    publish: 'glance-cache-prefetcher',
  } as const;
  const isManage = job === 'queue' || job === 'delete' || job === 'delete all';
  const access = accessTo(layout, {
    program: isManage ? 'glance-cache-manage' : program[job],
    clock: clockAhead(aheadSec),
    timeoutSec: 10,
    ...(hook === undefined ? {} : { hook }),
  });
  return times.measured(job === 'clean' ? { ...access, openFiles: lookAround(access) } : access);
}

/** As the program looks, before the snapshot it acts upon. */
function lookAround({ directory }: CacheAccess): CacheAccess['openFiles'] {
  const files = [...directory.list('incomplete').files, ...directory.list('invalid').files];
  return lookForOpenFiles(
    files.map(({ facts }) => facts),
    AS_ROOT,
  );
}

function removed({ items, errors, failure }: RunResult): readonly string[] {
  const [error = failure] = errors;
  if (error !== undefined) throw new Error('A run of ours went wrong', { cause: error });
  return items.flatMap(({ imageId, action, result, area }) => {
    return action === 'remove' && result === 'done' && area === undefined ? [imageId] : [];
  });
}
