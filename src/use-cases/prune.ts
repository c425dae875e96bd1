/**
 * Brings the cache down to its limits.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { FileSystemSpace, ForeignEntry } from '../cache/directory.ts';
import type { Outcome } from '../execute/outcome.ts';
import type { RemoveImage } from '../plan/action.ts';
import { type CacheSize, type PruneLimits, planPrune, pruneActions, shortfallOf } from '../plan/prune.ts';
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
  /** What is pinned of the cached images. */
  readonly pinned: CacheSize;
  readonly foreign: readonly ForeignEntry[];
  readonly foreignRows: readonly string[];
}

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
  return {
    dryRun,
    cacheDir: access.layout.root,
    limits: plan.limits,
    before,
    after,
    pinned: plan.prune.pinned,
    freedBytes: gone.bytes,
    shortfallBytes:
      outcomes === undefined
        ? plan.prune.shortfallBytes
        : shortfallOf({ before, space: plan.space }, plan.limits, done(outcomes)),
    foreign: plan.foreign,
    foreignRows: plan.foreignRows,
    items,
    errors: errorsOf(outcomes ?? []),
    failure,
    unfreed: countUnfreed(outcomes ?? []),
  };
}

function done(outcomes: readonly Outcome[]): readonly RemoveImage[] {
  return outcomes.flatMap(({ action, result }) => {
    return action.kind === 'remove-image' && result === 'done' ? [action] : [];
  });
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
