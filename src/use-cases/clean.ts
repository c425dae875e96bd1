/**
 * Removes what failed or stalled while it was being cached.
 */

import type { CacheAccess } from '../cache/access.ts';
import type { AreaListing, ForeignEntry } from '../cache/directory.ts';
import type { ImageId } from '../cache/image-id.ts';
import { type Blindness, lookForOpenFiles, type OpenFiles } from '../cache/open-files.ts';
import { isUnentered } from '../cache/prefetch/parts.ts';
import { UsageError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import { applyFolderActions } from '../execute/apply-folder-actions.ts';
import type { ApplyResult, Outcome } from '../execute/outcome.ts';
import { removeParts } from '../execute/remove-parts.ts';
import type { RemovePart } from '../plan/action.ts';
import { type CleanPlan, type KeptFile, type KeptReason, planClean } from '../plan/clean.ts';
import { planSweep, type SweepPlan } from '../plan/sweep.ts';
import { appliedItems, errorsOf, plannedItems, type ReportItem, type RunResult, sumRemoved } from './report.ts';

/** What to clean. */
export interface CleanRequest {
  readonly dryRun: boolean;
  /** What is configured: the least that is safe where not every process can be seen. */
  readonly configuredStallTimeSec: number;
  readonly stallTimeSec: number;
  readonly invalidGraceSec: number;
  /** Only these images; undefined for all. */
  readonly imageIds: ReadonlySet<ImageId> | undefined;
}

/** What was found when Glance was asked about the cached images. */
export interface StaleSummary {
  /** Images that Glance was asked about. */
  readonly checkedImages: number;
  /** Those of them that it has no more, or not as they are cached. */
  readonly staleImages: number;
  /** Those that were (dry: would be) removed although they are pinned. */
  readonly pinnedImages: number;
  /** Images whose bytes were read to know, and how many bytes that was. */
  readonly readImages: number;
  readonly readBytes: number;
}

/** What a clean did, or would do. */
export interface CleanReport extends RunResult {
  readonly dryRun: boolean;
  readonly cacheDir: string;
  readonly stallTimeSec: number;
  readonly invalidGraceSec: number;
  readonly freedBytes: number;
  /** What kept processes that may hold a file open from being seen; undefined when all were. */
  readonly blindness: Blindness | undefined;
  readonly foreign: readonly ForeignEntry[];
  /** Undefined where Glance was not asked, or did not answer. */
  readonly stale: StaleSummary | undefined;
}

/**
 * Cleans a cache. A missing cache directory is an empty cache.
 *
 * @throws UsageError USAGE_STALL_TIME when a stall time shorter than the configured one would be a guess; CacheStateError,
 *   BusyError
 */
export async function clean(access: CacheAccess, request: CleanRequest): Promise<CleanReport> {
  const { directory } = access;
  const openFiles = access.openFiles ?? lookForOpenFiles([], false);
  refuseGuess(openFiles, request);
  if (request.dryRun || !directory.exists()) {
    const { plan, foreign } = lookAndPlan(access, openFiles, request);
    const parts = await planParts(access, request);
    const planned = plannedItems([...plan.removals, ...parts.removals]);
    const items = [...planned, ...kept(plan), ...parts.kept.map((part) => keptPart(part, 'not-stalled'))];
    return reportOf(access, request, { openFiles, foreign: [...foreign, ...parts.foreign], items });
  }
  return access.withLocks('glance-cache-clean', async () => {
    directory.ensureFolders();
    const { plan, foreign } = lookAndPlan(access, openFiles, request);
    const { outcomes, failure } = await applyFolderActions(directory, plan.removals, access.signal);
    const swept = await sweep(access, request);
    const items = [...appliedItems([...outcomes, ...swept.outcomes]), ...kept(plan), ...swept.kept];
    const errors = errorsOf([...outcomes, ...swept.outcomes]);
    const report = reportOf(access, request, { openFiles, foreign: [...foreign, ...swept.foreign], items });
    return { ...report, errors, failure: failure ?? swept.failure };
  });
}

/** A paused client stops the time of its file as well: without a look at its writer, a short time proves nothing. */
function refuseGuess(openFiles: OpenFiles, request: CleanRequest): void {
  const { stallTimeSec, configuredStallTimeSec } = request;
  if (openFiles.blindness === undefined || stallTimeSec >= configuredStallTimeSec) return;
  throw new UsageError(
    'USAGE_STALL_TIME',
    `Cannot clean with a stall time of ${stallTimeSec} s: this process cannot see whether glance-api still writes a file, ` +
      `so the configured image_cache_stall_time of ${configuredStallTimeSec} s is the shortest that is safe`,
    {
      hint:
        openFiles.blindness === 'not-root'
          ? `Leave out --stall-time, or run it as root, which sees the files of all processes: sudo ${THIS_COMMAND}`
          : `Leave out --stall-time, or run it on the host itself, with all rights of root: sudo ${THIS_COMMAND}`,
      details: { blindness: openFiles.blindness },
    },
  );
}

function lookAndPlan(
  access: CacheAccess,
  openFiles: OpenFiles,
  request: CleanRequest,
): { readonly plan: CleanPlan; readonly foreign: readonly ForeignEntry[] } {
  const takenSec = access.clock.nowSec();
  const invalid: AreaListing = access.directory.list('invalid');
  const incomplete: AreaListing = access.directory.list('incomplete');
  const leftovers = { takenSec, invalid: invalid.files, incomplete: incomplete.files, openFiles };
  return { plan: planClean(leftovers, request), foreign: [...invalid.foreign, ...incomplete.foreign] };
}

async function planParts(access: CacheAccess, { stallTimeSec, imageIds }: CleanRequest): Promise<SweepPlan> {
  const listing = access.parts.list();
  const isIndexEmpty = listing.entries.some(isUnentered) && (await hasNoRows(access));
  return planSweep(listing, { nowSec: access.clock.nowSec(), stallTimeSec, imageIds, isIndexEmpty });
}

/** Whether the index has no rows, as far as can be seen: the cleaner has no other use for it, and does without. */
async function hasNoRows(access: CacheAccess): Promise<boolean> {
  try {
    const index = await access.index.open(false);
    try {
      return (await index.rows()).length === 0;
    } finally {
      index.close();
    }
  } catch {
    return true;
  }
}

/** What became of the leftovers of prefetches. */
interface Swept {
  readonly outcomes: readonly Outcome[];
  readonly kept: readonly ReportItem[];
  readonly foreign: readonly ForeignEntry[];
  readonly failure: unknown;
}

/** Sweeps; what keeps it from that does not take back what was cleaned before. */
async function sweep(access: CacheAccess, request: CleanRequest): Promise<Swept> {
  try {
    return await sweepParts(access, request);
  } catch (failure) {
    return { outcomes: [], kept: [], foreign: [], failure };
  }
}

/** Removes what interrupted prefetches have left. One that is at work keeps what it writes: then all of it stays. */
async function sweepParts(access: CacheAccess, request: CleanRequest): Promise<Swept> {
  const seen = await planParts(access, request);
  if (seen.removals.length === 0) return sweptOf(seen, NOTHING);
  const swept = await access.unlessRunning('glance-cache-prefetcher', async () => {
    const plan = await planParts(access, request);
    return sweptOf(plan, await removeParts(access.parts, plan.removals, access.signal));
  });
  if (swept !== undefined) return swept;
  const { kept, ...left } = sweptOf(seen, NOTHING);
  return { ...left, kept: [...seen.removals.map((part) => keptPart(part, 'held-open')), ...kept] };
}

const NOTHING: ApplyResult = { outcomes: [], failure: undefined };

function sweptOf({ kept, foreign }: SweepPlan, applied: ApplyResult): Swept {
  return { ...applied, kept: kept.map((part) => keptPart(part, 'not-stalled')), foreign };
}

function keptPart(part: Omit<RemovePart, 'kind' | 'reason' | 'torn'>, reason: KeptReason): ReportItem {
  const { imageId, sizeBytes, modifiedSec } = part;
  return {
    imageId,
    action: 'keep',
    result: 'skipped',
    reason,
    area: 'prefetch',
    sizeBytes,
    lastUsedSec: modifiedSec,
    error: undefined,
  };
}

function kept({ kept }: CleanPlan): readonly ReportItem[] {
  return kept.map(({ area, imageId, file, reason }: KeptFile) => ({
    imageId,
    action: 'keep',
    result: 'skipped',
    reason,
    area,
    sizeBytes: file.sizeBytes,
    lastUsedSec: file.modifiedSec,
    error: undefined,
  }));
}

function reportOf(
  access: CacheAccess,
  request: CleanRequest,
  found: {
    readonly openFiles: OpenFiles;
    readonly foreign: readonly ForeignEntry[];
    readonly items: readonly ReportItem[];
  },
): CleanReport {
  const { items, foreign, openFiles } = found;
  return {
    dryRun: request.dryRun,
    cacheDir: access.layout.root,
    stallTimeSec: request.stallTimeSec,
    invalidGraceSec: request.invalidGraceSec,
    freedBytes: sumRemoved(items).bytes,
    blindness: openFiles.blindness,
    foreign,
    stale: undefined,
    items,
    errors: [],
    failure: undefined,
  };
}
