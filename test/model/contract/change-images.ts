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

/** Everything that needs a plan, locks, and the index. */
interface Work {
  readonly locks: readonly [own: LockName, glances?: LockName];
  readonly adopt: boolean;
  readonly steps: readonly Step[];
  report(items: readonly Item[]): Report;
}

/** What the pruner does. */
export function foreseePrune(model: Model, wish: PruneWish): Foresight {
  const images = [...model.files.cached].map(([imageId, file]) => ({ imageId, sizeBytes: file.sizeBytes }));
  const totalBytes = sumOf(images);
  const targetBytes = Math.floor((wish.maxSizeBytes * wish.lowWatermarkPercent) / 100);
  const victims = victimsOf(model, wish, targetBytes);
  const stay = allIds(model).filter((imageId) => !victims.some((victim) => victim.imageId === imageId));
  const mends = stay.flatMap((imageId) => mending(model, imageId) ?? []);
  const report = (items: readonly Item[]): Report => {
    const gone = items.filter(({ action, result }) => action === 'remove' && result !== 'skipped');
    const freedBytes = gone.reduce((sum, { size }) => sum + (size ?? 0), 0);
    const isOver = totalBytes > wish.maxSizeBytes;
    return {
      items,
      facts: {
        max_size: wish.maxSizeBytes,
        target_size: targetBytes,
        before: { images: images.length, bytes: totalBytes },
        after: { images: images.length - gone.length, bytes: totalBytes - freedBytes },
        freed_bytes: freedBytes,
        shortfall_bytes: isOver ? Math.max(0, totalBytes - freedBytes - targetBytes) : 0,
      },
    };
  };
  const steps = rowlessFirst([...mends, ...victims]);
  return foreseeWork(model, {
    locks: ['glance-cache-pruner', 'glance-cache-prune'],
    adopt: wish.adopt,
    steps,
    report,
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
  const order = files.filter(({ imageId }) => !isYoung(model, imageId)).sort((a, b) => a.sec - b.sec || byId(a, b));
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
export function foreseeDelete(model: Model, { imageIds, adopt }: DeleteWish): Foresight {
  const isThere = (imageId: ImageId): boolean => model.files.cached.has(imageId) || model.rows.has(imageId);
  const isLeft = (imageId: ImageId): boolean => imageIds === undefined && !adopt && isYoung(model, imageId);
  const wanted = imageIds === undefined ? allIds(model) : [...new Set(imageIds)];
  const steps = wanted
    .filter((imageId) => isThere(imageId) && !isLeft(imageId))
    .map((imageId) => removal(model, imageId, 'requested'));
  const idle = [
    ...wanted.filter((imageId) => !isThere(imageId)).map((imageId) => idleItem(imageId, 'absent')),
    ...wanted.filter(isLeft).map((imageId) => idleItem(imageId, 'just-arrived')),
  ];
  return foreseeWork(model, {
    locks: ['glance-cache-manage'],
    adopt,
    steps: imageIds === undefined ? rowlessFirst(steps) : steps,
    report: (items) => ({ items: [...items, ...idle], facts: {} }),
  });
}

function foreseeWork(model: Model, { locks, adopt, steps, report }: Work): Foresight {
  const flipped = !adopt && isFlipped(model) ? refused(4, 'INDEX_FLIPPED') : undefined;
  const planned = flipped ?? done(report(steps.map(plannedItem)));
  const refusal = busy(model, ...locks) ?? flipped;
  if (refusal !== undefined) return { ...unchanging(refusal), planned };
  return {
    planned,
    isStruck: steps.length > 0,
    carryOut(): Answer {
      if (model.isIndexLocked) return { exitCode: 5, error: 'BUSY_INDEX', report: report([]) };
      return done(report(steps.map((step) => ended(plannedItem(step), carryOut(model, step)))));
    },
  };
}

function allIds(model: Model): readonly ImageId[] {
  return [...new Set([...model.files.cached.keys(), ...model.rows.keys()])].sort();
}

function sumOf(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
