/**
 * What queueing images, and taking them out of the queue, takes. Pure.
 */
import type { CacheFile } from '../cache/directory.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { AddMarker, DropMarker } from './action.ts';

/** Why an image is not queued. */
export type NotQueuedReason = 'cached' | 'being-cached' | 'queued';

/** Where an image asked for is at the moment; undefined where it is nowhere. */
export type QueueState = ReadonlyMap<ImageId, NotQueuedReason>;

/** What queueing would do. */
export interface QueuePlan {
  readonly actions: readonly AddMarker[];
  readonly refused: readonly { readonly imageId: ImageId; readonly reason: NotQueuedReason }[];
}

/** A step that every file system and a double can tell apart; images queued at once keep the order they came in. */
const STEP_SEC = 0.000_01;

/** Plans to queue some images in the order given. An ID given twice counts once. */
export function planQueue(imageIds: readonly ImageId[], state: QueueState, nowSec: number): QueuePlan {
  const actions: AddMarker[] = [];
  const refused: { imageId: ImageId; reason: NotQueuedReason }[] = [];
  for (const imageId of new Set(imageIds)) {
    const reason = state.get(imageId);
    if (reason !== undefined) refused.push({ imageId, reason });
    else actions.push({ kind: 'add-marker', imageId, queuedSec: nowSec + actions.length * STEP_SEC });
  }
  return { actions, refused };
}

/** What taking images out of the queue would do. */
export interface DequeuePlan {
  readonly actions: readonly DropMarker[];
  readonly absent: readonly ImageId[];
}

/**
 * Plans to take images out of the queue, under whatever spelling the stock tool queued them.
 *
 * @param imageIds the images; undefined for all
 */
export function planDequeue(queue: readonly CacheFile[], imageIds?: readonly ImageId[]): DequeuePlan {
  const wanted = imageIds === undefined ? undefined : new Set(imageIds);
  const markers = queue.filter(({ imageId }) => wanted?.has(imageId) !== false);
  const present = new Set(markers.map(({ imageId }) => imageId));
  return {
    actions: markers.map(({ imageId, name }) => ({ kind: 'drop-marker', imageId, name })),
    absent: [...(wanted ?? [])].filter((imageId) => !present.has(imageId)),
  };
}
