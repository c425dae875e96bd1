/**
 * What a prefetch did, or would do.
 */
import type { ReportItem, RunResult } from '../report.ts';

/** Where an image's bytes come from. */
export type ByteOrigin = 'store' | 'http';

/** What became of one wanted image. */
export interface PrefetchItem extends ReportItem {
  /** As Glance calls it; undefined where it was not asked. */
  readonly name: string | undefined;
  readonly source: ByteOrigin | undefined;
  /** Read from the source in this run, bytes; in a dry run, to be read. */
  readonly fetchedBytes: number | undefined;
  /** Taken over from an earlier run, bytes. */
  readonly resumedBytes: number | undefined;
  /** Seconds from its start to its end. */
  readonly elapsedSec: number | undefined;
}

/** A run of the prefetcher. */
export interface PrefetchReport extends RunResult {
  readonly dryRun: boolean;
  readonly cacheDir: string;
  readonly items: readonly PrefetchItem[];
  /** Images that are in the cache now because of this run. */
  readonly fetchedImages: number;
  /** Bytes that were read for them and for those that failed; in a dry run, to be read. */
  readonly fetchedBytes: number;
  readonly elapsedSec: number;
}
