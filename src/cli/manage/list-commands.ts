/**
 * list-cached and list-queued: what the stock tool lists, byte for byte by default.
 */
import type { CacheFile } from '../../cache/directory.ts';
import type { IndexRow } from '../../cache/index/index-db.ts';
import type { Column } from '../../present/column.ts';
import { isoTime } from '../../present/iso-time.ts';
import { timeField } from '../../present/reports/time-field.ts';
import { listCached, listQueued } from '../../use-cases/list.ts';
import { withRun } from '../open-run.ts';
import type { Call, Command } from '../program.ts';
import { ALL_NODES, COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { refuseHost } from './refuse-host.ts';
import { showList, timed } from './show-list.ts';
import { tellUnlisted } from './unlisted-files.ts';

const CACHED_COLUMNS: readonly Column<IndexRow>[] = [
  { key: 'image_id', title: 'ID', align: 'center', text: (row) => row.imageId, value: (row) => row.imageId },
  {
    key: 'last_accessed',
    title: 'Last Accessed (UTC)',
    align: 'center',
    text: ({ lastAccessedSec }) => (lastAccessedSec === 0 ? 'N/A' : isoTime(lastAccessedSec)),
    value: ({ lastAccessedSec }) => timeField(lastAccessedSec),
  },
  {
    key: 'last_modified',
    title: 'Last Modified (UTC)',
    align: 'center',
    text: ({ lastModifiedSec }) => isoTime(lastModifiedSec),
    value: ({ lastModifiedSec }) => timeField(lastModifiedSec),
  },
  { key: 'size', title: 'Size', align: 'right', text: (row) => String(row.sizeBytes), value: (row) => row.sizeBytes },
  { key: 'hits', title: 'Hits', align: 'right', text: (row) => String(row.hits), value: (row) => row.hits },
];

const QUEUED_COLUMNS: readonly Column<CacheFile>[] = [
  // As it was queued: the stock tool takes and shows any spelling of a UUID.
  { key: 'image_id', title: 'ID', align: 'center', text: ({ name }) => name, value: ({ imageId }) => imageId },
];

const QUEUED_EXTRA_COLUMNS: readonly Column<CacheFile>[] = [
  {
    key: 'queued_at',
    title: 'Queued At (UTC)',
    align: 'center',
    text: ({ facts }) => isoTime(facts.modifiedSec),
    value: ({ facts }) => timeField(facts.modifiedSec),
  },
];

async function listThisNode(call: Call): Promise<void> {
  await withRun(call, { openFiles: false }, ({ access }) =>
    timed(call, async () => {
      const { rows, unlistedFiles } = await listCached(access);
      await showList(call, { rows, columns: CACHED_COLUMNS, noun: 'cached images' });
      await tellUnlisted(call, unlistedFiles);
    }),
  );
}

async function listAllNodes(call: Call): Promise<void> {
  const { listCachedEverywhere } = await import('./fleet-views.ts');
  await timed(call, () => listCachedEverywhere(call, CACHED_COLUMNS));
}

/** The two lists of the stock tool. */
export const LIST_COMMANDS: readonly Command[] = [
  {
    name: 'list-cached',
    summary: 'List all images currently cached',
    flags: [ALL_NODES, COLUMN, SORT_COLUMN],
    examples: [
      { line: 'glance-cache-manage list-cached --sort-column size:desc', does: 'The largest image first.' },
      { line: 'glance-cache-manage list-cached --format value -c image_id', does: 'Only the IDs, for a loop.' },
      { line: 'glance-cache-manage list-cached --all-nodes', does: 'What all nodes hold that share a database.' },
    ],
    run: (call) => (call.args.has(ALL_NODES) ? listAllNodes(call) : listThisNode(call)),
    runRemotely: async (call) => {
      if (call.args.has(ALL_NODES)) return refuseHost(call, 'list-cached --all-nodes');
      const { listCachedRemotely } = await import('./remote/list-remotely.ts');
      await listCachedRemotely(call, CACHED_COLUMNS);
    },
  },
  {
    name: 'list-queued',
    summary: 'List all images currently queued for caching',
    flags: [COLUMN, SORT_COLUMN],
    examples: [{ line: 'glance-cache-manage list-queued --format json', does: 'The queue with its times.' }],
    run: (call) =>
      withRun(call, { openFiles: false }, ({ access }) =>
        timed(call, () =>
          showList(call, {
            rows: listQueued(access),
            columns: QUEUED_COLUMNS,
            extraColumns: QUEUED_EXTRA_COLUMNS,
            noun: 'queued images',
          }),
        ),
      ),
    runRemotely: async (call) => (await import('./remote/list-remotely.ts')).listQueuedRemotely(call),
  },
];
