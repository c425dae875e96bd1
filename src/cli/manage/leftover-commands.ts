/**
 * list-incomplete and list-invalid: what the stock tools hide.
 */
import type { Column } from '../../present/column.ts';
import { isoTime } from '../../present/iso-time.ts';
import { blindnessText } from '../../present/reports/blindness-text.ts';
import { timeField } from '../../present/reports/time-field.ts';
import { quoteValue } from '../../settings/quote-value.ts';
import { humanDuration } from '../../text/amounts.ts';
import { explainInvalid, type Leftover, listLeftovers } from '../../use-cases/list.ts';
import { withRun } from '../open-run.ts';
import type { Call, Command } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { showList, timed } from './show-list.ts';

const COLUMNS: readonly Column<Leftover>[] = [
  { key: 'image_id', title: 'ID', align: 'center', text: (row) => row.imageId, value: (row) => row.imageId },
  {
    key: 'last_modified',
    title: 'Last Modified (UTC)',
    align: 'center',
    text: ({ modifiedSec }) => isoTime(modifiedSec),
    value: ({ modifiedSec }) => timeField(modifiedSec),
  },
  {
    key: 'age',
    title: 'Age',
    align: 'right',
    text: ({ ageSec }) => humanDuration(ageSec),
    value: ({ ageSec }) => Math.floor(ageSec),
  },
  { key: 'size', title: 'Size', align: 'right', text: (row) => String(row.sizeBytes), value: (row) => row.sizeBytes },
  {
    key: 'held_open',
    title: 'Held Open',
    align: 'left',
    text: describeHolders,
    value: ({ heldOpen }) => heldOpen ?? null,
  },
];

const EXTRA_COLUMNS: readonly Column<Leftover>[] = [
  {
    key: 'holders',
    title: 'Holders',
    align: 'left',
    text: ({ holders }) => holders.map(({ pid }) => pid).join(','),
    value: ({ holders }) => holders,
  },
];

/** What glance-api, or a verification, says of what is wrong with an image; only some drivers of the index keep that. */
function errorColumn(notes: ReadonlyMap<string, string>): Column<Leftover> {
  return {
    key: 'error',
    title: 'Error',
    align: 'left',
    text: ({ imageId }) => notes.get(imageId) ?? '',
    value: ({ imageId }) => notes.get(imageId) ?? null,
  };
}

function describeHolders({ heldOpen, holders }: Leftover): string {
  if (heldOpen === undefined) return 'unknown';
  if (!heldOpen) return 'no';
  return holders.map(({ pid, command, writes }) => `${command} (${pid}) ${writes ? 'writes' : 'reads'}`).join(', ');
}

async function show(call: Call, area: 'incomplete' | 'invalid'): Promise<void> {
  await withRun(call, { openFiles: true }, ({ access }) =>
    timed(call, async () => {
      const { leftovers, foreign } = listLeftovers(access, area);
      const extraColumns = [...EXTRA_COLUMNS];
      if (area === 'invalid') extraColumns.push(errorColumn(await explainInvalid(access, leftovers)));
      await showList(call, { rows: leftovers, columns: COLUMNS, extraColumns, noun: `${area} images` });
      const { stderr } = call.invocation;
      for (const { name, kind } of foreign) {
        await stderr.write(`Not an image, left alone: ${quoteValue(name)} (${kind}) in ${area}/\n`);
      }
      const blindness = access.openFiles?.blindness;
      if (blindness !== undefined && leftovers.some(({ heldOpen }) => heldOpen === undefined)) {
        await stderr.write(`${blindnessText(blindness)}
`);
      }
    }),
  );
}

/** The two lists of leftovers. */
export const LEFTOVER_COMMANDS: readonly Command[] = [
  {
    name: 'list-incomplete',
    summary: 'List images that are being cached, or stalled while they were',
    flags: [COLUMN, SORT_COLUMN],
    examples: [{ line: 'sudo glance-cache-manage list-incomplete', does: 'With the processes that write them.' }],
    run: (call) => show(call, 'incomplete'),
  },
  {
    name: 'list-invalid',
    summary: 'List images whose caching failed',
    flags: [COLUMN, SORT_COLUMN],
    examples: [{ line: 'glance-cache-manage list-invalid --format json', does: 'The same, for a script.' }],
    run: (call) => show(call, 'invalid'),
  },
];
