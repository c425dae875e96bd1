/**
 * How the figures of a cache are shown, a line for each node: the columns of a table, and the fields of the machine
 * formats.
 */

import { exactSize, humanDuration, humanSize, type SizeText } from '../../text/amounts.ts';
import type { CacheStats } from '../../use-cases/stats/cache-stats.ts';
import type { RowSummary } from '../../use-cases/stats/row-summary.ts';
import type { Column } from '../column.ts';
import { isoTime, NO_TIME } from '../iso-time.ts';
import { timeField } from './time-field.ts';

/** The figures of one node. */
export interface StatsItem extends RowSummary {
  /** Its `worker_self_reference_url`; undefined for this node where it has none. */
  readonly nodeUrl: string | undefined;
  /** Whether it is the node that is asked; undefined where that cannot be told. */
  readonly isOwn: boolean | undefined;
  /** What only the node itself knows; undefined where the figures are those of a database. */
  readonly here?: CacheStats;
}

/** How amounts and times are written. */
export interface StatsStyle {
  readonly size: SizeText;
  /** A time, as short as a table wants it. */
  readonly time: (epochSec: number) => string;
  /** The same where there is room. */
  readonly longTime: (epochSec: number) => string;
  /** A time to come, and in how many seconds that is. */
  readonly future: (epochSec: number, inSec: number) => string;
  /** How long something takes, seconds. */
  readonly span: (sec: number) => string;
}

/** For whoever reads along: exact sizes, and times to the second, in UTC. */
export const EXACT_STYLE: StatsStyle = {
  size: exactSize,
  time: secondText,
  longTime: secondText,
  future: (epochSec) => secondText(epochSec),
  span: (sec) => `${sec} s`,
};

/**
 * For eyes: rounded sizes, and how long ago something was.
 *
 * @param nowSec epoch seconds
 */
export function humanStyle(nowSec: number): StatsStyle {
  const ago = (epochSec: number): string => `${humanDuration(nowSec - epochSec)} ago`;
  return {
    size: humanSize,
    time: ago,
    longTime: (epochSec) => `${ago(epochSec)} (${secondText(epochSec)})`,
    future: (epochSec, inSec) => `in ${humanDuration(inSec)} (${secondText(epochSec).slice(0, 10)})`,
    span: humanDuration,
  };
}

function secondText(epochSec: number): string {
  const text = isoTime(Math.floor(epochSec));
  return text === NO_TIME ? text : `${text}Z`;
}

/** The columns of a table of nodes. */
export function statsColumns({ size, time }: StatsStyle): readonly Column<StatsItem>[] {
  return [
    {
      key: 'node',
      title: 'Node',
      align: 'left',
      text: ({ nodeUrl }) => nodeUrl ?? '',
      value: ({ nodeUrl }) => nodeUrl ?? null,
    },
    { key: 'images', title: 'Images', align: 'right', text: (it) => String(it.images), value: (it) => it.images },
    { key: 'size', title: 'Size', align: 'right', text: (it) => size(it.sizeBytes), value: (it) => it.sizeBytes },
    { key: 'hits', title: 'Hits', align: 'right', text: (it) => String(it.hits), value: (it) => it.hits },
    timeColumn('least_recently_used', 'Oldest Use', time, ({ leastRecent }) => leastRecent?.usedSec),
    timeColumn('most_recently_used', 'Latest Use', time, ({ mostRecent }) => mostRecent?.usedSec),
  ];
}

/** What a table shows when asked for it, and the machine formats always. */
export function statsExtraColumns({ size }: Pick<StatsStyle, 'size'>): readonly Column<StatsItem>[] {
  return [
    imageColumn('largest_image', 'Largest Image', ({ largest }) => largest?.imageId),
    sizeColumn('largest_size', 'Largest Size', size, ({ largest }) => largest?.sizeBytes),
    {
      key: 'this_node',
      title: 'Here',
      align: 'left',
      text: ({ isOwn }) => (isOwn === true ? 'yes' : ''),
      value: ({ isOwn }) => isOwn ?? null,
    },
    imageColumn('most_used_image', 'Most Used', ({ mostUsed }) => mostUsed?.imageId),
    numberColumn('most_used_hits', 'Most Hits', ({ mostUsed }) => mostUsed?.hits),
    imageColumn('least_used_image', 'Least Used', ({ leastUsed }) => leastUsed?.imageId),
    numberColumn('least_used_hits', 'Fewest Hits', ({ leastUsed }) => leastUsed?.hits),
  ];
}

/** What only the node itself can tell, shown as {@link statsExtraColumns} are. */
export function statsHereColumns({ size, span }: Pick<StatsStyle, 'size' | 'span'>): readonly Column<StatsItem>[] {
  const bytes = (key: string, title: string, of: (here: CacheStats) => number) =>
    sizeColumn(key, title, size, ({ here }) => (here === undefined ? undefined : of(here)));
  const count = (key: string, title: string, of: (here: CacheStats) => number) =>
    numberColumn(key, title, ({ here }) => (here === undefined ? undefined : of(here)));
  return [
    bytes('max_size', 'Maximum', ({ nextPrune }) => nextPrune.limits.maxSizeBytes),
    bytes('file_system_size', 'File System', ({ space }) => space.totalBytes),
    bytes('file_system_available', 'Available', ({ space }) => space.availableBytes),
    count('incomplete_files', 'Incomplete', ({ leftovers }) => leftovers.incomplete.files),
    bytes('incomplete_size', 'Incomplete Size', ({ leftovers }) => leftovers.incomplete.sizeBytes),
    count('invalid_files', 'Invalid', ({ leftovers }) => leftovers.invalid.files),
    bytes('invalid_size', 'Invalid Size', ({ leftovers }) => leftovers.invalid.sizeBytes),
    bytes('reclaimable_size', 'Reclaimable', (here) => here.reclaimable.sizeBytes),
    count('queued_images', 'Queued', ({ queue }) => queue.images),
    count('pinned_images', 'Pinned', ({ pinned }) => pinned.images),
    bytes('pinned_size', 'Pinned Size', ({ pinned }) => pinned.bytes),
    count('prune_images', 'To Prune', ({ nextPrune }) => nextPrune.removed.images),
    bytes('prune_size', 'To Prune Size', ({ nextPrune }) => nextPrune.removed.bytes),
    bytes('bytes_per_day', 'Per Day', (here) => here.forecast.bytesPerDay),
    {
      ...numberColumn('full_in', 'Full In', fullInSec),
      text: (item) => {
        const sec = fullInSec(item);
        return sec === undefined ? '' : span(sec);
      },
    },
  ];
}

/** In how many whole seconds a cache is full; beyond those that a program can count nothing is to be expected. */
function fullInSec({ here }: StatsItem): number | undefined {
  const sec = here?.forecast.fullInSec;
  return sec === undefined || sec > Number.MAX_SAFE_INTEGER ? undefined : Math.floor(sec);
}

function imageColumn(key: string, title: string, idOf: (item: StatsItem) => string | undefined): Column<StatsItem> {
  return { key, title, align: 'left', text: (it) => idOf(it) ?? '', value: (it) => idOf(it) ?? null };
}

function numberColumn(key: string, title: string, of: (item: StatsItem) => number | undefined): Column<StatsItem> {
  return { key, title, align: 'right', text: (it) => String(of(it) ?? ''), value: (it) => of(it) ?? null };
}

function sizeColumn(
  key: string,
  title: string,
  size: SizeText,
  of: (item: StatsItem) => number | undefined,
): Column<StatsItem> {
  const text = (item: StatsItem): string => {
    const sizeBytes = of(item);
    return sizeBytes === undefined ? '' : size(sizeBytes);
  };
  return { key, title, align: 'right', text, value: (it) => of(it) ?? null };
}

function timeColumn(
  key: string,
  title: string,
  time: StatsStyle['time'],
  timeOf: (item: StatsItem) => number | undefined,
): Column<StatsItem> {
  return {
    key,
    title,
    align: 'left',
    text: (item) => {
      const epochSec = timeOf(item);
      return epochSec === undefined ? NO_TIME : time(epochSec);
    },
    value: (item) => timeField(timeOf(item)),
  };
}
