/**
 * What deleting images on request takes. Pure.
 */
import type { ImageId } from '../cache/image-id.ts';
import type { CachedImage, CacheSnapshot } from '../cache/snapshot.ts';
import type { AdoptFile, DropRow, RemoveImage } from './action.ts';
import { isSettled } from './grace.ts';
import { lastUsedSec } from './last-used.ts';
import { reconcile } from './reconcile.ts';
import { rowlessFirst } from './rowless-first.ts';

/** What a deletion would do. */
export interface DeletePlan {
  readonly actions: readonly (AdoptFile | RemoveImage | DropRow)[];
  /** Images asked for that are neither in the directory nor in the index. */
  readonly absent: readonly ImageId[];
  /** Images whose file has just come and has no row yet. */
  readonly young: readonly ImageId[];
  /** Images that stay because they are pinned. */
  readonly pinned: readonly ImageId[];
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
  return { actions, absent, young: [], pinned: [] };
}

/** What is left when everything is deleted. */
export interface DeleteAllLimits {
  /** Take files, too, that have just come and have no row yet. */
  readonly adopt: boolean;
  /** Images that stay. */
  readonly pinned: ReadonlySet<ImageId>;
}

/**
 * Plans the deletion of everything: every image, and every row, foreign ones included, as the stock tool does. A file
 * that has just come and has no row yet stays, unless it is adopted: glance-api is about to enter it. A pinned file that
 * has none is entered: beside an index that is empty afterwards it would be a file that no run touches.
 */
export function planDeleteAll(snapshot: CacheSnapshot, { adopt, pinned }: DeleteAllLimits): DeletePlan {
  const isKept = ({ imageId, file }: CachedImage): boolean => file !== undefined && pinned.has(imageId);
  const isYoung = (image: CachedImage): boolean => {
    return !adopt && image.file !== undefined && image.row === undefined && !isSettled(image, snapshot.takenSec);
  };
  const foreignRows = snapshot.foreignRows.map((imageId): DropRow => ({ kind: 'drop-row', imageId }));
  const kept = snapshot.images.filter(isKept);
  const others = snapshot.images.filter((image) => !isKept(image));
  const deletions = others.filter((image) => !isYoung(image)).map(deletionOf);
  return {
    actions: rowlessFirst([...kept.flatMap((image) => adoptionOf(image, snapshot)), ...deletions, ...foreignRows]),
    absent: [],
    young: others.filter(isYoung).map(({ imageId }) => imageId),
    pinned: kept.map(({ imageId }) => imageId),
  };
}

function adoptionOf(image: CachedImage, snapshot: CacheSnapshot): readonly AdoptFile[] {
  const mend = reconcile(image, snapshot);
  return mend?.kind === 'adopt-file' ? [mend] : [];
}

function deletionOf({ imageId, file, row }: CachedImage): RemoveImage | DropRow {
  if (file === undefined) return { kind: 'drop-row', imageId };
  return { kind: 'remove-image', imageId, reason: 'requested', file, row, lastUsedSec: lastUsedSec(file, row) };
}
