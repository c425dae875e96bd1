/**
 * What deleting images on request takes. Pure.
 */
import type { ImageId } from '../cache/image-id.ts';
import type { CachedImage, CacheSnapshot } from '../cache/snapshot.ts';
import type { DropRow, RemoveImage } from './action.ts';
import { isSettled } from './grace.ts';
import { lastUsedSec } from './last-used.ts';
import { rowlessFirst } from './rowless-first.ts';

/** What a deletion would do. */
export interface DeletePlan {
  readonly actions: readonly (RemoveImage | DropRow)[];
  /** Images asked for that are neither in the directory nor in the index. */
  readonly absent: readonly ImageId[];
  /** Images whose file has just come and has no row yet. */
  readonly young: readonly ImageId[];
}

/** Plans the deletion of some cached images. An ID given twice counts once. */
export function planDelete(snapshot: CacheSnapshot, imageIds: readonly ImageId[]): DeletePlan {
  const images = new Map(snapshot.images.map((image) => [image.imageId, image]));
  const actions: (RemoveImage | DropRow)[] = [];
  const absent: ImageId[] = [];
  for (const imageId of new Set(imageIds)) {
    const image = images.get(imageId);
    if (image === undefined) absent.push(imageId);
    else actions.push(deletionOf(image));
  }
  return { actions, absent, young: [] };
}

/**
 * Plans the deletion of everything: every image, and every row, foreign ones included, as the stock tool does. A file
 * that has just come and has no row yet stays, unless it is adopted: glance-api is about to enter it.
 */
export function planDeleteAll(snapshot: CacheSnapshot, adopt: boolean): DeletePlan {
  const isYoung = (image: CachedImage): boolean => {
    return !adopt && image.file !== undefined && image.row === undefined && !isSettled(image, snapshot.takenSec);
  };
  const foreignRows = snapshot.foreignRows.map((imageId): DropRow => ({ kind: 'drop-row', imageId }));
  const images = snapshot.images.filter((image) => !isYoung(image));
  return {
    actions: rowlessFirst([...images.map(deletionOf), ...foreignRows]),
    absent: [],
    young: snapshot.images.filter(isYoung).map(({ imageId }) => imageId),
  };
}

function deletionOf({ imageId, file, row }: CachedImage): RemoveImage | DropRow {
  if (file === undefined) return { kind: 'drop-row', imageId };
  return { kind: 'remove-image', imageId, reason: 'requested', file, row, lastUsedSec: lastUsedSec(file, row) };
}
