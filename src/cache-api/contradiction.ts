/**
 * Whether two answers about the cache of a node can be from one node: a load balancer gives those of several in turn.
 * Pure. A cache changes all the time; only what no change explains counts.
 */
import type { IndexRow } from '../cache/index/index-db.ts';
import type { RemoteState } from './cache-api.ts';

/** A state, and when it was told. */
export interface StateAt {
  readonly state: RemoteState;
  /** By the clock of the node where it says so, epoch seconds. */
  readonly atSec: number;
}

// Clocks differ a little, and the file that a slow client reads is written some time before it is in the cache.
const SLACK_SEC = 60;

/**
 * What one node cannot have said.
 *
 * @param earlier told first
 * @returns a part of a sentence, such as `image ID has been cached for long, and was missing a moment before`; undefined
 * where one node may have said both
 */
export function contradictionOf(earlier: StateAt, later: StateAt): string | undefined {
  const before = new Map(earlier.state.cached.map((row) => [row.imageId, row]));
  for (const row of later.state.cached) {
    const old = before.get(row.imageId);
    const state = old === undefined ? appearance(row, earlier.atSec) : change(old, row, earlier.atSec);
    if (state !== undefined) return `image ${row.imageId} ${state}`;
  }
  return undefined;
}

/**
 * Whether a later answer lacks something, or tells of another queue: a third one then shows whether that comes back.
 */
export function hasChanged(earlier: RemoteState, later: RemoteState): boolean {
  const left = new Set(later.cached.map(({ imageId }) => imageId));
  return earlier.cached.some(({ imageId }) => !left.has(imageId)) || !isSameQueue(earlier, later);
}

/**
 * What was there, was gone, and is there again; or the other way round.
 *
 * @returns a part of a sentence; undefined where one node may have said all three
 */
export function returnOf(first: RemoteState, second: RemoteState, third: RemoteState): string | undefined {
  if (isSameQueue(first, second) || !isSameQueue(first, third)) return undefined;
  // A small image that is queued in between is in the cache in no time.
  const cached = new Set(third.cached.map(({ imageId }) => imageId));
  const isFetched = second.queued.some((imageId) => cached.has(imageId));
  return isFetched ? undefined : 'its queue was another one for a moment';
}

function isSameQueue(one: RemoteState, other: RemoteState): boolean {
  return one.queued.length === other.queued.length && one.queued.every((id, place) => id === other.queued[place]);
}

function appearance({ lastModifiedSec }: IndexRow, earlierSec: number): string | undefined {
  // 0 is no time at all.
  const isOld = lastModifiedSec > 0 && lastModifiedSec < earlierSec - SLACK_SEC;
  return isOld ? 'has been cached for long, and was missing a moment before' : undefined;
}

function change(old: IndexRow, row: IndexRow, earlierSec: number): string | undefined {
  if (row.lastModifiedSec !== old.lastModifiedSec) {
    // Cached anew in between, or not the same copy.
    const isAnew = row.lastModifiedSec > old.lastModifiedSec && row.lastModifiedSec >= earlierSec - SLACK_SEC;
    return isAnew ? undefined : 'has been cached at two different times';
  }
  if (row.hits < old.hits) return 'has fewer hits than a moment before';
  return row.lastAccessedSec < old.lastAccessedSec ? 'was accessed later a moment before' : undefined;
}
