/**
 * What a command of the toolkit will say and do to a cache, by the contract.
 */
import type { Model } from '../model.ts';
import { isoOf, type ListWish, type Request } from '../request.ts';
import { foreseeDelete, foreseePrune } from './change-images.ts';
import { foreseeClean } from './clean.ts';
import { done, type Foresight, unchanging } from './foresight.ts';
import { foreseePins, pinnedList } from './pins.ts';
import { foreseeDequeue, foreseeQueue } from './queue.ts';
import { foreseeVerify } from './verify.ts';

/** Looks ahead. */
export function foresee(model: Model, request: Request): Foresight {
  switch (request.kind) {
    case 'prune':
      return foreseePrune(model, request);
    case 'clean':
      return foreseeClean(model, request);
    case 'delete':
      return foreseeDelete(model, request);
    case 'queue':
      return foreseeQueue(model, request);
    case 'dequeue':
      return foreseeDequeue(model, request);
    case 'pin':
    case 'unpin':
      return foreseePins(model, request);
    case 'verify':
      return foreseeVerify(model, request);
    case 'list':
      return unchanging(done({ items: listOf(model, request), facts: {} }));
  }
}

function listOf(model: Model, { what }: ListWish): readonly unknown[] {
  const { rows, queue } = model.contents();
  switch (what) {
    case 'cached':
      return rows.map(({ imageId, accessedSec, modifiedSec, sizeBytes, hits }) => ({
        image_id: imageId,
        last_accessed: isoOf(accessedSec),
        last_modified: isoOf(modifiedSec),
        size: sizeBytes,
        hits,
      }));
    case 'queued':
      return queue.map((imageId) => ({ image_id: imageId }));
    case 'pinned':
      return pinnedList(model);
    case 'incomplete':
    case 'invalid':
      return leftoversOf(model, what);
  }
}

/** Oldest first. */
function leftoversOf(model: Model, area: 'incomplete' | 'invalid'): readonly unknown[] {
  const ageOf = (modifiedSec: number): number => Math.max(0, model.nowSec - modifiedSec);
  return [...model.files[area]]
    .sort(([a, aFile], [b, bFile]) => ageOf(bFile.modifiedSec) - ageOf(aFile.modifiedSec) || (a < b ? -1 : 1))
    .map(([imageId, { sizeBytes, modifiedSec }]) => ({
      image_id: imageId,
      last_modified: isoOf(modifiedSec),
      age: ageOf(modifiedSec),
      size: sizeBytes,
      held_open: area === 'incomplete' && model.writers.has(imageId),
      // The sqlite driver keeps no notes of what is wrong.
      ...(area === 'invalid' ? { error: null } : {}),
    }));
}
