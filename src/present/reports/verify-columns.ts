/**
 * How the findings of a verification are shown: the columns of their table, and the fields of the machine formats.
 */

import { exactSize, type SizeText } from '../../text/amounts.ts';
import type { ItemAction } from '../../use-cases/report.ts';
import type { VerifyItem } from '../../use-cases/verify/verify-report.ts';
import type { Column } from '../column.ts';
import { ERROR_COLUMNS, reasonText, sizeColumn } from './item-columns.ts';

const REPAIRS: Readonly<Partial<Record<ItemAction, string>>> = {
  remove: 'remove',
  retire: 'move to invalid/',
  adopt: 'enter into index',
  'drop-row': 'drop row',
  'correct-size': 'correct row',
  'renew-row': 'renew row',
  'rebuild-index': 'rebuild',
  unqueue: 'take from queue',
};

/** What stands in a table where the index as a whole is meant. */
const INDEX = 'the index';

/** The columns of the findings. */
export function verifyColumns(size: SizeText): readonly Column<VerifyItem>[] {
  return [
    {
      key: 'image_id',
      title: 'ID',
      align: 'left',
      text: ({ imageId }) => (imageId === '' ? INDEX : imageId),
      value: ({ imageId }) => (imageId === '' ? null : imageId),
    },
    { key: 'severity', title: 'Severity', align: 'left', text: ({ severity }) => severity, value: (it) => it.severity },
    {
      key: 'reason',
      title: 'What',
      align: 'left',
      text: (item) => item.error?.message ?? findingText(item),
      value: ({ reason }) => reason ?? null,
    },
    {
      key: 'action',
      title: 'Repair',
      align: 'left',
      text: ({ action }) => REPAIRS[action] ?? action,
      value: ({ action }) => action,
    },
    { key: 'result', title: 'Result', align: 'left', text: ({ result }) => result, value: ({ result }) => result },
    // Where a finding is in a folder, "What" tells.
    { key: 'area', title: 'Folder', align: 'left', text: () => '', value: ({ area }) => area ?? null },
    sizeColumn(size),
    factColumn('expected', 'Expected', size, ({ expected }) => expected),
    factColumn('found', 'Found', size, ({ found }) => found),
    ...ERROR_COLUMNS,
  ];
}

function factColumn(
  key: string,
  title: string,
  size: SizeText,
  factOf: (item: VerifyItem) => string | undefined,
): Column<VerifyItem> {
  return {
    key,
    title,
    align: 'left',
    text: (item) => shortFact(factOf(item) ?? '', size),
    value: (item) => factOf(item) ?? null,
  };
}

/** A size, the beginning of a hash, or a text as it is. */
function shortFact(fact: string, size: SizeText): string {
  if (/^\d+$/.test(fact)) return size(Number(fact));
  const [, hash, rest] = /^([a-z0-9_-]+:[0-9a-f]{12})([0-9a-f]+)$/.exec(fact) ?? [];
  return hash === undefined || rest === undefined ? fact : `${hash}...`;
}

function findingText({ reason }: VerifyItem): string {
  if (reason === undefined) return '';
  // Elsewhere that is a reason not to queue it.
  return reason === 'queued' ? 'in the queue, though it is cached' : reasonText(reason);
}

/** A finding for a log: one line. */
export function describeFinding(item: VerifyItem): string {
  const { imageId, severity, action, result, sizeBytes, expected, found, error } = item;
  const facts = [
    error?.message ?? findingText(item),
    sizeBytes === undefined ? undefined : exactSize(sizeBytes),
    expected === undefined ? undefined : `expected ${expected}`,
    found === undefined ? undefined : `found ${found}`,
  ].filter((fact) => fact !== undefined);
  return `${severity}: ${action} ${imageId === '' ? INDEX : imageId}: ${result} (${facts.join(', ')})`;
}
