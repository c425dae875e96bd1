/**
 * Shows the figures of a cache, or of those of all nodes.
 */
import { barGlyphs } from '../../present/bar-glyphs.ts';
import { loadPaint } from '../../present/paint.ts';
import { renderReport } from '../../present/report.ts';
import type { Canvas } from '../../present/reports/stats-canvas.ts';
import {
  EXACT_STYLE,
  humanStyle,
  type StatsStyle,
  statsColumns,
  statsExtraColumns,
  statsHereColumns,
} from '../../present/reports/stats-columns.ts';
import { statsRecord } from '../../present/reports/stats-record.ts';
import { renderStatsText, type StatsReport } from '../../present/reports/stats-report.ts';
import { selectColumns } from '../../present/select-columns.ts';
import { sortRows } from '../../present/sort-rows.ts';
import { systemClock } from '../../time/system-clock.ts';
import { FORMAT } from '../common-flags.ts';
import type { Invocation } from '../invocation.ts';
import { wantsColor } from '../output.ts';
import type { Call } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { showTable } from './show-table.ts';

/** What a file gets, and a terminal that does not tell. */
const USUAL_COLUMNS = 80;

/** A narrower picture would be cut off, a wider one is hard to read. */
const [LEAST_COLUMNS, MOST_COLUMNS] = [40, 200];

/** Prints figures to standard output. */
export async function showStats(call: Call, report: StatsReport): Promise<void> {
  const { args, invocation } = call;
  const { stdout, env } = invocation;
  const style = stdout.isTerminal ? humanStyle(systemClock.nowSec()) : EXACT_STYLE;
  const columns = statsColumns(style);
  const extraColumns = [...statsExtraColumns(style), ...(report.here === undefined ? [] : statsHereColumns(style))];
  const all = [...columns, ...extraColumns];
  const names = args.values(COLUMN);
  const sortColumn = args.value(SORT_COLUMN);
  const sorted = sortColumn === undefined ? report : { ...report, items: sortRows(report.items, all, sortColumn) };
  const format = args.value(FORMAT);
  if (format !== undefined && format !== 'table') {
    await stdout.write(await renderReport(statsRecord(sorted, selectColumns(all, names)), format));
  } else if (names.length > 0) {
    // Whoever names columns wants these, and no sentence beside them.
    await showTable(call, { rows: report.items, columns, extraColumns, noun: 'nodes' });
  } else {
    await stdout.write(await renderStatsText(sorted, await canvasOf(invocation, style), wantsColor(stdout, env)));
  }
}

async function canvasOf({ stdout, env }: Invocation, style: StatsStyle): Promise<Canvas> {
  const glyphs = barGlyphs(stdout.isTerminal ? env : {});
  const look = { glyphs, paint: await loadPaint(wantsColor(stdout, env)) };
  const columns = Math.min(MOST_COLUMNS, Math.max(LEAST_COLUMNS, stdout.columns ?? USUAL_COLUMNS));
  // A character in the last column makes some terminals begin a new line.
  return { columns: columns - 1, look, style, isScreen: stdout.isTerminal };
}
