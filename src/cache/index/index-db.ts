/**
 * What remembers hits and times of the cached images: one interface, a file per driver. Planners and commands do not
 * know which driver they work on.
 */

/** One image as the index has it. Values that make no sense (NaN, text, negative) are read as 0. */
export interface IndexRow {
  /** As stored; only a canonical image ID is one of the cache's. */
  readonly imageId: string;
  /** Epoch seconds; 0 means "never read". */
  readonly lastAccessedSec: number;
  /** Epoch seconds. */
  readonly lastModifiedSec: number;
  readonly sizeBytes: number;
  readonly hits: number;
}

/** Changes inside one transaction: all of them happen, or none. */
export interface IndexTransaction {
  /** The row as it is now. */
  row(imageId: string): Promise<IndexRow | undefined>;
  /** Adds a row, unless there is one of that image. */
  insert(row: IndexRow): Promise<void>;
  /**
   * Looks whether a row can be kept of an image whose file is there: for a driver that keeps rows with files.
   *
   * @throws CacheStateError where that file may not be written to; nothing has changed then
   */
  readonly requireKeepable?: (imageId: string) => void;
  /** Adds a row, or replaces the one of that image. */
  put(row: IndexRow): Promise<void>;
  /** @param damage why its file is about to go into `invalid/`; a driver that keeps such notes with files leaves it there */
  remove(imageId: string, damage?: string): Promise<void>;
  setSize(imageId: string, sizeBytes: number): Promise<void>;
  /**
   * Tells whose rows the work will probably ask for, in this order: a driver whose rows are far away fetches many at once,
   * the first of them now.
   */
  readonly expect?: (imageIds: readonly string[]) => Promise<void>;
}

/** What a look into every corner of an index has found. */
export interface IndexHealth {
  /** What is wrong with the index as a whole, in the driver's words; undefined where nothing is. */
  readonly damage: string | undefined;
  /** IDs of the rows with values that make no sense, which {@link IndexRow} has as 0. */
  readonly oddRows: ReadonlySet<string>;
}

/** An opened index. */
export interface IndexDb {
  /** All rows, ordered by image ID; none where there is no index. */
  rows(): Promise<readonly IndexRow[]>;
  /** What Glance lists as cached with this driver, in its order; the same as {@link rows} where it is absent. */
  listed?(): Promise<readonly IndexRow[]>;
  /** Looks for damage. Takes no write lock, but keeps others from committing for as long as it reads everything once. */
  check(): Promise<IndexHealth>;
  /**
   * Runs work under the index's write lock. The lock is held until the work ends: it must be short, and nothing in it
   * may wait for a network, a hash or the freeing of a large file.
   *
   * @throws BusyError (BUSY_INDEX) when the lock cannot be had in time; CacheStateError
   */
  transaction<T>(work: (changes: IndexTransaction) => Promise<T>): Promise<T>;
  close(): void;
}
