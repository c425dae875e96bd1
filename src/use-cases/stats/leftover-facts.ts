/**
 * What lies beside the cached images and is none, or not yet: how much, how old, and what of it the cleaner would take.
 * Pure.
 */
import type { CacheFile } from '../../cache/directory.ts';
import type { PartListing } from '../../cache/prefetch/parts.ts';
import type { CleanLimits, Leftovers } from '../../plan/clean.ts';
import { planClean } from '../../plan/clean.ts';
import { planSweep, type SweepLimits } from '../../plan/sweep.ts';
import { AgeHistogram, type AgeShare } from './age-histogram.ts';

/** Files and their sizes. */
export interface FileSum {
  readonly files: number;
  readonly sizeBytes: number;
}

/** The figures of one folder of leftovers. */
export interface LeftoverFacts extends FileSum {
  /** When what was not written to for longest was, epoch seconds; undefined without files. */
  readonly oldestSec: number | undefined;
  /** By last write. */
  readonly ages: readonly AgeShare[];
  /** What the cleaner would take now. */
  readonly removable: FileSum;
}

/** The figures of `incomplete/` and `invalid/`, by the cleaner's own plan. */
export function leftoverFacts(
  leftovers: Leftovers,
  limits: Omit<CleanLimits, 'imageIds'>,
): Readonly<Record<'incomplete' | 'invalid', LeftoverFacts>> {
  const { removals } = planClean(leftovers, { ...limits, imageIds: undefined });
  const of = (area: 'incomplete' | 'invalid', files: readonly CacheFile[]): LeftoverFacts => {
    const gone = removals.filter((removal) => removal.area === area).map(({ file }) => file);
    return factsOf(
      files.map(({ facts }) => facts),
      gone,
      leftovers.takenSec,
    );
  };
  return { incomplete: of('incomplete', leftovers.incomplete), invalid: of('invalid', leftovers.invalid) };
}

/** The figures of what prefetches have left or are at. Journals take nothing worth a figure. */
export function partFacts(listing: PartListing, limits: Omit<SweepLimits, 'imageIds'>): LeftoverFacts {
  const parts = listing.entries.flatMap(({ part }) => part ?? []);
  const withPart = new Set(listing.entries.filter(({ part }) => part !== undefined).map(({ imageId }) => imageId));
  const { removals } = planSweep(listing, { ...limits, imageIds: undefined });
  const gone = removals.filter(({ imageId, torn }) => torn === undefined && withPart.has(imageId));
  return factsOf(parts, gone, limits.nowSec);
}

function factsOf(
  files: readonly { readonly sizeBytes: number; readonly modifiedSec: number }[],
  removable: readonly { readonly sizeBytes: number }[],
  nowSec: number,
): LeftoverFacts {
  const ages = new AgeHistogram();
  let oldestSec: number | undefined;
  for (const { sizeBytes, modifiedSec } of files) {
    ages.add(nowSec - modifiedSec, sizeBytes);
    oldestSec = Math.min(oldestSec ?? modifiedSec, modifiedSec);
  }
  return {
    ...sumOf(files),
    oldestSec,
    ages: ages.shares.filter(({ age }) => age !== 'never'),
    removable: sumOf(removable),
  };
}

function sumOf(files: readonly { readonly sizeBytes: number }[]): FileSum {
  return { files: files.length, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}
