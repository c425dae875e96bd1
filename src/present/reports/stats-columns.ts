/**
 * How the figures of a cache are shown, a line for each node: the columns of a table, and the fields of the machine
 * formats.
 */
import type { RowSummary } from '../../use-cases/stats.ts';
import type { Column } from '../column.ts';
import { isoTime, NO_TIME } from '../iso-time.ts';
import { exactSize, humanDuration, humanSize, type SizeText } from '../sizes.ts';
import { timeField } from './time-field.ts';

/** The figures of one node. */
export interface StatsItem extends RowSummary {
  /** Its `worker_self_reference_url`; undefined for this node where it has none. */
  readonly nodeUrl: string | undefined;
  /** Whether it is the node that is asked; undefined where that cannot be told. */
  readonly isOwn: boolean | undefined;
}

/** How amounts and times are written. */
export interface StatsStyle {
  readonly size: SizeText;
  /** A time, as short as a table wants it. */
  readonly time: (epochSec: number) => string;
  /** The same where there is room. */
  readonly longTime: (epochSec: number) => string;
}

/** For whoever reads along: exact sizes, and times to the second, in UTC. */
export const EXACT_STYLE: StatsStyle = { size: exactSize, time: secondText, longTime: secondText };

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
    {
      key: 'largest_image',
      title: 'Largest Image',
      align: 'left',
      text: ({ largest }) => largest?.imageId ?? '',
      value: ({ largest }) => largest?.imageId ?? null,
    },
    {
      key: 'largest_size',
      title: 'Largest Size',
      align: 'right',
      text: ({ largest }) => (largest === undefined ? '' : size(largest.sizeBytes)),
      value: ({ largest }) => largest?.sizeBytes ?? null,
    },
    {
      key: 'this_node',
      title: 'Here',
      align: 'left',
      text: ({ isOwn }) => (isOwn === true ? 'yes' : ''),
      value: ({ isOwn }) => isOwn ?? null,
    },
  ];
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
