/**
 * What the next prune would take, and why. Pure, and by the pruner's own plan.
 */
import type { RemovalReason, RemoveImage } from '../../plan/action.ts';
import type { CacheSize, PruneLimits, PrunePlan } from '../../plan/prune.ts';

/** An image that would go. */
export type NextVictim = Pick<RemoveImage, 'imageId' | 'reason' | 'lastUsedSec'> & { readonly sizeBytes: number };

/** What the next prune would do. */
export interface NextPrune {
  readonly limits: PruneLimits;
  /** Whether it would refuse to do anything, as the index looks given up; nothing is removed then. */
  readonly isRefused: boolean;
  readonly removed: CacheSize;
  readonly after: CacheSize;
  /** How many go for which reason, in the order they go. */
  readonly reasons: readonly (CacheSize & { readonly reason: RemovalReason })[];
  /** The first that go; of a long list not all. */
  readonly first: readonly NextVictim[];
  /** How far the cache would stay from its limits, bytes; 0 when it meets them. */
  readonly shortfallBytes: number;
}

/** More of them are a matter for the pruner's dry run. */
const VICTIMS_TOLD = 5;

/** Sums up a plan of the pruner. */
export function nextPrune(plan: PrunePlan, limits: PruneLimits, isRefused: boolean): NextPrune {
  const removals = isRefused ? [] : plan.removals;
  const byReason = new Map<RemovalReason, { images: number; bytes: number }>();
  for (const { reason, file } of removals) {
    const sum = byReason.get(reason) ?? { images: 0, bytes: 0 };
    byReason.set(reason, sum);
    sum.images += 1;
    sum.bytes += file.sizeBytes;
  }
  const { before } = plan;
  const after = isRefused ? before : plan.after;
  return {
    limits,
    isRefused,
    removed: { images: before.images - after.images, bytes: before.bytes - after.bytes },
    after,
    reasons: Array.from(byReason, ([reason, sum]) => ({ reason, ...sum })),
    first: removals.slice(0, VICTIMS_TOLD).map(({ imageId, reason, lastUsedSec, file }) => {
      return { imageId, reason, lastUsedSec, sizeBytes: file.sizeBytes };
    }),
    shortfallBytes: isRefused ? 0 : plan.shortfallBytes,
  };
}
