/**
 * What is said of the figures of one cache, or of those of all nodes.
 */
import type { RowSummary } from '../../use-cases/stats.ts';
import type { Column } from '../column.ts';
import type { Report } from '../report.ts';
import { countOf } from '../sizes.ts';
import { renderTable } from '../table.ts';
import { type StatsItem, type StatsStyle, statsColumns } from './stats-columns.ts';
import { timeField } from './time-field.ts';

/** The figures to be shown. */
export interface StatsReport {
  /** Whether they are those of all nodes, or of this node alone. */
  readonly allNodes: boolean;
  /** All nodes together. */
  readonly total: RowSummary;
  /** How many images there are, each counted once however many nodes hold it. */
  readonly distinctImages: number;
  /** One line for each node. */
  readonly items: readonly StatsItem[];
}

/** What the last line of the table of nodes is called. */
const ALL_NODES = 'All nodes';

/**
 * The figures for the machine formats.
 *
 * @param columns which of them, for each node
 */
export function statsRecord(report: StatsReport, columns: readonly Column<StatsItem>[]): Report<StatsItem> {
  const { allNodes, total, distinctImages, items } = report;
  return {
    head: {
      program: 'glance-cache-manage',
      command: 'stats',
      all_nodes: allNodes,
      total: {
        images: total.images,
        distinct_images: distinctImages,
        size: total.sizeBytes,
        hits: total.hits,
        least_recently_used: timeField(total.leastRecent?.usedSec),
        most_recently_used: timeField(total.mostRecent?.usedSec),
        largest_image: total.largest?.imageId ?? null,
        largest_size: total.largest?.sizeBytes ?? null,
      },
    },
    items,
    columns,
  };
}

/**
 * The figures as a text for people.
 *
 * @param color whether headings may stand out
 */
export function renderStatsText(report: StatsReport, style: StatsStyle, color: boolean): Promise<string> {
  return report.allNodes ? renderNodes(report, style, color) : renderFigures(report.total, style, color);
}

async function renderNodes(report: StatsReport, style: StatsStyle, color: boolean): Promise<string> {
  const { items, total, distinctImages } = report;
  if (items.length === 0) return 'No nodes.\n';
  const columns = statsColumns(style);
  const sum: StatsItem = { ...total, nodeUrl: ALL_NODES, isOwn: undefined };
  const table = await renderTable({
    head: columns.map(({ title }) => title),
    align: columns.map(({ align }) => align),
    rows: [...items, sum].map((item) => columns.map(({ text }) => text(item))),
    color,
  });
  if (total.largest === undefined) return table;
  const { imageId, sizeBytes } = total.largest;
  // Each node's copy of an image counts: of how many images they are tells what the nodes have in common.
  const copies = `${countOf(total.images, 'copy', 'copies')} of ${countOf(distinctImages, 'image')}`;
  const largest = await renderTable({
    head: [],
    rows: [
      ['Held', copies],
      ['Largest image', `${imageId}, ${style.size(sizeBytes)}`],
    ],
    color,
  });
  return `${table}\n${largest}`;
}

async function renderFigures(total: RowSummary, { size, longTime }: StatsStyle, color: boolean): Promise<string> {
  const { images, sizeBytes, hits, leastRecent, mostRecent, largest } = total;
  if (images === 0) return 'No cached images.\n';
  const figures: (readonly [what: string, figure: string])[] = [
    ['Images', String(images)],
    ['Size', size(sizeBytes)],
    ['Hits', String(hits)],
  ];
  if (leastRecent !== undefined) figures.push(['Least recently used', longTime(leastRecent.usedSec)]);
  if (mostRecent !== undefined) figures.push(['Most recently used', longTime(mostRecent.usedSec)]);
  if (largest !== undefined) figures.push(['Largest image', `${largest.imageId}, ${size(largest.sizeBytes)}`]);
  return renderTable({ head: [], rows: figures, color });
}
