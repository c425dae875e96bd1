/**
 * How much lies in the cache and how old it is, file by file: one look for all checks of a run.
 */
import type { Stats } from 'node:fs';
import { isImageId } from '../../../../cache/image-id.ts';
import type { Area, CacheLayout } from '../../../../cache/layout.ts';
import { type Entry, entriesIn } from './entries.ts';

/** The files of one folder. What stands out is undefined where there are none. */
export interface Measured {
  readonly count: number;
  /** Sum of their lengths. */
  readonly sizeBytes: number;
  /** What they take of the file system. */
  readonly takenBytes: number;
  readonly largestBytes: number;
  /** The one that was written to the longest ago; of invalid ones, which are moved there, that came there first. */
  readonly oldest: Dated | undefined;
  /** The one whose status changed last, by the clock of the file system; nobody can set that. */
  readonly newest: Dated | undefined;
}

/** A file and a time of it, epoch seconds. */
export interface Dated {
  readonly path: string;
  readonly atSec: number;
}

/** The files of a cache. */
export interface CacheMeasure {
  readonly areas: Readonly<Record<Area, Measured>>;
  /** Of images that are being fetched. */
  readonly parts: Measured;
}

const STAT_BLOCK_BYTES = 512;

const known = new WeakMap<CacheLayout, CacheMeasure>();

/** Measures a cache, once. */
export function measureCache(layout: CacheLayout): CacheMeasure {
  const measured = known.get(layout) ?? measure(layout);
  known.set(layout, measured);
  return measured;
}

function measure({ root, areas, parts }: CacheLayout): CacheMeasure {
  const isImage = ({ name }: Entry): boolean => isImageId(name);
  const modified = ({ mtimeMs }: Stats): number => mtimeMs / 1000;
  return {
    areas: {
      cached: measureFolder(root, modified, isImage),
      incomplete: measureFolder(areas.incomplete, modified),
      invalid: measureFolder(areas.invalid, ({ ctimeMs }) => ctimeMs / 1000),
      queue: measureFolder(areas.queue, modified),
    },
    parts: measureFolder(parts, modified),
  };
}

function measureFolder(
  folder: string,
  sinceOf: (stats: Stats) => number,
  counts: (entry: Entry) => boolean = () => true,
): Measured {
  const sums = { count: 0, sizeBytes: 0, takenBytes: 0, largestBytes: 0 };
  let oldest: Dated | undefined;
  let newest: Dated | undefined;
  for (const entry of entriesIn(folder)) {
    const { path, stats } = entry;
    if (!stats.isFile() || !counts(entry)) continue;
    addTo(sums, stats);
    const [sinceSec, changedSec] = [sinceOf(stats), stats.ctimeMs / 1000];
    if (oldest === undefined || sinceSec < oldest.atSec) oldest = { path, atSec: sinceSec };
    if (newest === undefined || changedSec > newest.atSec) newest = { path, atSec: changedSec };
  }
  return { ...sums, oldest, newest };
}

function addTo(
  sums: { count: number; sizeBytes: number; takenBytes: number; largestBytes: number },
  { size, blocks }: Stats,
): void {
  sums.count += 1;
  sums.sizeBytes += size;
  sums.takenBytes += blocks * STAT_BLOCK_BYTES;
  sums.largestBytes = Math.max(sums.largestBytes, size);
}
