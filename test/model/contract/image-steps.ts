/**
 * What can be done to a cached image and its row, and the facts that are looked at again right before it is done.
 */
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { Model, ModelFile, ModelRow } from '../model.ts';
import { type Item, isoOf } from '../request.ts';

/** How long a file and its row may be apart. */
const GRACE_SEC = 60;

/** One thing to be done. */
export type Step =
  | { readonly kind: 'adopt' | 'correct-size'; readonly imageId: ImageId; readonly file: ModelFile }
  | { readonly kind: 'drop-row'; readonly imageId: ImageId }
  | {
      readonly kind: 'remove';
      readonly imageId: ImageId;
      readonly file: ModelFile;
      readonly row: ModelRow | undefined;
      readonly reason: 'requested' | 'max-size' | 'max-age';
      readonly usedSec: number;
    };

/** A file without a row that glance-api may be about to enter. */
export function isYoung(model: Model, imageId: ImageId): boolean {
  const file = model.files.cached.get(imageId);
  return file !== undefined && !model.rows.has(imageId) && model.nowSec - file.changedSec <= GRACE_SEC;
}

/** An image that a prefetch may have been killed at after it had published it: the journal is all that is left of its part. */
export function isUnentered(model: Model, imageId: ImageId): boolean {
  return model.files.cached.has(imageId) && model.journals.has(imageId) && !model.parts.has(imageId);
}

/** An index without rows beside files that have been there for a while, and are not ours: another driver keeps it. */
export function isFlipped(model: Model): boolean {
  if (model.rows.size > 0) return false;
  return [...model.files.cached.keys()].some((imageId) => !isYoung(model, imageId) && !isUnentered(model, imageId));
}

/** When an image was last used: the index knows best, then when it came; without a row the times of the file. */
export function usedSec(file: ModelFile, row: ModelRow | undefined): number {
  if (row === undefined) return Math.max(file.accessedSec, file.modifiedSec);
  return row.accessedSec || row.modifiedSec || file.modifiedSec;
}

/** The removal of an image that is there. */
export function removal(
  model: Model,
  imageId: ImageId,
  reason: Extract<Step, { readonly kind: 'remove' }>['reason'],
): Step {
  const file = model.files.cached.get(imageId);
  if (file === undefined) return { kind: 'drop-row', imageId };
  const row = model.rows.get(imageId);
  return { kind: 'remove', imageId, file, row, reason, usedSec: usedSec(file, row) };
}

/** What brings the row of an image in step with its file. */
export function mending(model: Model, imageId: ImageId): Step | undefined {
  const file = model.files.cached.get(imageId);
  const row = model.rows.get(imageId);
  if (file !== undefined && row !== undefined) {
    return file.sizeBytes === row.sizeBytes ? undefined : { kind: 'correct-size', imageId, file };
  }
  if (file !== undefined) return isYoung(model, imageId) ? undefined : { kind: 'adopt', imageId, file };
  // A row that is entered long before now or long after it was not entered just now.
  const agedSec = Math.abs(model.nowSec - (row?.modifiedSec ?? 0));
  return agedSec > GRACE_SEC ? { kind: 'drop-row', imageId } : undefined;
}

/** Files without rows go first: whatever is left half done does not look like an index that was given up. */
export function rowlessFirst(steps: readonly Step[]): readonly Step[] {
  const isRowless = (step: Step): boolean => step.kind === 'remove' && step.row === undefined;
  return [...steps.filter(isRowless), ...steps.filter((step) => !isRowless(step))];
}

/** What a dry run says of a step. */
export function plannedItem(step: Step): Item {
  const { imageId, kind } = step;
  const item = { image_id: imageId, action: kind, result: 'planned', area: null, size: null, time: null };
  switch (kind) {
    case 'remove':
      return { ...item, reason: step.reason, size: step.file.sizeBytes, time: isoOf(step.usedSec) };
    case 'adopt':
      return { ...item, reason: 'no-row', size: step.file.sizeBytes, time: isoOf(usedSec(step.file, undefined)) };
    case 'correct-size':
      return { ...item, reason: 'wrong-size', size: step.file.sizeBytes };
    case 'drop-row':
      return { ...item, reason: 'no-file' };
  }
}

/**
 * Does a step, if what it was planned on still holds.
 *
 * @param sparesPinned whether an image stays that was pinned since; it gets a row then if it has none
 * @returns why it was left undone
 */
export function carryOut(model: Model, step: Step, sparesPinned = false): string | undefined {
  const skipped = whatChanged(model, step);
  if (skipped !== undefined) return skipped;
  const { imageId } = step;
  if (step.kind === 'remove' && sparesPinned && model.pins.has(imageId)) {
    if (!model.rows.has(imageId)) enter(model, step);
    return 'pinned';
  }
  const row = model.rows.get(imageId);
  switch (step.kind) {
    case 'remove':
      model.rows.delete(imageId);
      model.files.cached.delete(imageId);
      // It goes by way of invalid/, over a file that lies there.
      model.files.invalid.delete(imageId);
      break;
    case 'adopt':
      enter(model, step);
      break;
    case 'correct-size':
      if (row !== undefined) model.rows.set(imageId, { ...row, sizeBytes: step.file.sizeBytes });
      break;
    case 'drop-row':
      model.rows.delete(imageId);
      break;
  }
  return undefined;
}

function enter(model: Model, { imageId, file }: { readonly imageId: ImageId; readonly file: ModelFile }): void {
  const { sizeBytes, modifiedSec } = file;
  model.rows.set(imageId, { accessedSec: usedSec(file, undefined), modifiedSec, sizeBytes, hits: 0 });
}

function whatChanged(model: Model, step: Step): string | undefined {
  const file = model.files.cached.get(step.imageId);
  const row = model.rows.get(step.imageId);
  if (step.kind === 'drop-row') return file === undefined ? undefined : 'present';
  if (file === undefined) return 'gone';
  const { token, sizeBytes, modifiedSec } = step.file;
  if (file.token !== token || file.sizeBytes !== sizeBytes || file.modifiedSec !== modifiedSec) return 'changed';
  if (step.kind === 'adopt') return row === undefined ? undefined : 'present';
  if (step.kind !== 'remove' || step.reason === 'requested') return undefined;
  // One that a client has used meanwhile is not the least recently used one any more.
  return (row?.accessedSec ?? 0) > (step.row?.accessedSec ?? 0) ? 'used' : undefined;
}
