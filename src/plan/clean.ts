/**
 * Which leftovers go: everything in `invalid/`, and what has stalled in `incomplete/`. Pure.
 */
import type { CacheFile } from '../cache/directory.ts';
import type { FileFacts } from '../cache/file-facts.ts';
import type { ImageId } from '../cache/image-id.ts';
import type { OpenFiles } from '../cache/open-files.ts';
import type { RemoveFile } from './action.ts';

/** The leftovers of a cache at one moment, with what is known of their writers. */
export interface Leftovers {
  /** Epoch seconds. */
  readonly takenSec: number;
  readonly invalid: readonly CacheFile[];
  readonly incomplete: readonly CacheFile[];
  readonly openFiles: OpenFiles;
}

/** What counts as a leftover. */
export interface CleanLimits {
  /** How long nothing was written to an incomplete image before it counts as stalled. */
  readonly stallTimeSec: number;
  /** How long a file stays in `invalid/` before it goes. */
  readonly invalidGraceSec: number;
  /** Only these images; undefined for all. */
  readonly imageIds: ReadonlySet<ImageId> | undefined;
}

/** Why a leftover stays. */
export type KeptReason = 'held-open' | 'just-arrived' | 'not-stalled' | 'in-grace';

/** A leftover that stays, and why. */
export interface KeptFile {
  readonly area: 'invalid' | 'incomplete';
  readonly imageId: ImageId;
  readonly file: FileFacts;
  readonly reason: KeptReason;
}

/** What a clean would do. */
export interface CleanPlan {
  readonly removals: readonly RemoveFile[];
  readonly kept: readonly KeptFile[];
}

/** Plans a clean. */
export function planClean(leftovers: Leftovers, limits: CleanLimits): CleanPlan {
  const removals: RemoveFile[] = [];
  const kept: KeptFile[] = [];
  for (const area of ['invalid', 'incomplete'] as const) {
    for (const { imageId, facts: file } of leftovers[area]) {
      if (limits.imageIds?.has(imageId) === false) continue;
      const keep = area === 'invalid' ? keepInvalid(file, leftovers, limits) : keepIncomplete(file, leftovers, limits);
      if (keep !== undefined) kept.push({ area, imageId, file, reason: keep });
      else
        removals.push({ kind: 'remove-file', area, imageId, file, reason: area === 'invalid' ? 'invalid' : 'stalled' });
    }
  }
  return { removals, kept };
}

/** A reader does not keep a file in `invalid/`: that is how an image is removed while a client downloads it. */
function keepInvalid(file: FileFacts, leftovers: Leftovers, limits: CleanLimits): KeptReason | undefined {
  const holders = leftovers.openFiles.holders(file);
  // It came after the look at the open files: the next run knows more.
  if (holders === undefined) return 'just-arrived';
  if (holders.some(({ writes }) => writes)) return 'held-open';
  // The change time is when it was moved here; 0 takes what came this very instant as well.
  const isInGrace = limits.invalidGraceSec > 0 && leftovers.takenSec - file.changedSec <= limits.invalidGraceSec;
  return isInGrace ? 'in-grace' : undefined;
}

/** glance-api would publish a torn image if its file were unlinked while it writes: any holder keeps the file. */
function keepIncomplete(file: FileFacts, leftovers: Leftovers, limits: CleanLimits): KeptReason | undefined {
  const holders = leftovers.openFiles.holders(file);
  if (holders === undefined) return 'just-arrived';
  if (holders.length > 0) return 'held-open';
  // A time in the future comes from a clock that was wrong. The change time nobody can set that far ahead.
  const writtenSec = Math.min(file.modifiedSec, file.changedSec);
  return leftovers.takenSec - writtenSec > limits.stallTimeSec ? undefined : 'not-stalled';
}
