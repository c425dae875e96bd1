/**
 * The cleaner: which leftovers it takes, and which it leaves to those who may still be at work on them.
 */
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { Folder, Model, ModelFile } from '../model.ts';
import { type Answer, type CleanWish, type Item, isoOf } from '../request.ts';
import { busy, done, ended, type Foresight, refused } from './foresight.ts';
import { isUnentered } from './image-steps.ts';

/** A journal that only puts off the next try is of no use for longer. */
const JOURNAL_SEC = 2 * 86_400;

/** A leftover, and what becomes of it. */
interface Leftover {
  readonly area: Exclude<Folder, 'cached'> | 'prefetch';
  readonly imageId: ImageId;
  readonly file: Pick<ModelFile, 'sizeBytes' | 'modifiedSec'> & Partial<ModelFile>;
  readonly goes: boolean;
  readonly reason: string;
  /** The name of a torn journal has nothing to do with that of the others. */
  readonly isTorn?: boolean;
}

/** What the cleaner does. */
export function foreseeClean(model: Model, wish: CleanWish): Foresight {
  if (!wish.isRoot && wish.stallTimeSec < wish.configuredStallTimeSec) {
    const refusal = refused(2, 'USAGE_STALL_TIME');
    return { planned: refusal, isStruck: false, carryOut: () => refusal };
  }
  const leftovers = leftoversOf(model, wish);
  const goes = leftovers.filter((leftover) => leftover.goes);
  const planned = answerOf([...leftovers, ...partsOf(model, wish)].map(plannedItem));
  const refusal = busy(model, 'glance-cache-cleaner', 'glance-cache-clean');
  if (refusal !== undefined) return { planned, isStruck: false, carryOut: () => refusal };
  return {
    planned,
    isStruck: goes.length > 0,
    carryOut() {
      const items = leftovers.map((leftover) => {
        return leftover.goes ? ended(plannedItem(leftover), remove(model, leftover)) : plannedItem(leftover);
      });
      return answerOf([...items, ...sweep(model, wish)]);
    },
  };
}

function leftoversOf(model: Model, wish: CleanWish): readonly Leftover[] {
  const isWanted = ([imageId]: readonly [ImageId, unknown]): boolean => wish.imageIds?.includes(imageId) !== false;
  const invalid = [...model.files.invalid].filter(isWanted).map(([imageId, file]): Leftover => {
    const isInGrace = wish.invalidGraceSec > 0 && model.nowSec - file.changedSec <= wish.invalidGraceSec;
    return { area: 'invalid', imageId, file, goes: !isInGrace, reason: isInGrace ? 'in-grace' : 'invalid' };
  });
  const incomplete = [...model.files.incomplete].filter(isWanted).map(([imageId, file]): Leftover => {
    const leftover = { area: 'incomplete', imageId, file } as const;
    if (model.writers.has(imageId)) return { ...leftover, goes: false, reason: 'held-open' };
    const isStalled = isOlder(model, file, wish.stallTimeSec);
    return { ...leftover, goes: isStalled, reason: isStalled ? 'stalled' : 'not-stalled' };
  });
  return [...invalid, ...incomplete];
}

/** What prefetches have left that nobody will go on with. */
function partsOf(model: Model, wish: CleanWish): readonly Leftover[] {
  const imageIds = [...new Set([...model.parts.keys(), ...model.journals.keys()])];
  const isWanted = (imageId: ImageId): boolean => wish.imageIds?.includes(imageId) !== false;
  const parts = imageIds.filter(isWanted).flatMap((imageId): readonly Leftover[] => {
    const part = model.parts.get(imageId);
    const journal = model.journals.get(imageId);
    const { modifiedSec = 0 } = part ?? journal?.file ?? {};
    const file = { sizeBytes: part?.sizeBytes ?? 0, modifiedSec };
    const reason = whyPartGoes(model, imageId, wish);
    if (reason !== undefined) return [{ area: 'prefetch', imageId, file, goes: true, reason }];
    return part === undefined ? [] : [{ area: 'prefetch', imageId, file, goes: false, reason: 'not-stalled' }];
  });
  const torn = [...model.tornJournals].filter(isWanted).map((imageId): Leftover => {
    const file = { sizeBytes: 0, modifiedSec: model.nowSec };
    return { area: 'prefetch', imageId, file, goes: true, reason: 'no-journal', isTorn: true };
  });
  return [...parts, ...torn];
}

function whyPartGoes(model: Model, imageId: ImageId, { stallTimeSec }: CleanWish): string | undefined {
  const part = model.parts.get(imageId);
  const journal = model.journals.get(imageId);
  if (model.rows.size === 0 && isUnentered(model, imageId)) return undefined;
  if (model.files.cached.has(imageId)) return 'cached';
  if (journal === undefined) return 'no-journal';
  if (part !== undefined) return isOlder(model, part, stallTimeSec) ? 'stalled' : undefined;
  if (!journal.remembersMismatch) return 'no-part';
  return isOlder(model, journal.file, JOURNAL_SEC) ? 'stalled' : undefined;
}

function sweep(model: Model, wish: CleanWish): readonly Item[] {
  const parts = partsOf(model, wish);
  // A prefetcher that is at work keeps what it writes.
  if (model.locks.has('glance-cache-prefetcher')) {
    return parts.map((part) => plannedItem(part.goes ? { ...part, goes: false, reason: 'held-open' } : part));
  }
  return parts.map((part) => {
    if (!part.goes) return plannedItem(part);
    if (part.isTorn === true) model.tornJournals.delete(part.imageId);
    else {
      model.parts.delete(part.imageId);
      model.journals.delete(part.imageId);
    }
    return ended(plannedItem(part), undefined);
  });
}

/** A time in the future comes from a clock that was wrong. */
function isOlder(model: Model, { modifiedSec, changedSec }: ModelFile, sec: number): boolean {
  return model.nowSec - Math.min(modifiedSec, changedSec) > sec;
}

function remove(model: Model, { area, imageId, file }: Leftover): string | undefined {
  if (area === 'prefetch') return undefined;
  const now = model.files[area].get(imageId);
  if (now === undefined) return 'gone';
  const isSame = now.token === file.token && now.sizeBytes === file.sizeBytes && now.modifiedSec === file.modifiedSec;
  if (!isSame) return 'changed';
  model.files[area].delete(imageId);
  return undefined;
}

function plannedItem({ area, imageId, file, goes, reason }: Leftover): Item {
  return {
    image_id: imageId,
    action: goes ? 'remove' : 'keep',
    result: goes ? 'planned' : 'skipped',
    reason,
    area,
    size: file.sizeBytes,
    time: isoOf(file.modifiedSec),
  };
}

function answerOf(items: readonly Item[]): Answer {
  const gone = items.filter(({ action, result }) => action === 'remove' && result !== 'skipped');
  return done({ items, facts: { freed_bytes: gone.reduce((sum, { size }) => sum + (size ?? 0), 0) } });
}
