/**
 * What the pruner says of a run.
 */
import type { PruneReport } from '../../use-cases/prune.ts';
import type { ReportItem } from '../../use-cases/report.ts';
import { recordOf } from '../records.ts';
import type { Report } from '../report.ts';
import { countOf, humanDuration, humanSize } from '../sizes.ts';
import { ITEM_COLUMNS } from './item-columns.ts';
import { removalSentence, strangersSentence } from './removal-text.ts';

/** The sentences that head a pruner's report. */
export function pruneSentences(report: PruneReport): readonly string[] {
  const { dryRun, limits, after, shortfallBytes, foreign, foreignRows } = report;
  const sentences = [
    removalSentence(report, 'image'),
    `The cache ${dryRun ? 'would hold' : 'holds'} ${countOf(after.images, 'image')}, ${humanSize(after.bytes)}; its maximum is ${humanSize(limits.maxSizeBytes)}.`,
  ];
  if (limits.minFreeBytes > 0) sentences.push(`At least ${humanSize(limits.minFreeBytes)} are to stay free.`);
  if (limits.maxAgeSec !== undefined) {
    sentences.push(`Images not used for ${humanDuration(limits.maxAgeSec)} are to go.`);
  }
  if (shortfallBytes > 0) {
    sentences.push(
      `That is ${humanSize(shortfallBytes)} short of the limits: what is left is too young to judge, was in use, or could not be removed.`,
    );
  }
  const strangers = [...foreign.filter(({ kind }) => kind !== 'lock').map(({ name }) => name), ...foreignRows];
  return [...sentences, ...strangersSentence(strangers)];
}

/** A pruner's report for the machine formats. */
export function pruneRecord(report: PruneReport): Report<ReportItem> {
  const { items, limits } = report;
  return {
    whole: {
      program: 'glance-cache-pruner',
      dry_run: report.dryRun,
      cache_dir: report.cacheDir,
      max_size: limits.maxSizeBytes,
      target_size: limits.targetBytes,
      min_free: limits.minFreeBytes,
      max_age: limits.maxAgeSec ?? null,
      before: report.before,
      after: report.after,
      freed_bytes: report.freedBytes,
      shortfall_bytes: report.shortfallBytes,
      foreign: report.foreign,
      foreign_rows: report.foreignRows,
      items: items.map((item) => recordOf(item, ITEM_COLUMNS)),
    },
    items,
    columns: ITEM_COLUMNS,
  };
}
