/**
 * What the cleaner says of a run.
 */

import { countOf, exactSize, humanDuration, type SizeText } from '../../text/amounts.ts';
import type { CleanReport, StaleSummary } from '../../use-cases/clean.ts';
import { type ReportItem, sumRemoved } from '../../use-cases/report.ts';
import type { Report } from '../report.ts';
import { blindnessText } from './blindness-text.ts';
import { leftoverColumns } from './item-columns.ts';
import { type Removal, removalSentence, strangersSentence } from './removal-text.ts';

/** The sentences that head a cleaner's report. */
export function cleanSentences(report: CleanReport, size: SizeText): readonly string[] {
  const { items, blindness, stallTimeSec, foreign } = report;
  // Images have no area: what became of those is told apart.
  const leftovers = items.filter(({ area }) => area !== undefined);
  const kept = leftovers.filter(({ action }) => action === 'keep').length;
  const sentences = [removalSentence(removalOf(report, leftovers), 'leftover', size)];
  if (kept > 0)
    sentences.push(
      `Kept ${countOf(kept, 'leftover')}; an image counts as stalled after ${humanDuration(stallTimeSec)}.`,
    );
  if (kept > 0 && blindness !== undefined) sentences.push(`${blindnessText(blindness)}.`);
  return [...sentences, ...strangersSentence(foreign.map(({ area, name }) => `${area}/${name}`))];
}

/** The removal of some of the items. */
export function removalOf(report: CleanReport, items: readonly ReportItem[]): Removal {
  return { ...report, items, freedBytes: sumRemoved(items).bytes };
}

/** A cleaner's report for the machine formats. */
export function cleanRecord(report: CleanReport): Report<ReportItem> {
  const { items } = report;
  const columns = leftoverColumns(exactSize);
  return {
    head: {
      program: 'glance-cache-cleaner',
      dry_run: report.dryRun,
      cache_dir: report.cacheDir,
      stall_time: report.stallTimeSec,
      invalid_grace: report.invalidGraceSec,
      blindness: report.blindness ?? null,
      freed_bytes: report.freedBytes,
      foreign: report.foreign,
      stale: report.stale === undefined ? null : staleRecord(report.stale),
    },
    items,
    columns,
  };
}

function staleRecord({ checkedImages, staleImages, pinnedImages, readImages, readBytes }: StaleSummary) {
  return {
    checked_images: checkedImages,
    stale_images: staleImages,
    pinned_images: pinnedImages,
    read_images: readImages,
    read_bytes: readBytes,
  };
}
