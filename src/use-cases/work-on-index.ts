/**
 * The way every change to the cached images goes: look, plan, and unless it is a dry run, apply under the locks.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { GlanceLock } from '../cache/locks/glance-lock.ts';
import { type CacheSnapshot, readSnapshot } from '../cache/snapshot.ts';
import { CacheError } from '../errors/cache-error.ts';
import { applyIndexActions } from '../execute/apply-index-actions.ts';
import type { Outcome } from '../execute/outcome.ts';
import type { IndexAction } from '../plan/action.ts';
import { refuseFlipped } from './refuse-flipped.ts';

/** What is to be done. */
export interface IndexWork<P> {
  /** What it is called in an error: "prune". */
  readonly verb: string;
  readonly glanceLock?: GlanceLock;
  /** Only show what would be done. */
  readonly dryRun: boolean;
  /** Take files without rows for images even where the index looks as if it had been given up. */
  readonly adopt: boolean;
  /** Leave images alone that are pinned while the work goes on; those pinned before are the plan's to leave alone. */
  readonly sparesPinned?: boolean;
  plan(snapshot: CacheSnapshot): P;
  actions(plan: P): readonly IndexAction[];
}

/**
 * What was planned and what became of it. The snapshot is not among it: of a large cache that would hold what stays in
 * memory, too, for as long as the rest goes.
 */
export interface IndexWorkResult<P> {
  readonly plan: P;
  /** Undefined for a dry run. */
  readonly outcomes: readonly Outcome[] | undefined;
  readonly failure: unknown;
}

/**
 * Does work on the cached images.
 *
 * @returns what became of it; a missing cache directory is an empty cache, and is not created
 * @throws CacheStateError INDEX_FLIPPED, ...; BusyError
 */
export async function workOnIndex<P>(access: CacheAccess, work: IndexWork<P>): Promise<IndexWorkResult<P>> {
  if (work.dryRun || !access.directory.exists()) {
    const plan = await lookAndPlan(access, work);
    return { plan, outcomes: work.dryRun ? undefined : [], failure: undefined };
  }
  return access.withLocks(work.glanceLock, async () => {
    access.directory.ensureFolders();
    const first = await planAndApply(access, work);
    if (!isIndexIo(first.failure)) return first;
    // Glance's "delete all" removes the journal of a transaction under way. The files are as they were; what there is
    // left to do is found by a second look, once: if that fails as well the disk is to blame.
    const second = await planAndApply(access, work);
    // The plan stays the first one: what became of it is in the outcomes of both.
    return { ...first, outcomes: [...first.outcomes, ...second.outcomes], failure: second.failure };
  });
}

async function planAndApply<P>(
  access: CacheAccess,
  work: IndexWork<P>,
): Promise<IndexWorkResult<P> & { readonly outcomes: readonly Outcome[] }> {
  const plan = await lookAndPlan(access, work);
  const actions = work.actions(plan);
  if (actions.length === 0 && access.index.exists()) return { plan, outcomes: [], failure: undefined };
  const index = await access.index.open(true);
  try {
    const { directory, pins, clock, signal } = access;
    const pinned = (): ReadonlySet<ImageId> => pins.list().imageIds;
    const ports = { directory, index, clock, signal, ...(work.sparesPinned === true ? { pinned } : {}) };
    const { outcomes, failure } = await applyIndexActions(ports, actions);
    return { plan, outcomes, failure };
  } finally {
    index.close();
  }
}

async function lookAndPlan<P>(access: CacheAccess, work: IndexWork<P>): Promise<P> {
  const index = await access.index.open(false);
  try {
    const snapshot = await readSnapshot(access.directory, index, access.clock.nowSec());
    if (!work.adopt) await refuseFlipped(access, work.verb, snapshot);
    return work.plan(snapshot);
  } finally {
    index.close();
  }
}

function isIndexIo(failure: unknown): boolean {
  return failure instanceof CacheError && failure.code === 'INDEX_IO';
}
