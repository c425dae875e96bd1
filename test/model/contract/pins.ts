/**
 * Pins: which images the pruner leaves alone, and what is told of them.
 */
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { Model } from '../model.ts';
import { type Item, isoOf, type PinWish } from '../request.ts';
import { done, ended, type Foresight, idleItem } from './foresight.ts';

/** What `pin-image` and `unpin-image` do. They take no lock. */
export function foreseePins(model: Model, { kind, imageIds }: PinWish): Foresight {
  const isWanted = (imageId: ImageId): boolean => model.pins.has(imageId) === (kind === 'unpin');
  const wanted = [...new Set(imageIds)];
  const changed = wanted.filter(isWanted);
  const reason = kind === 'pin' ? 'pinned' : 'absent';
  const idle = wanted.filter((imageId) => !isWanted(imageId)).map((imageId) => idleItem(imageId, reason));
  return {
    planned: done({ items: [...changed.map((imageId) => itemOf(kind, imageId)), ...idle], facts: {} }),
    isStruck: changed.length > 0,
    carryOut() {
      const items = changed.map((imageId) => ended(itemOf(kind, imageId), carryOut(model, kind, imageId)));
      return done({ items: [...items, ...idle], facts: {} });
    },
  };
}

function itemOf(kind: PinWish['kind'], imageId: ImageId): Item {
  return { image_id: imageId, action: kind, result: 'planned', reason: null, area: null, size: null, time: null };
}

function carryOut(model: Model, kind: PinWish['kind'], imageId: ImageId): string | undefined {
  if (kind === 'unpin') return model.pins.delete(imageId) ? undefined : 'gone';
  if (model.pins.has(imageId)) return 'pinned';
  model.pins.add(imageId);
  return undefined;
}

/** What `list-pinned` says. */
export function pinnedList(model: Model): readonly unknown[] {
  return [...model.pins].sort().map((imageId) => {
    const file = model.files.cached.get(imageId);
    const row = file === undefined ? undefined : model.rows.get(imageId);
    return {
      image_id: imageId,
      cached: file !== undefined,
      size: file?.sizeBytes ?? null,
      last_accessed: row === undefined ? null : isoOf(row.accessedSec),
      hits: row?.hits ?? null,
    };
  });
}

/** The images that are cached and pinned. */
export function pinnedImages(model: Model): readonly ImageId[] {
  return [...model.files.cached.keys()].filter((imageId) => model.pins.has(imageId)).sort();
}
