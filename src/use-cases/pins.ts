/**
 * Pins images, takes pins away, and tells what is pinned.
 */
import type { CacheAccess } from '../cache/access.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { IndexRow } from '../cache/index/index-db.ts';
import { applyPinActions } from '../execute/apply-pin-actions.ts';
import type { PinAction } from '../plan/action.ts';
import { planPin, planUnpin } from '../plan/pins.ts';
import type { CacheSize } from '../plan/prune.ts';
import type { NotQueuedReason } from '../plan/queue.ts';
import { queueState } from './queue.ts';
import { appliedItems, errorsOf, idleItem, plannedItems, type ReportItem, type RunResult } from './report.ts';

/** What became of pinning images. */
export interface PinResult extends RunResult {
  /** Where the images asked for are, seen after they were pinned; those that are nowhere are not in it. */
  readonly whereabouts: ReadonlyMap<ImageId, NotQueuedReason>;
}

/**
 * Pins images, cached or not. The cache directory is created where it is missing.
 *
 * No lock is taken: a pin is there in one step, and nobody is to wait for a prune that takes minutes before saying what
 * it may not take. Whatever removes images looks at the pins again before it takes some, and once more before that is
 * final: a pin that comes in between wins, and what is told here of where an image is was seen after its pin was there.
 *
 * @throws CacheStateError
 */
export async function pinImages(
  access: CacheAccess,
  imageIds: readonly ImageId[],
  dryRun: boolean,
): Promise<PinResult> {
  if (!dryRun) access.directory.ensureFolders();
  const { actions, present } = planPin(imageIds, access.pins.list().imageIds);
  const idle = present.map((imageId) => idleItem(imageId, 'pinned'));
  const result = await done(access, { actions, idle }, dryRun);
  return { ...result, whereabouts: queueState(access, imageIds) };
}

/**
 * Takes pins away. The images stay where they are.
 *
 * @throws CacheStateError
 */
export async function unpinImages(
  access: CacheAccess,
  imageIds: readonly ImageId[],
  dryRun: boolean,
): Promise<RunResult> {
  const { actions, absent } = planUnpin(imageIds, access.pins.list().imageIds);
  return done(access, { actions, idle: absent.map((imageId) => idleItem(imageId, 'absent')) }, dryRun);
}

async function done(
  { pins, signal }: CacheAccess,
  { actions, idle }: { readonly actions: readonly PinAction[]; readonly idle: readonly ReportItem[] },
  dryRun: boolean,
): Promise<RunResult> {
  if (dryRun) return { items: [...plannedItems(actions), ...idle], errors: [], failure: undefined };
  const { outcomes, failure } = await applyPinActions(pins, actions, signal);
  return { items: [...appliedItems(outcomes), ...idle], errors: errorsOf(outcomes), failure };
}

/** A pinned image. */
export interface PinnedImage {
  readonly imageId: ImageId;
  /** When it was pinned, epoch seconds. */
  readonly pinnedSec: number;
  /** Size of its file; undefined where it is not cached. */
  readonly sizeBytes: number | undefined;
  /** What the index knows of a cached image; undefined where that is nothing. */
  readonly row: IndexRow | undefined;
}

/** What is pinned. */
export interface PinnedList {
  /** Ordered by ID. */
  readonly images: readonly PinnedImage[];
  /** How much of the cache that is. */
  readonly cached: CacheSize;
  /** Names among the pins that are none. */
  readonly foreign: readonly string[];
}

/**
 * Lists what is pinned, cached or not.
 *
 * @throws CacheStateError, BusyError
 */
export async function listPinned(access: CacheAccess): Promise<PinnedList> {
  const { imageIds, foreign } = access.pins.list();
  const rows = imageIds.size === 0 ? new Map<string, IndexRow>() : await rowsOf(access, imageIds);
  const images = [...imageIds].sort().flatMap((imageId): readonly PinnedImage[] => {
    const pinnedSec = access.pins.since(imageId);
    // Unpinned since the look at the folder.
    if (pinnedSec === undefined) return [];
    const sizeBytes = access.directory.look('cached', imageId)?.sizeBytes;
    return [{ imageId, pinnedSec, sizeBytes, row: sizeBytes === undefined ? undefined : rows.get(imageId) }];
  });
  return { images, cached: sizeOf(images.map(({ sizeBytes }) => sizeBytes)), foreign };
}

/** How much of the cache is pinned, and so never makes way for another image. */
export function pinnedSize({ pins, directory }: Pick<CacheAccess, 'pins' | 'directory'>): CacheSize {
  return sizeOf(Array.from(pins.list().imageIds, (imageId) => directory.look('cached', imageId)?.sizeBytes));
}

async function rowsOf(access: CacheAccess, imageIds: ReadonlySet<string>): Promise<ReadonlyMap<string, IndexRow>> {
  const index = await access.index.open(false);
  try {
    const rows = await index.rows();
    return new Map(rows.filter(({ imageId }) => imageIds.has(imageId)).map((row) => [row.imageId, row]));
  } finally {
    index.close();
  }
}

function sizeOf(sizes: readonly (number | undefined)[]): CacheSize {
  const known = sizes.filter((sizeBytes) => sizeBytes !== undefined);
  return { images: known.length, bytes: known.reduce((sum, sizeBytes) => sum + sizeBytes, 0) };
}
