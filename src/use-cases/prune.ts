/**
 * Brings the cache down to its limits.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { FileSystemSpace, ForeignEntry } from '../cache/directory.ts';
import type { Outcome } from '../execute/outcome.ts';
import type { RemoveImage } from '../plan/action.ts';
import {
  type CacheSize,
  type Freed,
  freedBy,
  type PruneLimits,
  type PrunePlan,
  planPrune,
  pruneActions,
  shortfallOf,
} from '../plan/prune.ts';
import type { SizeOrPercent } from '../settings/types/size-or-percent.ts';
import { minFreeBytes } from './min-free.ts';
import { appliedItems, countUnfreed, errorsOf, plannedItems, type RunResult, sumRemoved } from './report.ts';
import { workOnIndex } from './work-on-index.ts';

/** What to prune to. */
export interface PruneRequest {
  readonly dryRun: boolean;
  readonly adopt: boolean;
  /** `image_cache_max_size` or what replaces it. */
  readonly maxSizeBytes: number;
  /** Percent of the maximum to prune down to, once above it. */
  readonly lowWatermarkPercent: number;
  /** What to keep free on the file system; undefined for no such limit. */
  readonly minFree: SizeOrPercent | undefined;
  readonly maxAgeSec: number | undefined;
}

/** What a prune did, or would do. */
export interface PruneReport extends RunResult {
  readonly dryRun: boolean;
  readonly cacheDir: string;
  readonly limits: PruneLimits;
  readonly before: CacheSize;
  readonly after: CacheSize;
  /** Sizes of the images that were (dry: would be) removed. A file that a client still downloads is freed after that. */
  readonly freedBytes: number;
  /** What the cache holds beyond its limits after all; 0 when it fits. */
  readonly shortfallBytes: number;
  /** How much of that would not be if nothing were pinned. */
  readonly pinnedShortfallBytes: number;
  /** Why it is so; nothing when the cache fits. */
  readonly shortfallReasons: readonly ShortfallReason[];
  /** What is pinned of the cached images. */
  readonly pinned: CacheSize;
  readonly foreign: readonly ForeignEntry[];
  readonly foreignRows: readonly string[];
}

/**
 * Why a cache stays beyond its limits: the run ended early; images are pinned; others are too young to judge, were in use,
 * or could not be removed; or no image is left but pinned ones, and what fills the file system is none of the cache's.
 */
export type ShortfallReason = 'stopped' | 'pinned' | 'not-removable' | 'other-files';

/**
 * Prunes a cache. A missing cache directory is an empty cache.
 *
 * @throws CacheStateError, BusyError
 */
export async function prune(access: CacheAccess, request: PruneRequest): Promise<PruneReport> {
  const { dryRun, adopt } = request;
  const work = await workOnIndex(access, {
    verb: 'prune',
    glanceLock: 'glance-cache-prune',
    dryRun,
    adopt,
    sparesPinned: true,
    plan: (snapshot) => {
      const limits = pruneLimits(request, snapshot.space);
      const { space, foreign, foreignRows } = snapshot;
      return { limits, prune: planPrune(snapshot, limits, access.pins.list().imageIds), space, foreign, foreignRows };
    },
    actions: (plan) => pruneActions(plan.prune),
  });
  const { plan, outcomes, failure } = work;
  const items = outcomes === undefined ? plannedItems(pruneActions(plan.prune)) : appliedItems(outcomes);
  const gone = sumRemoved(items);
  const { before } = plan.prune;
  const after = { images: before.images - gone.items, bytes: before.bytes - gone.bytes };
  const pinned = pinnedAfter(plan.prune, outcomes ?? []);
  const removed = outcomes === undefined ? plan.prune.removals : removalsOf(outcomes, 'done');
  const state = { before, space: plan.space, removed: freedBy(removed), pinned, failure };
  return {
    dryRun,
    cacheDir: access.layout.root,
    limits: plan.limits,
    before,
    after,
    pinned: { images: pinned.images, bytes: pinned.bytes },
    freedBytes: gone.bytes,
    ...shortfall(state, after, plan.limits),
    foreign: plan.foreign,
    foreignRows: plan.foreignRows,
    items,
    errors: errorsOf(outcomes ?? []),
    failure,
    unfreed: countUnfreed(outcomes ?? []),
  };
}

/** What is pinned of the cached images, those included that were pinned while the run was at work. */
function pinnedAfter({ pinned }: PrunePlan, outcomes: readonly Outcome[]): CacheSize & Freed {
  const late = removalsOf(outcomes, 'pinned');
  return { images: pinned.images + late.length, ...sumOf(pinned, freedBy(late)) };
}

function removalsOf(outcomes: readonly Outcome[], end: 'done' | 'pinned'): readonly RemoveImage[] {
  return outcomes.flatMap((outcome) => {
    const ended = outcome.result === 'skipped' ? outcome.reason : outcome.result;
    return outcome.action.kind === 'remove-image' && ended === end ? [outcome.action] : [];
  });
}

function sumOf(a: Freed, b: Freed): Freed {
  return { bytes: a.bytes + b.bytes, reclaimableBytes: a.reclaimableBytes + b.reclaimableBytes };
}

/** How far the cache stays from its limits, and why. */
function shortfall(
  state: {
    readonly before: CacheSize;
    readonly space: FileSystemSpace;
    readonly removed: Freed;
    readonly pinned: CacheSize & Freed;
    readonly failure: unknown;
  },
  after: CacheSize,
  limits: PruneLimits,
): Pick<PruneReport, 'shortfallBytes' | 'pinnedShortfallBytes' | 'shortfallReasons'> {
  const { removed, pinned, failure } = state;
  const shortfallBytes = shortfallOf(state, limits, removed);
  const otherwiseBytes = shortfallOf(state, limits, sumOf(removed, pinned));
  const pinnedShortfallBytes = shortfallBytes - otherwiseBytes;
  const reasons: ShortfallReason[] = [];
  if (pinnedShortfallBytes > 0) reasons.push('pinned');
  if (otherwiseBytes > 0) reasons.push(after.images > pinned.images ? 'not-removable' : 'other-files');
  const isStopped = failure !== undefined && shortfallBytes > 0;
  return { shortfallBytes, pinnedShortfallBytes, shortfallReasons: isStopped ? ['stopped'] : reasons };
}

/** What a cache on a file system has to fit into. */
export function pruneLimits(request: Omit<PruneRequest, 'dryRun' | 'adopt'>, space: FileSystemSpace): PruneLimits {
  const { maxSizeBytes, lowWatermarkPercent, minFree, maxAgeSec } = request;
  return {
    maxSizeBytes,
    targetBytes: Math.floor((maxSizeBytes * lowWatermarkPercent) / 100),
    minFreeBytes: minFreeBytes(minFree, space),
    maxAgeSec,
  };
}
