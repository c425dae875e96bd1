/**
 * Shows the figures of a cache, or of those of all nodes.
 */
import { renderReport } from '../../present/report.ts';
import { EXACT_STYLE, humanStyle, statsColumns, statsExtraColumns } from '../../present/reports/stats-columns.ts';
import { renderStatsText, type StatsReport, statsRecord } from '../../present/reports/stats-report.ts';
import { selectColumns } from '../../present/select-columns.ts';
import { sortRows } from '../../present/sort-rows.ts';
import { systemClock } from '../../time/system-clock.ts';
import { FORMAT } from '../common-flags.ts';
import { wantsColor } from '../output.ts';
import type { Call } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { showTable } from './show-table.ts';

/** Prints figures to standard output. */
export async function showStats(call: Call, report: StatsReport): Promise<void> {
  const { args, invocation } = call;
  const { stdout, env } = invocation;
  const style = stdout.isTerminal ? humanStyle(systemClock.nowSec()) : EXACT_STYLE;
  const [columns, extraColumns] = [statsColumns(style), statsExtraColumns(style)];
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
    await stdout.write(await renderStatsText(sorted, style, wantsColor(stdout, env)));
  }
}
