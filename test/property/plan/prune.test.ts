import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { CachedImage, CacheSnapshot } from '../../../src/cache/snapshot.ts';
import { type PruneLimits, planPrune, pruneActions } from '../../../src/plan/prune.ts';
import { afterPlan, anyLimits, anyPins, anySnapshot, NOW_SEC } from '../../support/snapshots.ts';

const GRACE_SEC = 60;

type Pins = ReadonlySet<ImageId>;

/** The last use of an image with a file, told again from the contract: index first, 0 is never, then the file. */
function usedSec({ file, row }: CachedImage): number {
  if (row !== undefined && row.lastAccessedSec > 0) return row.lastAccessedSec;
  if (row !== undefined && row.lastModifiedSec > 0) return row.lastModifiedSec;
  if (row !== undefined) return file?.modifiedSec ?? 0;
  return Math.max(file?.accessedSec ?? 0, file?.modifiedSec ?? 0);
}

/** Images that may go, least recently used first: whatever is pinned may not. */
function removable(snapshot: CacheSnapshot, pins: Pins): readonly CachedImage[] {
  return snapshot.images
    .filter(({ imageId }) => !pins.has(imageId))
    .filter(({ file, row }) => file !== undefined && (row !== undefined || NOW_SEC - file.changedSec > GRACE_SEC))
    .sort((a, b) => usedSec(a) - usedSec(b) || a.imageId.localeCompare(b.imageId));
}

function bytesOf(images: readonly CachedImage[]): number {
  return images.reduce((sum, { file }) => sum + (file?.sizeBytes ?? 0), 0);
}

/** Whether a cache that was `before` and of which `gone` are removed still asks for one more, `next`. */
function asksFor(
  snapshot: CacheSnapshot,
  limits: PruneLimits,
  gone: readonly CachedImage[],
  next: CachedImage,
): boolean {
  const before = bytesOf(snapshot.images);
  const free = snapshot.space.availableBytes + gone.reduce((sum, { file }) => sum + (file?.reclaimableBytes ?? 0), 0);
  const isTooLarge = before > limits.maxSizeBytes && before - bytesOf(gone) > limits.targetBytes;
  const isTooOld = limits.maxAgeSec !== undefined && NOW_SEC - usedSec(next) > limits.maxAgeSec;
  return isTooLarge || limits.maxSizeBytes === 0 || isTooOld || free < limits.minFreeBytes;
}

function check(predicate: (snapshot: CacheSnapshot, limits: PruneLimits, pins: Pins) => void): void {
  fc.assert(fc.property(anySnapshot, anyLimits, anyPins, predicate), { numRuns: 500 });
}

describe('planPrune()', () => {
  test('removes a prefix of the images that may go, least recently used first, ties by ID', () => {
    check((snapshot, limits, pins) => {
      const victims = planPrune(snapshot, limits, pins).removals.map(({ imageId }) => imageId);
      const order = removable(snapshot, pins).map(({ imageId }) => imageId);
      expect(victims).toEqual(order.slice(0, victims.length));
    });
  });

  test('parts the images into those that go and those that stay', () => {
    check((snapshot, limits, pins) => {
      const plan = planPrune(snapshot, limits, pins);
      const gone = new Set<string>(plan.removals.map(({ imageId }) => imageId));
      expect(gone.size).toBe(plan.removals.length);
      const files = snapshot.images.filter(({ file }) => file !== undefined);
      const stay = files.filter(({ imageId }) => !gone.has(imageId));
      expect(plan.before).toEqual({ images: files.length, bytes: bytesOf(files) });
      expect(plan.after).toEqual({ images: stay.length, bytes: bytesOf(stay) });
      expect(plan.after.images + gone.size).toBe(plan.before.images);
      expect(plan.reconciliations.filter(({ imageId }) => gone.has(imageId))).toEqual([]);
    });
  });

  test('stops as soon as no limit asks for the next image, and not before', () => {
    check((snapshot, limits, pins) => {
      const order = removable(snapshot, pins);
      const count = planPrune(snapshot, limits, pins).removals.length;
      const next = order[count];
      if (next !== undefined) expect(asksFor(snapshot, limits, order.slice(0, count), next)).toBe(false);
      const last = order[count - 1];
      if (last !== undefined) expect(asksFor(snapshot, limits, order.slice(0, count - 1), last)).toBe(true);
    });
  });

  test('fits the limits, or says by how much it does not because nothing removable is left', () => {
    check((snapshot, limits, pins) => {
      const plan = planPrune(snapshot, limits, pins);
      const isAll = plan.removals.length === removable(snapshot, pins).length;
      expect(plan.shortfallBytes).toBeGreaterThanOrEqual(0);
      if (!isAll) expect(plan.shortfallBytes).toBe(0);
      if (plan.shortfallBytes > 0) return;
      expect(plan.after.bytes).toBeLessThanOrEqual(limits.maxSizeBytes);
      const freed = plan.removals.reduce((sum, { file }) => sum + file.reclaimableBytes, 0);
      expect(snapshot.space.availableBytes + freed).toBeGreaterThanOrEqual(limits.minFreeBytes);
    });
  });

  test('comes to the same plan whatever the order of the images', () => {
    fc.assert(
      fc.property(
        anySnapshot.chain((snapshot) =>
          fc.tuple(
            fc.constant(snapshot),
            fc.shuffledSubarray([...snapshot.images], { minLength: snapshot.images.length }),
          ),
        ),
        anyLimits,
        anyPins,
        ([snapshot, images], limits, pins) => {
          const plan = planPrune(snapshot, limits, pins);
          const other = planPrune({ ...snapshot, images }, limits, pins);
          expect(other.removals).toEqual(plan.removals);
          expect(new Set(other.reconciliations)).toEqual(new Set(plan.reconciliations));
          expect([other.before, other.after, other.shortfallBytes]).toEqual([
            plan.before,
            plan.after,
            plan.shortfallBytes,
          ]);
        },
      ),
    );
  });

  test('finds nothing left to do once its plan was carried out', () => {
    check((snapshot, limits, pins) => {
      const again = planPrune(afterPlan(snapshot, planPrune(snapshot, limits, pins)), limits, pins);
      expect(pruneActions(again)).toEqual([]);
    });
  });

  test('empties the cache of all that may go when the maximum is 0', () => {
    check((snapshot, limits, pins) => {
      const { removals } = planPrune(snapshot, { ...limits, maxSizeBytes: 0, targetBytes: 0 }, pins);
      expect(removals).toHaveLength(removable(snapshot, pins).length);
    });
  });

  test('neither removes nor adopts a file without a row within a minute of its change time', () => {
    check((snapshot, limits, pins) => {
      const young = snapshot.images.filter(
        ({ file, row }) => row === undefined && NOW_SEC - (file?.changedSec ?? 0) <= GRACE_SEC,
      );
      const touched = new Set<string>(pruneActions(planPrune(snapshot, limits, pins)).map(({ imageId }) => imageId));
      expect(young.filter(({ imageId }) => touched.has(imageId))).toEqual([]);
    });
  });

  test('leaves no point at which the index has lost its last row and a file without a row is still to go', () => {
    check((snapshot, limits, pins) => {
      const actions = pruneActions(planPrune(snapshot, limits, pins));
      const lastRowless = actions.findLastIndex((action) => action.kind === 'remove-image' && action.row === undefined);
      const firstRowLost = actions.findIndex(
        (action) => action.kind === 'drop-row' || (action.kind === 'remove-image' && action.row !== undefined),
      );
      if (lastRowless >= 0 && firstRowLost >= 0) expect(lastRowless).toBeLessThan(firstRowLost);
    });
  });

  test('takes nothing that is pinned, whatever the limits, and adds up what that keeps', () => {
    check((snapshot, limits, pins) => {
      const plan = planPrune(snapshot, limits, pins);
      expect(plan.removals.filter(({ imageId }) => pins.has(imageId))).toEqual([]);
      const kept = snapshot.images.filter(({ imageId, file }) => file !== undefined && pins.has(imageId));
      const reclaimableBytes = kept.reduce((sum, { file }) => sum + (file?.reclaimableBytes ?? 0), 0);
      expect(plan.pinned).toEqual({ images: kept.length, bytes: bytesOf(kept), reclaimableBytes });
    });
  });

  test('takes of the others what it would take if nothing were pinned, or more', () => {
    check((snapshot, limits, pins) => {
      const withPins = new Set(planPrune(snapshot, limits, pins).removals.map(({ imageId }) => imageId));
      const without = planPrune(snapshot, limits, new Set()).removals.filter(({ imageId }) => !pins.has(imageId));
      expect(without.filter(({ imageId }) => !withPins.has(imageId))).toEqual([]);
    });
  });

  test('leaves the snapshot as it is', () => {
    check((snapshot, limits, pins) => {
      const copy = structuredClone(snapshot);
      planPrune(snapshot, limits, pins);
      expect(snapshot).toEqual(copy);
    });
  });
});
