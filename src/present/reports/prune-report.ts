/**
 * What the pruner says of a run.
 */
import type { PruneReport } from '../../use-cases/prune.ts';
import type { ReportItem } from '../../use-cases/report.ts';
import type { Report } from '../report.ts';
import { countOf, exactSize, humanDuration, type SizeText } from '../sizes.ts';
import { itemColumns } from './item-columns.ts';
import { removalSentence, strangersSentence } from './removal-text.ts';

/** The sentences that head a pruner's report. */
export function pruneSentences(report: PruneReport, size: SizeText): readonly string[] {
  const { dryRun, limits, after, shortfallBytes, foreign, foreignRows } = report;
  const sentences = [
    removalSentence(report, 'image', size),
    `The cache ${dryRun ? 'would hold' : 'holds'} ${countOf(after.images, 'image')}, ${size(after.bytes)}; its maximum is ${size(limits.maxSizeBytes)}.`,
  ];
  if (limits.minFreeBytes > 0) sentences.push(`At least ${size(limits.minFreeBytes)} are to stay free.`);
  if (limits.maxAgeSec !== undefined) {
    sentences.push(`Images not used for ${humanDuration(limits.maxAgeSec)} are to go.`);
  }
  if (shortfallBytes > 0 && after.images === 0) {
    sentences.push(`The file system still lacks ${size(shortfallBytes)} of what is to stay free: other files fill it.`);
  } else if (shortfallBytes > 0) {
    const why =
      report.failure === undefined
        ? 'what is left is too young to judge, was in use, or could not be removed'
        : 'the run ended early';
    sentences.push(`The cache stays ${size(shortfallBytes)} over its limits: ${why}.`);
  }
  const strangers = [...foreign.filter(({ kind }) => kind !== 'lock').map(({ name }) => name), ...foreignRows];
  return [...sentences, ...strangersSentence(strangers)];
}

/** A pruner's report for the machine formats. */
export function pruneRecord(report: PruneReport): Report<ReportItem> {
  const { items, limits } = report;
  const columns = itemColumns(exactSize);
  return {
    head: {
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
    },
    items,
    columns,
  };
}
