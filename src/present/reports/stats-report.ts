/**
 * What is said of the figures of one cache, or of those of all nodes.
 */

import { countOf } from '../../text/amounts.ts';
import type { CacheStats } from '../../use-cases/stats/cache-stats.ts';
import type { RowSummary } from '../../use-cases/stats/row-summary.ts';
import { drawBar } from '../bar.ts';
import type { Column } from '../column.ts';
import { renderTable } from '../table.ts';
import { padToWidth, textWidth } from '../text-width.ts';
import type { Canvas } from './stats-canvas.ts';
import { type StatsItem, statsColumns } from './stats-columns.ts';
import { renderStatsPicture } from './stats-picture.ts';

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
  /** What only the node itself can tell; undefined for the figures of all nodes. */
  readonly here?: CacheStats;
}

/** What the last line of the table of nodes is called. */
const ALL_NODES = 'All nodes';

/** Between the table of nodes and the bars beside it. */
const GAP = '  ';

const MOST_BAR = 40;
const LEAST_BAR = 8;

/** Columns that a table of nodes always has. */
const LEAST_TABLE = 3;

/**
 * The figures as a text for people.
 *
 * @param color whether headings of tables may stand out
 */
export async function renderStatsText(report: StatsReport, canvas: Canvas, color: boolean): Promise<string> {
  return report.here === undefined ? renderNodes(report, canvas, color) : renderStatsPicture(report.here, canvas);
}

async function renderNodes(report: StatsReport, canvas: Canvas, color: boolean): Promise<string> {
  const { items, total, distinctImages } = report;
  if (items.length === 0) return 'No nodes.\n';
  const { style } = canvas;
  const { columns, width, plain } = await fitTable(report, canvas);
  const text = color ? await renderColumns(report, columns, true) : plain;
  const table = withBars({ text, width }, items, canvas);
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

/** The table in as many columns as there is room for, from the left: the first three say most. */
async function fitTable(report: StatsReport, canvas: Canvas) {
  let columns = statsColumns(canvas.style);
  for (;;) {
    const plain = await renderColumns(report, columns, false);
    const width = Math.max(...plain.split('\n').map(textWidth));
    if (width <= canvas.columns || !canvas.isScreen || columns.length <= LEAST_TABLE) return { columns, width, plain };
    columns = columns.slice(0, -1);
  }
}

function renderColumns(
  { items, total }: StatsReport,
  columns: readonly Column<StatsItem>[],
  color: boolean,
): Promise<string> {
  const sum: StatsItem = { ...total, nodeUrl: ALL_NODES, isOwn: undefined };
  return renderTable({
    head: columns.map(({ title }) => title),
    align: columns.map(({ align }) => align),
    rows: [...items, sum].map((item) => columns.map(({ text }) => text(item))),
    color,
  });
}

/** Beside each node a bar as long as its cache is large, if there is room. */
function withBars(
  { text, width }: { readonly text: string; readonly width: number },
  items: readonly StatsItem[],
  { columns, look }: Canvas,
): string {
  const barColumns = Math.min(MOST_BAR, columns - width - GAP.length);
  const most = Math.max(...items.map(({ sizeBytes }) => sizeBytes));
  if (barColumns < LEAST_BAR || most === 0) return text;
  const lines = text.trimEnd().split('\n');
  const barred = lines.map((line, at) => {
    const item = items[at - 1];
    if (item === undefined) return line;
    const { good } = look.paint;
    const part = { share: item.sizeBytes / most, of: 'own', paint: good, isAlwaysSeen: true } as const;
    return `${padToWidth(line, width)}${GAP}${drawBar([part], barColumns, look)}`;
  });
  return `${barred.join('\n')}\n`;
}
