/**
 * A driver of the index, as `image_cache_driver` names it: how its index is found, opened and mended. A folder per
 * driver; what it keeps is behind {@link IndexDb}.
 */
import type { ImageId } from '../image-id.ts';
import type { IndexDb, IndexRow } from './index-db.ts';

/** The values of `image_cache_driver`. */
export type DriverName = 'sqlite' | 'xattr' | 'centralized_db';

/** Why an index may look given up, for whoever has to decide whether it is. */
export interface GivenUpIndex {
  /** What there is to see: 'the index "/var/lib/glance/image-cache/cache.db" has no rows'. No secret is in it. */
  readonly state: string;
  /** What to check first, as one sentence without the full stop. */
  readonly check: string;
}

/** One driver on one cache. Nothing is opened before it is asked for. */
export interface IndexDriver {
  readonly name: DriverName;
  /** Whether the index is there; a driver whose index cannot be missing says yes. */
  exists(): boolean;
  /**
   * Opens the index; the caller closes it.
   *
   * @param create whether a missing index is created, as glance-api does; otherwise it is one without rows
   * @throws ConfigError where the driver cannot work as it is configured; CacheStateError; BusyError
   */
  open(create: boolean): Promise<IndexDb>;
  /**
   * Sets a damaged index aside and puts a new one in its place. Only a driver whose `IndexDb.check` or `open` may find
   * damage is asked to.
   *
   * @param rows what the new one begins with
   * @returns the path of the old one
   */
  replace(rows: readonly IndexRow[]): Promise<string>;
  /** Tells about an index that has no row of any image although there are images. */
  describeGivenUp(): Promise<GivenUpIndex>;
  /**
   * Why images lie in `invalid/`: texts of whoever put them there, by image ID. Absent where the driver keeps no such
   * notes; a note that cannot be read is left out.
   */
  explainInvalid?(imageIds: readonly ImageId[]): Promise<ReadonlyMap<ImageId, string>>;
}
