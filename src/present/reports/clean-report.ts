/**
 * What the cleaner says of a run.
 */
import type { CleanReport } from '../../use-cases/clean.ts';
import type { ReportItem } from '../../use-cases/report.ts';
import type { Report } from '../report.ts';
import { countOf, exactSize, humanDuration, type SizeText } from '../sizes.ts';
import { blindnessText } from './blindness-text.ts';
import { leftoverColumns } from './item-columns.ts';
import { removalSentence, strangersSentence } from './removal-text.ts';

/** The sentences that head a cleaner's report. */
export function cleanSentences(report: CleanReport, size: SizeText): readonly string[] {
  const { items, blindness, stallTimeSec, foreign } = report;
  const kept = items.filter(({ action }) => action === 'keep').length;
  const sentences = [removalSentence(report, 'leftover', size)];
  if (kept > 0)
    sentences.push(
      `Kept ${countOf(kept, 'leftover')}; an image counts as stalled after ${humanDuration(stallTimeSec)}.`,
    );
  if (kept > 0 && blindness !== undefined) sentences.push(`${blindnessText(blindness)}.`);
  return [...sentences, ...strangersSentence(foreign.map(({ area, name }) => `${area}/${name}`))];
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
    },
    items,
    columns,
  };
}
