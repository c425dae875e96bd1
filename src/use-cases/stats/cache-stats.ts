/**
 * The figures of this node's cache, from one look at the directory and the index. Nothing is changed, and no lock is
 * taken but the one under which the index is read.
 */
import type { CacheAccess } from '../../cache/access.ts';
import type { FileSystemSpace } from '../../cache/directory.ts';
import type { ImageId } from '../../cache/image-id.ts';
import type { DriverName } from '../../cache/index/index-driver.ts';
import { lookForOpenFiles } from '../../cache/open-files.ts';
import { type PartListing, unenteredImages } from '../../cache/prefetch/parts.ts';
import { type CacheSnapshot, readSnapshot } from '../../cache/snapshot.ts';
import type { CleanLimits } from '../../plan/clean.ts';
import { isFlipped } from '../../plan/grace.ts';
import { type CacheSize, planPrune } from '../../plan/prune.ts';
import { type PruneRequest, pruneLimits } from '../prune.ts';
import { type Forecast, forecast } from './forecast.ts';
import { type ImageFacts, imageFacts } from './image-facts.ts';
import { type FileSum, type LeftoverFacts, leftoverFacts, partFacts } from './leftover-facts.ts';
import { type NextPrune, nextPrune } from './next-prune.ts';

/** What the programs that change the cache would go by. */
export interface StatsRequest {
  readonly prune: Omit<PruneRequest, 'dryRun' | 'adopt'>;
  readonly clean: Omit<CleanLimits, 'imageIds'>;
}

/** What the cache of this node amounts to. */
export interface CacheStats extends Omit<ImageFacts, 'arrivals'> {
  readonly cacheDir: string;
  readonly driver: DriverName;
  /** When the cache was looked at, epoch seconds. */
  readonly takenSec: number;
  readonly space: FileSystemSpace;
  readonly leftovers: Readonly<Record<'incomplete' | 'invalid' | 'prefetch', LeftoverFacts>>;
  /** What the cleaner would take of all of them now. */
  readonly reclaimable: FileSum;
  readonly queue: QueueFacts;
  readonly pinned: PinnedFacts;
  /** Rows of the index that no image ID names. */
  readonly foreignRows: number;
  /** Whether the index has no row of any image. */
  readonly listsNothing: boolean;
  readonly nextPrune: NextPrune;
  readonly forecast: Forecast;
}

/** What waits to be fetched. */
export interface QueueFacts {
  readonly images: number;
  /** When the first of them was queued, epoch seconds; undefined where nothing is. */
  readonly firstSec: number | undefined;
}

/** What is pinned: of the cached images, and how many pins are of images that are not cached. */
export interface PinnedFacts extends CacheSize {
  readonly absent: number;
}

/** What is known beside the snapshot of the images. */
export interface Beside {
  readonly cacheDir: string;
  readonly driver: DriverName;
  readonly queue: QueueFacts;
  readonly leftovers: Readonly<Record<'incomplete' | 'invalid', LeftoverFacts>>;
  readonly parts: PartListing;
  readonly pins: ReadonlySet<ImageId>;
}

/**
 * Looks at a cache. A missing cache directory is an empty cache.
 *
 * @throws CacheStateError, BusyError
 */
export async function cacheStats(access: CacheAccess, request: StatsRequest): Promise<CacheStats> {
  const takenSec = access.clock.nowSec();
  // What was looked at first is summed up before the images are, of which there may be many.
  const beside: Beside = {
    cacheDir: access.layout.root,
    driver: access.index.name,
    queue: lookAtQueue(access),
    leftovers: lookAtLeftovers(access, request, takenSec),
    parts: access.parts.list(),
    pins: access.pins.list().imageIds,
  };
  return statsOf(await lookAtImages(access, takenSec), beside, request);
}

/** The figures of what was seen. Pure. */
export function statsOf(snapshot: CacheSnapshot, beside: Beside, request: StatsRequest): CacheStats {
  const { takenSec, space, indexHasRows, foreignRows } = snapshot;
  const { cacheDir, driver, queue, parts, pins } = beside;
  const { arrivals, ...images } = imageFacts(snapshot);
  const limits = pruneLimits(request.prune, space);
  const plan = planPrune(snapshot, limits, pins);
  const { pinned } = plan;
  const isRefused = isFlipped(snapshot) && isFlipped(snapshot, unenteredImages(parts));
  const isIndexEmpty = !indexHasRows && foreignRows.length === 0;
  const { stallTimeSec } = request.clean;
  const prefetch = partFacts(parts, { nowSec: takenSec, stallTimeSec, isIndexEmpty });
  const leftovers = { ...beside.leftovers, prefetch };
  return {
    ...images,
    cacheDir,
    driver,
    takenSec,
    space,
    leftovers,
    reclaimable: sumRemovable(Object.values(leftovers)),
    queue,
    pinned: { images: pinned.images, bytes: pinned.bytes, absent: pins.size - pinned.images },
    foreignRows: foreignRows.length,
    listsNothing: !indexHasRows,
    nextPrune: nextPrune(plan, limits, isRefused),
    forecast: forecast(arrivals, {
      belowMaximumBytes: limits.maxSizeBytes - plan.before.bytes,
      onFileSystemBytes: space.availableBytes - limits.minFreeBytes,
    }),
  };
}

function lookAtQueue({ directory }: CacheAccess): QueueFacts {
  const times = directory.list('queue').files.map(({ facts }) => facts.modifiedSec);
  return { images: times.length, firstSec: times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b)) };
}

function lookAtLeftovers(access: CacheAccess, { clean }: StatsRequest, takenSec: number) {
  const { directory } = access;
  const openFiles = access.openFiles ?? lookForOpenFiles([], false);
  const [invalid, incomplete] = [directory.list('invalid').files, directory.list('incomplete').files];
  return leftoverFacts({ takenSec, invalid, incomplete, openFiles }, clean);
}

function sumRemovable(leftovers: readonly LeftoverFacts[]): FileSum {
  const sum = { files: 0, sizeBytes: 0 };
  for (const { removable } of leftovers) {
    sum.files += removable.files;
    sum.sizeBytes += removable.sizeBytes;
  }
  return sum;
}

async function lookAtImages(access: CacheAccess, takenSec: number): Promise<CacheSnapshot> {
  const index = await access.index.open(false);
  try {
    return await readSnapshot(access.directory, index, takenSec);
  } finally {
    index.close();
  }
}
