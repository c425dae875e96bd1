/**
 * The figures of one cache, or of those of all nodes, for the machine formats. Scripts depend on every name.
 */
import type { AgeShare } from '../../use-cases/stats/age-histogram.ts';
import type { CacheStats } from '../../use-cases/stats/cache-stats.ts';
import type { LeftoverFacts } from '../../use-cases/stats/leftover-facts.ts';
import type { ImageHits } from '../../use-cases/stats/row-summary.ts';
import type { Column } from '../column.ts';
import type { Report } from '../report.ts';
import type { StatsItem } from './stats-columns.ts';
import type { StatsReport } from './stats-report.ts';
import { timeField } from './time-field.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The figures.
 *
 * @param columns which of them, for each node
 */
export function statsRecord(report: StatsReport, columns: readonly Column<StatsItem>[]): Report<StatsItem> {
  const { allNodes, total, distinctImages, items, here } = report;
  return {
    head: {
      program: 'glance-cache-manage',
      command: 'stats',
      all_nodes: allNodes,
      total: {
        images: total.images,
        distinct_images: distinctImages,
        size: total.sizeBytes,
        hits: total.hits,
        least_recently_used: timeField(total.leastRecent?.usedSec),
        most_recently_used: timeField(total.mostRecent?.usedSec),
        largest_image: total.largest?.imageId ?? null,
        largest_size: total.largest?.sizeBytes ?? null,
        most_used: hitsFields(total.mostUsed),
        least_used: hitsFields(total.leastUsed),
      },
      ...(here === undefined ? {} : hereFields(here)),
    },
    items,
    columns,
  };
}

function hitsFields(image: ImageHits | undefined): Fields | null {
  if (image === undefined) return null;
  return { image_id: image.imageId, hits: image.hits, last_used: timeField(image.usedSec) };
}

/** What only the node itself can tell. */
function hereFields(here: CacheStats): Fields {
  const { cacheDir, driver, takenSec, space, total, nextPrune, leftovers, pinned, queue, unlisted } = here;
  return {
    cache_dir: cacheDir,
    driver,
    taken_at: timeField(takenSec),
    use: {
      size: total.sizeBytes,
      max_size: nextPrune.limits.maxSizeBytes,
      max_size_percent: percentOf(total.sizeBytes, nextPrune.limits.maxSizeBytes),
      file_system_size: space.totalBytes,
      file_system_available: space.availableBytes,
      file_system_percent: percentOf(total.sizeBytes, space.totalBytes),
    },
    ages: here.ages.map(({ age, count, sizeBytes }) => ({ age, images: count, size: sizeBytes })),
    unlisted: { images: unlisted.images, size: unlisted.bytes },
    lost_rows: here.lostRows,
    foreign_rows: here.foreignRows,
    incomplete: leftoverFields(leftovers.incomplete),
    invalid: leftoverFields(leftovers.invalid),
    prefetch: leftoverFields(leftovers.prefetch),
    queued: { images: queue.images, first_queued: timeField(queue.firstSec) },
    pinned: { images: pinned.images, size: pinned.bytes, not_cached: pinned.absent },
    reclaimable: {
      files: here.reclaimable.files,
      size: here.reclaimable.sizeBytes,
      unpinned_size: total.sizeBytes - pinned.bytes,
    },
    next_prune: pruneFields(here),
    forecast: forecastFields(here),
  };
}

/** A share in percent, to a tenth; null of nothing. */
function percentOf(partBytes: number, wholeBytes: number): number | null {
  return wholeBytes === 0 ? null : Math.round((partBytes / wholeBytes) * 1000) / 10;
}

function leftoverFields({ files, sizeBytes, oldestSec, ages, removable }: LeftoverFacts): Fields {
  return {
    files,
    size: sizeBytes,
    oldest: timeField(oldestSec),
    ages: ages.map(({ age, count, sizeBytes: size }: AgeShare) => ({ age, files: count, size })),
    reclaimable_files: removable.files,
    reclaimable_size: removable.sizeBytes,
  };
}

function pruneFields({ nextPrune }: CacheStats): Fields {
  const { limits, removed, after, reasons, first, shortfallBytes, isRefused } = nextPrune;
  return {
    refused: isRefused,
    images: removed.images,
    size: removed.bytes,
    reasons: reasons.map(({ reason, images, bytes }) => ({ reason, images, size: bytes })),
    first: first.map(({ imageId, sizeBytes, reason, lastUsedSec }) => {
      return { image_id: imageId, size: sizeBytes, reason, last_used: timeField(lastUsedSec) };
    }),
    images_left: after.images,
    size_left: after.bytes,
    shortfall_bytes: shortfallBytes,
    target_size: limits.targetBytes,
    min_free: limits.minFreeBytes,
    max_age: limits.maxAgeSec ?? null,
  };
}

function forecastFields({ forecast, takenSec }: CacheStats): Fields {
  const { state, limit, fullInSec, arrivedImages, arrivedBytes, spanSec, bytesPerDay } = forecast;
  return {
    state,
    limit,
    full_in: fullInSec === undefined ? null : Math.floor(fullInSec),
    full_at: fullInSec === undefined ? null : timeField(Math.floor(takenSec + fullInSec)),
    arrived_images: arrivedImages,
    arrived_size: arrivedBytes,
    span: Math.floor(spanSec),
    bytes_per_day: bytesPerDay,
  };
}
