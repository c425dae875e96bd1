/**
 * The queue: who gets into it, in which order, and who is taken out.
 */
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { Model } from '../model.ts';
import type { DequeueWish, Item, QueueWish } from '../request.ts';
import { busy, done, ended, type Foresight, idleItem } from './foresight.ts';

/** Images that are queued at once keep their order by their times. */
const STEP_SEC = 0.000_01;

/** What `queue-image` does. */
export function foreseeQueue(model: Model, { imageIds }: QueueWish): Foresight {
  const wanted = [...new Set(imageIds)];
  const whyNot = (imageId: ImageId): string | undefined => {
    if (model.files.cached.has(imageId)) return 'cached';
    if (model.files.incomplete.has(imageId)) return 'being-cached';
    return model.queue.has(imageId) ? 'queued' : undefined;
  };
  const idle = wanted.flatMap((imageId) => {
    const reason = whyNot(imageId);
    return reason === undefined ? [] : [idleItem(imageId, reason)];
  });
  const comers = wanted.filter((imageId) => whyNot(imageId) === undefined);
  return foreseeMarkers(model, { action: 'queue', imageIds: comers, idle }, (imageId) => {
    if (model.queue.has(imageId)) return 'present';
    model.queue.set(imageId, model.nowSec + comers.indexOf(imageId) * STEP_SEC);
    return undefined;
  });
}

/** What `delete-queued-image` and `delete-all-queued-images` do. */
export function foreseeDequeue(model: Model, wish: DequeueWish): Foresight {
  const wanted = [...new Set(wish.imageIds ?? model.queue.keys())];
  const imageIds = wanted.filter((imageId) => model.queue.has(imageId));
  const idle = wanted.filter((imageId) => !model.queue.has(imageId)).map((imageId) => idleItem(imageId, 'absent'));
  return foreseeMarkers(model, { action: 'unqueue', imageIds, idle }, (imageId) => {
    return model.queue.delete(imageId) ? undefined : 'gone';
  });
}

function foreseeMarkers(
  model: Model,
  plan: { readonly action: string; readonly imageIds: readonly ImageId[]; readonly idle: readonly Item[] },
  carryOut: (imageId: ImageId) => string | undefined,
): Foresight {
  const { action, imageIds, idle } = plan;
  const itemOf = (imageId: ImageId): Item => {
    return { image_id: imageId, action, result: 'planned', reason: null, area: 'queue', size: null, time: null };
  };
  const planned = done({ items: [...imageIds.map(itemOf), ...idle], facts: {} });
  const refusal = busy(model, 'glance-cache-manage');
  if (refusal !== undefined) return { planned, isStruck: false, carryOut: () => refusal };
  return {
    planned,
    isStruck: imageIds.length > 0,
    carryOut: () =>
      done({ items: [...imageIds.map((imageId) => ended(itemOf(imageId), carryOut(imageId))), ...idle], facts: {} }),
  };
}
