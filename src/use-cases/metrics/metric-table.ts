/**
 * Every metric there is: the one table that the output, the manual, the dashboard and the alert rules are held to. Names
 * never change their meaning. No label has an image ID: each would be a time series of its own, for ever.
 */

/** `counter` only grows, but for a record that was lost; `gauge` goes up and down. */
export type MetricType = 'gauge' | 'counter';

/** One metric. */
export interface Metric {
  /** With its unit, as Prometheus wants it: bytes, seconds since the epoch, or a number of things. */
  readonly name: string;
  readonly type: MetricType;
  /** One sentence without a final period. */
  readonly help: string;
  readonly labels: readonly string[];
}

function metric(type: MetricType, name: string, help: string, ...labels: readonly string[]): Metric {
  return { name: `glance_cache_${name}`, type, help, labels };
}

/** All of them, in the order they are written in. */
export const METRICS = {
  up: metric(
    'gauge',
    'up',
    'Whether configuration, directory, index and records could be read; what could not is left out',
  ),
  buildInfo: metric('gauge', 'build_info', 'Always 1; the version of glance-cache-tools', 'version'),
  info: metric('gauge', 'info', 'Always 1; the cache directory and the driver of its index', 'directory', 'driver'),
  collected: metric('gauge', 'collected_timestamp_seconds', 'When these figures were taken'),

  directoryExists: metric(
    'gauge',
    'directory_exists',
    'Whether image_cache_dir is there; a missing one is an empty cache',
  ),
  fileSystemSize: metric('gauge', 'filesystem_size_bytes', 'Size of the file system of the cache'),
  fileSystemAvailable: metric(
    'gauge',
    'filesystem_available_bytes',
    'What unprivileged users may still write to the file system of the cache',
  ),
  maxSize: metric('gauge', 'max_size_bytes', 'image_cache_max_size; the pruner does something above it'),
  targetSize: metric(
    'gauge',
    'target_size_bytes',
    'What the pruner prunes down to: the maximum, or low_watermark of it',
  ),
  minFree: metric('gauge', 'min_free_bytes', 'What the pruner keeps free on the file system: min_free, or 0'),

  images: metric('gauge', 'images', 'Cached images'),
  size: metric('gauge', 'size_bytes', 'Size of the cached images'),
  largestImage: metric('gauge', 'largest_image_bytes', 'Size of the largest cached image'),
  hits: metric('gauge', 'hits', 'Reads of the images that are cached now; those of an image go with it'),
  unreadImages: metric('gauge', 'unread_images', 'Cached images that were never read from the cache'),
  unreadSize: metric('gauge', 'unread_bytes', 'Size of the cached images that were never read from the cache'),
  oldestUse: metric('gauge', 'oldest_use_timestamp_seconds', 'When the image was used that has lain unused longest'),
  medianUse: metric('gauge', 'median_use_timestamp_seconds', 'Half of the images have not been used since then'),
  newestUse: metric('gauge', 'newest_use_timestamp_seconds', 'When an image was used last'),
  pins: metric('gauge', 'pins', 'Pinned images, cached or not'),
  pinnedImages: metric('gauge', 'pinned_images', 'Cached images that are pinned: the pruner never takes them'),
  pinnedSize: metric('gauge', 'pinned_bytes', 'Size of the cached images that are pinned'),

  indexFlipped: metric(
    'gauge',
    'index_flipped',
    'Whether the index has no rows although there are images: glance-api may keep another one',
  ),
  rowlessFiles: metric('gauge', 'rowless_files', 'Image files that have had no row in the index for over a minute'),
  filelessRows: metric('gauge', 'fileless_rows', 'Rows of the index that have had no image file for over a minute'),

  incompleteImages: metric('gauge', 'incomplete_images', 'Images in incomplete/, written by glance-api or given up'),
  incompleteSize: metric('gauge', 'incomplete_bytes', 'Size of the images in incomplete/'),
  incompleteOldest: metric('gauge', 'incomplete_oldest_timestamp_seconds', 'When the stillest of them was written to'),
  invalidImages: metric('gauge', 'invalid_images', 'Images in invalid/, which the cleaner removes'),
  invalidSize: metric('gauge', 'invalid_bytes', 'Size of the images in invalid/'),
  invalidOldest: metric('gauge', 'invalid_oldest_timestamp_seconds', 'When the oldest of them was written to'),
  queuedImages: metric('gauge', 'queued_images', 'Images that wait for the prefetcher'),
  queuedOldest: metric('gauge', 'queued_oldest_timestamp_seconds', 'When the one was queued that waits longest'),
  parts: metric('gauge', 'prefetch_parts', 'Images that a prefetch has begun'),
  partsSize: metric('gauge', 'prefetch_parts_bytes', 'What was fetched of them so far'),

  lastRun: metric('gauge', 'last_run_timestamp_seconds', 'When the last run ended', 'program'),
  lastSuccess: metric('gauge', 'last_success_timestamp_seconds', 'When the last run ended that succeeded', 'program'),
  lastDuration: metric('gauge', 'last_run_duration_seconds', 'How long the last run took', 'program'),
  lastExitCode: metric('gauge', 'last_run_exit_code', 'Exit code of the last run', 'program'),
  lastImages: metric('gauge', 'last_run_images', 'Images that the last run removed or fetched', 'program'),
  lastBytes: metric('gauge', 'last_run_bytes', 'Bytes that the last run removed or fetched', 'program'),
  runs: metric('counter', 'runs_total', 'Runs by result: success, partial, failure or stopped', 'program', 'result'),
  prunedImages: metric('counter', 'pruned_images_total', 'Images that the pruner has removed'),
  prunedBytes: metric('counter', 'pruned_bytes_total', 'Size of the images that the pruner has removed'),
  cleanedFiles: metric('counter', 'cleaned_files_total', 'Files that the cleaner has removed'),
  cleanedBytes: metric('counter', 'cleaned_bytes_total', 'Size of the files that the cleaner has removed'),
  fetchedImages: metric('counter', 'fetched_images_total', 'Images that the prefetcher has put into the cache'),
  fetchedBytes: metric(
    'counter',
    'fetched_bytes_total',
    'Bytes that the prefetcher has read, from Glance or its store',
  ),
} as const satisfies Readonly<Record<string, Metric>>;

/** One value of a metric. */
export interface Sample {
  readonly metric: Metric;
  /** A value for each of its labels, in their order. */
  readonly labels: readonly string[];
  readonly value: number;
}
