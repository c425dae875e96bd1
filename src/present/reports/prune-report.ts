/**
 * What the pruner says of a run.
 */

import { countOf, exactSize, humanDuration, type SizeText } from '../../text/amounts.ts';
import type { PruneReport, ShortfallReason } from '../../use-cases/prune.ts';
import type { ReportItem } from '../../use-cases/report.ts';
import type { Report } from '../report.ts';
import { itemColumns } from './item-columns.ts';
import { removalSentence, strangersSentence } from './removal-text.ts';

/** The sentences that head a pruner's report. */
export function pruneSentences(report: PruneReport, size: SizeText): readonly string[] {
  const { dryRun, limits, after, pinned, shortfallBytes, foreign, foreignRows } = report;
  const sentences = [
    removalSentence(report, 'image', size),
    `The cache ${dryRun ? 'would hold' : 'holds'} ${countOf(after.images, 'image')}, ${size(after.bytes)}; its maximum is ${size(limits.maxSizeBytes)}.`,
  ];
  if (pinned.images > 0) {
    sentences.push(
      `Of these, ${countOf(pinned.images, 'image')}, ${size(pinned.bytes)}, ${pinned.images === 1 ? 'is' : 'are'} pinned.`,
    );
  }
  if (limits.minFreeBytes > 0) sentences.push(`At least ${size(limits.minFreeBytes)} are to stay free.`);
  if (limits.maxAgeSec !== undefined) {
    sentences.push(`Images not used for ${humanDuration(limits.maxAgeSec)} are to go.`);
  }
  if (shortfallBytes > 0 && after.images === 0) {
    sentences.push(`The file system still lacks ${size(shortfallBytes)} of what is to stay free: other files fill it.`);
  } else if (shortfallBytes > 0) {
    sentences.push(`The cache stays ${size(shortfallBytes)} over its limits: ${whyShort(report, size)}.`);
  }
  const strangers = [...foreign.filter(({ kind }) => kind !== 'lock').map(({ name }) => name), ...foreignRows];
  return [...sentences, ...strangersSentence(strangers)];
}

const REASONS: Readonly<Record<Exclude<ShortfallReason, 'pinned'>, string>> = {
  stopped: 'the run ended early',
  'not-removable': 'what is left is too young to judge, was in use, or could not be removed',
  'other-files': 'other files fill the file system',
};

function whyShort({ shortfallBytes, shortfallReasons, pinnedShortfallBytes }: PruneReport, size: SizeText): string {
  const others = shortfallReasons.flatMap((reason) => (reason === 'pinned' ? [] : [REASONS[reason]]));
  if (!shortfallReasons.includes('pinned')) return others.join('; ');
  const restBytes = shortfallBytes - pinnedShortfallBytes;
  const pinned = `pinned images are kept${restBytes === 0 ? '' : `, which makes ${size(pinnedShortfallBytes)} of it`}`;
  return [pinned, ...others].join('; ');
}

/** What is to be logged of a shortfall that the next runs will not make good either; undefined where there is none. */
export function lastingShortfall(report: PruneReport): string | undefined {
  const { after, pinned, shortfallBytes, shortfallReasons } = report;
  if (shortfallReasons.includes('other-files')) {
    const what = after.images === 0 ? 'The cache is empty' : 'Nothing is left but pinned images';
    return `${what}, and the file system still lacks ${exactSize(shortfallBytes)} of min_free`;
  }
  if (!shortfallReasons.includes('pinned')) return undefined;
  const kept = `${countOf(pinned.images, 'pinned image')} of ${exactSize(pinned.bytes)} ${pinned.images === 1 ? 'is' : 'are'} kept`;
  return `The cache stays ${exactSize(shortfallBytes)} over its limits: ${kept}; see glance-cache-manage list-pinned`;
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
      shortfall_reasons: report.shortfallReasons,
      pinned: report.pinned,
      foreign: report.foreign,
      foreign_rows: report.foreignRows,
    },
    items,
    columns,
  };
}
