/**
 * Figures of a cache that were reckoned from images made up, by the same pure functions as those of a real one.
 */
import type { CacheFile } from '../../src/cache/directory.ts';
import type { OpenFiles } from '../../src/cache/open-files.ts';
import type { CachedImage, CacheSnapshot } from '../../src/cache/snapshot.ts';
import { type Beside, type CacheStats, type StatsRequest, statsOf } from '../../src/use-cases/stats/cache-stats.ts';
import { leftoverFacts } from '../../src/use-cases/stats/leftover-facts.ts';
import { imageIdOf } from './seeded-cache.ts';
import { factsOf, rowOf, snapshotOf } from './snapshots.ts';

const GIB = 1024 ** 3;

/** When these caches are looked at: late enough for what lies years back. */
export const NOW_SEC = 1_700_000_000;

/** What is configured: 100 GiB, a day until something has stalled. */
export const REQUEST: StatsRequest = {
  prune: { maxSizeBytes: 100 * GIB, lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined },
  clean: { stallTimeSec: 86_400, invalidGraceSec: 0 },
};

/** Nobody holds a file open, and everybody was seen. */
export const NOBODY: OpenFiles = { blindness: undefined, holders: () => [] };

/** An image with file and row. */
export function madeUp(
  number: number,
  { sizeBytes, usedAgoSec = 5000, cameAgoSec = 5000, hits = 1 }: MadeUpImage,
): CachedImage {
  const imageId = imageIdOf(number);
  const lastModifiedSec = NOW_SEC - cameAgoSec;
  return {
    imageId,
    file: factsOf({ sizeBytes, modifiedSec: lastModifiedSec, changedSec: lastModifiedSec }),
    row: rowOf(imageId, { sizeBytes, hits, lastModifiedSec, lastAccessedSec: NOW_SEC - usedAgoSec }),
  };
}

/** An image of which only some things matter. */
export interface MadeUpImage {
  readonly sizeBytes: number;
  readonly usedAgoSec?: number;
  readonly cameAgoSec?: number;
  readonly hits?: number;
}

/** A file of a folder. */
export function fileOf(number: number, sizeBytes: number, writtenAgoSec: number): CacheFile {
  const modifiedSec = NOW_SEC - writtenAgoSec;
  const imageId = imageIdOf(number);
  return { imageId, name: imageId, facts: factsOf({ inode: number, sizeBytes, modifiedSec, changedSec: modifiedSec }) };
}

/** What lies in the folders of leftovers. */
export interface MadeUpLeftovers {
  readonly incomplete?: readonly CacheFile[];
  readonly invalid?: readonly CacheFile[];
}

/** The figures of some images. */
export function nodeStats(
  images: readonly CachedImage[],
  more: {
    readonly snapshot?: Partial<CacheSnapshot>;
    readonly beside?: Partial<Beside>;
    readonly leftovers?: MadeUpLeftovers;
    readonly prune?: Partial<StatsRequest['prune']>;
  } = {},
): CacheStats {
  const { incomplete = [], invalid = [] } = more.leftovers ?? {};
  const space = { totalBytes: 250 * GIB, availableBytes: 150 * GIB };
  const beside: Beside = {
    cacheDir: '/var/lib/glance/image-cache',
    driver: 'sqlite',
    queue: { images: 0, firstSec: undefined },
    leftovers: leftoverFacts({ takenSec: NOW_SEC, incomplete, invalid, openFiles: NOBODY }, REQUEST.clean),
    parts: { entries: [], torn: [], foreign: [] },
    pins: new Set(),
    ...more.beside,
  };
  const request = { ...REQUEST, prune: { ...REQUEST.prune, ...more.prune } };
  return statsOf(snapshotOf(images, { takenSec: NOW_SEC, space, ...more.snapshot }), beside, request);
}
