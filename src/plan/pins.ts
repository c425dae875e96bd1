/**
 * What pinning images, and taking pins away, takes. Pure.
 */
import type { ImageId } from '../cache/image-id.ts';
import type { AddPin, DropPin } from './action.ts';

/** What pinning would do. */
export interface PinPlan {
  readonly actions: readonly AddPin[];
  /** Images that are pinned already. */
  readonly present: readonly ImageId[];
}

/** Plans to pin some images. An ID given twice counts once; whether an image is cached does not matter. */
export function planPin(imageIds: readonly ImageId[], pinned: ReadonlySet<ImageId>): PinPlan {
  const wanted = [...new Set(imageIds)];
  return {
    actions: wanted.filter((imageId) => !pinned.has(imageId)).map((imageId) => ({ kind: 'add-pin', imageId })),
    present: wanted.filter((imageId) => pinned.has(imageId)),
  };
}

/** What taking pins away would do. */
export interface UnpinPlan {
  readonly actions: readonly DropPin[];
  /** Images that are not pinned. */
  readonly absent: readonly ImageId[];
}

/** Plans to take pins away. An ID given twice counts once. */
export function planUnpin(imageIds: readonly ImageId[], pinned: ReadonlySet<ImageId>): UnpinPlan {
  const wanted = [...new Set(imageIds)];
  return {
    actions: wanted.filter((imageId) => pinned.has(imageId)).map((imageId) => ({ kind: 'drop-pin', imageId })),
    absent: wanted.filter((imageId) => !pinned.has(imageId)),
  };
}
