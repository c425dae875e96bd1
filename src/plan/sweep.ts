/**
 * Which leftovers of prefetches go: what nobody will go on with. Pure.
 */
import type { ForeignEntry } from '../cache/directory.ts';
import type { FileFacts } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import { isUnentered, type PartEntry, type PartListing } from '../cache/prefetch/parts.ts';
import type { RemovalReason, RemovePart } from './action.ts';

/** What counts as a leftover. */
export interface SweepLimits {
  /** Epoch seconds. */
  readonly nowSec: number;
  /** How long nothing was written to a part before nobody goes on with it. */
  readonly stallTimeSec: number;
  /** Only these images; undefined for all. */
  readonly imageIds: ReadonlySet<ImageId> | undefined;
  /** Whether the index may be without any row: what vouches for an image that was not entered stays then. */
  readonly isIndexEmpty: boolean;
}

/** A part that stays. */
export type KeptPart = Omit<RemovePart, 'kind' | 'reason' | 'torn'>;

/** What a sweep would do. */
export interface SweepPlan {
  readonly removals: readonly RemovePart[];
  readonly kept: readonly KeptPart[];
  readonly foreign: readonly ForeignEntry[];
}

/** A mismatch puts off the next try, for a day at the longest: a journal twice as old has been given up. */
const JOURNAL_SEC = 2 * 24 * 3600;

/** Plans a sweep. Nobody may be prefetching while it is applied. */
export function planSweep(listing: PartListing, limits: SweepLimits): SweepPlan {
  const removals: RemovePart[] = [];
  const kept: KeptPart[] = [];
  for (const entry of listing.entries) {
    if (limits.imageIds?.has(entry.imageId) === false) continue;
    const facts = factsOf(entry);
    const reason = reasonToGo(entry, limits);
    if (reason !== undefined) removals.push({ kind: 'remove-part', reason, torn: undefined, ...facts });
    else if (entry.part !== undefined) kept.push(facts);
  }
  for (const { name, imageId } of listing.torn) {
    if (limits.imageIds?.has(imageId) === false) continue;
    const torn = { imageId, sizeBytes: 0, modifiedSec: limits.nowSec };
    removals.push({ kind: 'remove-part', reason: 'no-journal', torn: name, ...torn });
  }
  const foreign = listing.foreign.map((name): ForeignEntry => ({ area: 'prefetch', name, kind: 'other' }));
  return { removals, kept, foreign };
}

function factsOf({ imageId, part, journal }: PartEntry): KeptPart {
  return { imageId, sizeBytes: part?.sizeBytes ?? 0, modifiedSec: (part ?? journal)?.modifiedSec ?? 0 };
}

function reasonToGo(entry: PartEntry, limits: SweepLimits): RemovalReason | undefined {
  const { part, journal, remembersMismatch, isCached } = entry;
  // A time in the future comes from a clock that was wrong. The change time nobody can set that far ahead.
  const isOlder = ({ modifiedSec, changedSec }: FileFacts, sec: number): boolean => {
    return limits.nowSec - Math.min(modifiedSec, changedSec) > sec;
  };
  if (limits.isIndexEmpty && isUnentered(entry)) return undefined;
  if (isCached) return 'cached';
  if (part === undefined) {
    if (journal === undefined) return undefined;
    // A prefetch that was killed before its part was there, or after it was published, leaves a journal that tells nothing.
    if (!remembersMismatch) return 'no-part';
    return isOlder(journal, JOURNAL_SEC) ? 'stalled' : undefined;
  }
  if (journal === undefined) return 'no-journal';
  return isOlder(part, limits.stallTimeSec) ? 'stalled' : undefined;
}
