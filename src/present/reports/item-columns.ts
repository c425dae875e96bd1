/**
 * How the items of a report are shown: the columns of its table, and the fields of its machine formats.
 */

import { exactSize, type SizeText } from '../../text/amounts.ts';
import type { ReportItem } from '../../use-cases/report.ts';
import type { Column } from '../column.ts';
import { isoTime } from '../iso-time.ts';
import { timeField } from './time-field.ts';

const REASONS: Readonly<Record<NonNullable<ReportItem['reason']>, string>> = {
  'max-size': 'over the maximum size',
  'min-free': 'too little free space',
  'max-age': 'not used for too long',
  requested: 'asked for',
  invalid: 'failed to be cached',
  stalled: 'stalled while being cached',
  'no-journal': 'left by a prefetch that is not known any more',
  'no-part': 'left by a prefetch that was interrupted',
  gone: 'gone meanwhile',
  changed: 'changed meanwhile',
  used: 'used meanwhile',
  present: 'there already',
  pinned: 'is pinned',
  'held-open': 'held open by a process',
  'just-arrived': 'came just now',
  'not-stalled': 'may still be written',
  'in-grace': 'within its grace',
  cached: 'cached already',
  'being-cached': 'being cached already',
  queued: 'queued already',
  'not-ready': 'not ready in Glance',
  deactivated: 'deactivated in Glance',
  'backing-off': 'had the wrong bytes, tried again later',
  'run-limit': 'more than one run may fetch',
  deleted: 'deleted in Glance',
  replaced: 'replaced in Glance',
  outdated: 'Glance was asked too long ago',
  stopped: 'stopped',
  absent: 'not there',
  'no-row': 'not in the index',
  'no-file': 'its file is gone',
  'wrong-size': 'the index has another size',
  'index-corrupt': 'the index is damaged',
  'index-lost': 'the index has no rows, yet there are images',
  'odd-row': 'its row has values that make no sense',
  'wrong-hash': 'its bytes are not those of the image',
  'wrong-length': 'it is not as long as the image',
  unreadable: 'the disk cannot read it',
};

/** The columns of a report's items. */
export function itemColumns(size: SizeText): readonly Column<ReportItem>[] {
  return [...ITEM_HEAD, sizeColumn(size), TIME_COLUMN, ...ERROR_COLUMNS];
}

/** The columns of a report about leftovers, which nobody uses: their time is when they were last written to. */
export function leftoverColumns(size: SizeText): readonly Column<ReportItem>[] {
  const time = { ...TIME_COLUMN, key: 'last_written', title: 'Last Written (UTC)' };
  return [...ITEM_HEAD, sizeColumn(size), time, ...ERROR_COLUMNS];
}

/** What every report says of an item first. */
export const ITEM_HEAD: readonly Column<ReportItem>[] = [
  { key: 'image_id', title: 'ID', align: 'left', text: (item) => item.imageId, value: (item) => item.imageId },
  { key: 'action', title: 'Action', align: 'left', text: (item) => item.action, value: (item) => item.action },
  { key: 'result', title: 'Result', align: 'left', text: (item) => item.result, value: (item) => item.result },
  {
    key: 'reason',
    title: 'Reason',
    align: 'left',
    text: ({ reason, error }) => error?.message ?? (reason === undefined ? '' : REASONS[reason]),
    value: ({ reason }) => reason ?? null,
  },
  {
    key: 'area',
    title: 'Folder',
    align: 'left',
    text: ({ area }) => area ?? '',
    value: ({ area }) => area ?? null,
  },
];

/** The size of an item. */
export function sizeColumn(size: SizeText): Column<ReportItem> {
  return {
    key: 'size',
    title: 'Size',
    align: 'right',
    text: ({ sizeBytes }) => (sizeBytes === undefined ? '' : size(sizeBytes)),
    value: ({ sizeBytes }) => sizeBytes ?? null,
  };
}

const TIME_COLUMN: Column<ReportItem> = {
  key: 'last_used',
  title: 'Last Used (UTC)',
  align: 'left',
  text: ({ lastUsedSec }) => (lastUsedSec === undefined ? '' : isoTime(Math.floor(lastUsedSec))),
  value: ({ lastUsedSec }) => timeField(lastUsedSec),
};

/** An item's error: its code, and for programs its words, which a table shows as the reason. */
export const ERROR_COLUMNS: readonly Column<ReportItem>[] = [
  {
    key: 'error',
    title: 'Error',
    align: 'left',
    text: ({ error }) => error?.code ?? '',
    value: ({ error }) => error?.code ?? null,
  },
  { key: 'message', title: 'Message', align: 'left', text: () => '', value: ({ error }) => error?.message ?? null },
];

/** An item for people, in words: what a log line says of it. */
export function describeItem(item: ReportItem): string {
  const size = item.sizeBytes === undefined ? '' : `, ${exactSize(item.sizeBytes)}`;
  const reason = item.error?.message ?? (item.reason === undefined ? '' : REASONS[item.reason]);
  const where = item.area === undefined ? '' : ` in ${item.area}/`;
  return `${item.action} ${item.imageId}${where}: ${item.result}${reason === '' ? '' : ` (${reason}${size})`}`;
}

/** The names of an item's reason in words. */
export function reasonText(reason: NonNullable<ReportItem['reason']>): string {
  return REASONS[reason];
}
