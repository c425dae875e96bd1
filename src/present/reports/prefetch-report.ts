/**
 * What the prefetcher says of a run.
 */

import { countOf, exactSize, humanDuration, type SizeText } from '../../text/amounts.ts';
import { printable } from '../../text/printable.ts';
import type { PrefetchItem, PrefetchReport } from '../../use-cases/prefetch/prefetch-report.ts';
import type { Column } from '../column.ts';
import type { Report } from '../report.ts';
import { ERROR_COLUMNS, ITEM_HEAD, reasonText, sizeColumn } from './item-columns.ts';

/** The columns of a prefetcher's report. */
export function prefetchColumns(size: SizeText): readonly Column<PrefetchItem>[] {
  return [
    ...ITEM_HEAD,
    {
      key: 'name',
      title: 'Name',
      align: 'left',
      text: ({ name = '' }) => printable(name),
      value: ({ name }) => name ?? null,
    },
    {
      key: 'source',
      title: 'Source',
      align: 'left',
      text: ({ source = '' }) => source,
      value: ({ source }) => source ?? null,
    },
    sizeColumn(size),
    bytesColumn('fetched', 'Fetched', size, ({ fetchedBytes }) => fetchedBytes),
    bytesColumn('resumed', 'Resumed', size, ({ resumedBytes }) => resumedBytes),
    {
      key: 'elapsed',
      title: 'Seconds',
      align: 'right',
      text: ({ elapsedSec }) => elapsedSec?.toFixed(1) ?? '',
      value: ({ elapsedSec }) => (elapsedSec === undefined ? null : Number(elapsedSec.toFixed(3))),
    },
    ...ERROR_COLUMNS,
  ];
}

function bytesColumn(
  key: string,
  title: string,
  size: SizeText,
  bytesOf: (item: PrefetchItem) => number | undefined,
): Column<PrefetchItem> {
  return {
    key,
    title,
    align: 'right',
    text: (item) => {
      const bytes = bytesOf(item) ?? 0;
      return bytes === 0 ? '' : size(bytes);
    },
    value: (item) => bytesOf(item) ?? null,
  };
}

/** The sentences that head a prefetcher's report. */
export function prefetchSentences(report: PrefetchReport, size: SizeText): readonly string[] {
  const { dryRun, items, fetchedImages, fetchedBytes, elapsedSec } = report;
  const cacheDir = printable(report.cacheDir);
  const stopped = items.filter(({ reason }) => reason === 'stopped').length;
  const left = items.filter(({ result }) => result === 'skipped').length - stopped;
  const failed = items.filter(({ result }) => result === 'failed').length;
  if (items.length === 0) return [`Nothing is queued in ${cacheDir}.`];
  const images = countOf(fetchedImages, 'image');
  const first = dryRun
    ? `Would fetch ${images} into ${cacheDir}, ${size(fetchedBytes)} (dry run: nothing was changed).`
    : `Fetched ${images} into ${cacheDir}, ${size(fetchedBytes)}${rate(fetchedBytes, elapsedSec, size)}.`;
  return [
    first,
    ...(left > 0 ? [`Left ${countOf(left, 'image')} alone.`] : []),
    ...(stopped > 0 ? [`Stopped with ${countOf(stopped, 'image')} still to be fetched.`] : []),
    ...(failed > 0 ? [`Failed for ${countOf(failed, 'image')}.`] : []),
  ];
}

/** Below a second a rate says nothing. */
function rate(bytes: number, elapsedSec: number, size: SizeText): string {
  if (elapsedSec < 1 || bytes === 0) return '';
  return ` in ${humanDuration(elapsedSec)} (${size(Math.round(bytes / elapsedSec))}/s)`;
}

/** A prefetcher's report for the machine formats. */
export function prefetchRecord(report: PrefetchReport): Report<PrefetchItem> {
  const { items } = report;
  const columns = prefetchColumns(exactSize);
  return {
    head: {
      program: 'glance-cache-prefetcher',
      dry_run: report.dryRun,
      cache_dir: report.cacheDir,
      fetched_images: report.fetchedImages,
      fetched_bytes: report.fetchedBytes,
      elapsed: Number(report.elapsedSec.toFixed(3)),
    },
    items,
    columns,
  };
}

/** An image that has ended, for a log: one line. */
export function describeFetch(item: PrefetchItem): string {
  const { imageId, name, action, result, source, fetchedBytes, resumedBytes = 0, elapsedSec } = item;
  const what = `${action} ${imageId}${name === undefined ? '' : ` "${printable(name)}"`}: ${result}`;
  const reason = item.error?.message ?? (item.reason === undefined ? undefined : reasonText(item.reason));
  const facts = [
    reason,
    source === undefined ? undefined : `from ${source}`,
    item.sizeBytes === undefined ? undefined : exactSize(item.sizeBytes),
    fetchedBytes === undefined || fetchedBytes === item.sizeBytes ? undefined : `${exactSize(fetchedBytes)} fetched`,
    resumedBytes === 0 ? undefined : `${exactSize(resumedBytes)} from an earlier run`,
    elapsedSec === undefined ? undefined : `${elapsedSec.toFixed(1)} s`,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? what : `${what} (${facts.join(', ')})`;
}
