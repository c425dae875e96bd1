/**
 * list-pinned: what is pinned, and how much of the cache that takes.
 */
import type { Column } from '../../present/column.ts';
import { isoTime } from '../../present/iso-time.ts';
import { timeField } from '../../present/reports/time-field.ts';
import { OPTIONS } from '../../settings/options.ts';
import { quoteValue } from '../../settings/quote-value.ts';
import { exactSize, humanSize } from '../../text/amounts.ts';
import { listPinned, type PinnedImage, type PinnedList } from '../../use-cases/pins.ts';
import { type OpenRun, withRun } from '../open-run.ts';
import type { Call } from '../program.ts';
import { showList, timed } from './show-list.ts';
import { wantsTable } from './show-table.ts';

function columnsFor(isTerminal: boolean): readonly Column<PinnedImage>[] {
  return [
    { key: 'image_id', title: 'ID', align: 'center', text: (row) => row.imageId, value: (row) => row.imageId },
    {
      key: 'cached',
      title: 'Cached',
      align: 'center',
      text: ({ sizeBytes }) => (sizeBytes === undefined ? 'no' : 'yes'),
      value: ({ sizeBytes }) => sizeBytes !== undefined,
    },
    {
      key: 'size',
      title: 'Size',
      align: 'right',
      text: ({ sizeBytes }) => (sizeBytes === undefined ? '' : isTerminal ? humanSize(sizeBytes) : String(sizeBytes)),
      value: ({ sizeBytes }) => sizeBytes ?? null,
    },
    {
      key: 'last_accessed',
      title: 'Last Accessed (UTC)',
      align: 'center',
      text: ({ row }) => (row === undefined ? '' : row.lastAccessedSec === 0 ? 'N/A' : isoTime(row.lastAccessedSec)),
      value: ({ row }) => (row === undefined ? null : timeField(row.lastAccessedSec)),
    },
    {
      key: 'hits',
      title: 'Hits',
      align: 'right',
      text: ({ row }) => (row === undefined ? '' : String(row.hits)),
      value: ({ row }) => row?.hits ?? null,
    },
    {
      key: 'pinned_at',
      title: 'Pinned At (UTC)',
      align: 'center',
      text: ({ pinnedSec }) => isoTime(pinnedSec),
      value: ({ pinnedSec }) => timeField(pinnedSec),
    },
  ];
}

/** Shows the list. */
export async function listPins(call: Call): Promise<void> {
  const { stdout, stderr } = call.invocation;
  await withRun(call, { openFiles: false }, (run) =>
    timed(call, async () => {
      const list = await listPinned(run.access);
      await showList(call, { rows: list.images, columns: columnsFor(stdout.isTerminal), noun: 'pinned images' });
      if (wantsTable(call) && list.images.length > 0) await stdout.write(`${sumSentence(list, call, run)}\n`);
      for (const name of list.foreign) {
        await stderr.write(`Not a pin, left alone: ${quoteValue(name)} in ${quoteValue(run.access.layout.pinned)}\n`);
      }
    }),
  );
}

function sumSentence({ images, cached }: PinnedList, { invocation }: Call, { settings }: OpenRun): string {
  if (cached.images === 0) return images.length === 1 ? 'It is not cached.' : 'None of them is cached.';
  const size = invocation.stdout.isTerminal ? humanSize : exactSize;
  const maxSizeBytes = settings.get(OPTIONS.imageCacheMaxSize);
  const count = images.length === 1 ? 'It is' : `${cached.images} of them ${cached.images === 1 ? 'is' : 'are'}`;
  const sum = `${count} cached, ${size(cached.bytes)}; image_cache_max_size is ${size(maxSizeBytes)}`;
  return cached.bytes > maxSizeBytes ? `${sum}: no prune can reach that.` : `${sum}.`;
}
