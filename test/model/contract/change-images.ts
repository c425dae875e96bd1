/**
 * The pruner and the deletions: what they do to cached images.
 */
import type { ImageId } from '../../../src/cache/image-id.ts';
import { byId, type LockName, type Model } from '../model.ts';
import type { Answer, DeleteWish, Item, PruneWish, Report } from '../request.ts';
import { busy, done, ended, type Foresight, idleItem, refused, unchanging } from './foresight.ts';
import {
  carryOut,
  isFlipped,
  isYoung,
  mending,
  plannedItem,
  removal,
  rowlessFirst,
  type Step,
  usedSec,
} from './image-steps.ts';
import { pinnedImages } from './pins.ts';

/** Everything that needs a plan, locks, and the index. */
interface Work {
  readonly locks: readonly [own: LockName, glances?: LockName];
  readonly adopt: boolean;
  readonly steps: readonly Step[];
  report(items: readonly Item[], isStopped?: boolean): Report;
  /** Whether an image stays that is pinned by the time it is its turn. */
  readonly sparesPinned: boolean;
}

/** What the pruner does. */
export function foreseePrune(model: Model, wish: PruneWish): Foresight {
  const images = [...model.files.cached].map(([imageId, file]) => ({ imageId, sizeBytes: file.sizeBytes }));
  const totalBytes = sumOf(images);
  const targetBytes = Math.floor((wish.maxSizeBytes * wish.lowWatermarkPercent) / 100);
  const victims = victimsOf(model, wish, targetBytes);
  const stay = allIds(model).filter((imageId) => !victims.some((victim) => victim.imageId === imageId));
  const mends = stay.flatMap((imageId) => mending(model, imageId) ?? []);
  const pinned = pinnedImages(model).map((imageId) => ({ sizeBytes: model.files.cached.get(imageId)?.sizeBytes ?? 0 }));
  const report = (items: readonly Item[], isStopped = false): Report => {
    const gone = items.filter(({ action, result }) => action === 'remove' && result !== 'skipped');
    const freedBytes = gone.reduce((sum, { size }) => sum + (size ?? 0), 0);
    const late = items.filter(({ reason }) => reason === 'pinned').map(({ size }) => ({ sizeBytes: size ?? 0 }));
    const kept = { images: pinned.length + late.length, bytes: sumOf(pinned) + sumOf(late) };
    const isOver = totalBytes > wish.maxSizeBytes;
    const overBytes = isOver ? totalBytes - freedBytes - targetBytes : 0;
    const isPinned = overBytes > 0 && kept.bytes > 0;
    const reasons = [...(isPinned ? ['pinned'] : []), ...(overBytes > kept.bytes ? ['not-removable'] : [])];
    return {
      items,
      facts: {
        max_size: wish.maxSizeBytes,
        target_size: targetBytes,
        before: { images: images.length, bytes: totalBytes },
        after: { images: images.length - gone.length, bytes: totalBytes - freedBytes },
        freed_bytes: freedBytes,
        shortfall_bytes: Math.max(0, overBytes),
        shortfall_reasons: isStopped && overBytes > 0 ? ['stopped'] : reasons,
        pinned: kept,
      },
    };
  };
  const steps = rowlessFirst([...mends, ...victims]);
  return foreseeWork(model, {
    locks: ['glance-cache-pruner', 'glance-cache-prune'],
    adopt: wish.adopt,
    steps,
    report,
    sparesPinned: true,
  });
}

/**
 * Least recently used first: as many as are too old, and as many as it takes to come down to the target. A maximum of 0
 * takes all.
 */
function victimsOf(model: Model, wish: PruneWish, targetBytes: number): readonly Step[] {
  const files = [...model.files.cached].map(([imageId, file]) => ({
    imageId,
    sizeBytes: file.sizeBytes,
    sec: usedSec(file, model.rows.get(imageId)),
  }));
  const order = files
    .filter(({ imageId }) => !isYoung(model, imageId) && !model.pins.has(imageId))
    .sort((a, b) => a.sec - b.sec || byId(a, b));
  const isTooOld = ({ sec }: { readonly sec: number }): boolean =>
    wish.maxAgeSec !== undefined && model.nowSec - sec > wish.maxAgeSec;
  const old = order.filter(isTooOld).length;
  const fits = (count: number): boolean => sumOf(files) - sumOf(order.slice(0, count)) <= targetBytes;
  let count = 0;
  if (wish.maxSizeBytes === 0) count = order.length;
  else if (sumOf(files) > wish.maxSizeBytes) while (count < order.length && !fits(count)) count++;
  return order
    .slice(0, Math.max(old, count))
    .map((image) => removal(model, image.imageId, isTooOld(image) ? 'max-age' : 'max-size'));
}

/** What the deletions do: of images that are named, or of all but those that are just coming. */
export function foreseeDelete(model: Model, { imageIds, adopt, includePinned }: DeleteWish): Foresight {
  const isThere = (imageId: ImageId): boolean => model.files.cached.has(imageId) || model.rows.has(imageId);
  const sparesPinned = imageIds === undefined && !includePinned;
  const pinned = sparesPinned ? pinnedImages(model) : [];
  const isLeft = (imageId: ImageId): boolean => {
    return imageIds === undefined && !adopt && isYoung(model, imageId) && !pinned.includes(imageId);
  };
  const wanted = imageIds === undefined ? allIds(model) : [...new Set(imageIds)];
  const steps = wanted
    .filter((imageId) => isThere(imageId) && !isLeft(imageId) && !pinned.includes(imageId))
    .map((imageId) => removal(model, imageId, 'requested'));
  const idle = [
    ...wanted.filter((imageId) => !isThere(imageId)).map((imageId) => idleItem(imageId, 'absent')),
    ...wanted.filter(isLeft).map((imageId) => idleItem(imageId, 'just-arrived')),
    ...pinned.map((imageId) => idleItem(imageId, 'pinned')),
  ];
  // A pinned image that has no row gets one: it is not to be left beside an index without any.
  const entered = pinned.flatMap((imageId) => (model.rows.has(imageId) ? [] : (mending(model, imageId) ?? [])));
  return foreseeWork(model, {
    locks: ['glance-cache-manage'],
    adopt,
    sparesPinned,
    steps: imageIds === undefined ? rowlessFirst([...entered, ...steps]) : steps,
    report: (items) => ({ items: [...items, ...idle], facts: {} }),
  });
}

function foreseeWork(model: Model, { locks, adopt, steps, report, sparesPinned }: Work): Foresight {
  const flipped = !adopt && isFlipped(model) ? refused(4, 'INDEX_FLIPPED') : undefined;
  const planned = flipped ?? done(report(steps.map(plannedItem)));
  const refusal = busy(model, ...locks) ?? flipped;
  if (refusal !== undefined) return { ...unchanging(refusal), planned };
  return {
    planned,
    isStruck: steps.length > 0,
    carryOut(): Answer {
      if (model.isIndexLocked) return { exitCode: 5, error: 'BUSY_INDEX', report: report([], true) };
      return done(report(steps.map((step) => ended(plannedItem(step), carryOut(model, step, sparesPinned)))));
    },
  };
}

function allIds(model: Model): readonly ImageId[] {
  return [...new Set([...model.files.cached.keys(), ...model.rows.keys()])].sort();
}

function sumOf(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
