/**
 * Shows what a check has found.
 */
import { renderReport } from '../../../present/report.ts';
import {
  CHECK_COLUMNS,
  type CheckReport,
  checkRecord,
  renderCheckText,
} from '../../../present/reports/check-report.ts';
import { selectColumns } from '../../../present/select-columns.ts';
import { sortRows } from '../../../present/sort-rows.ts';
import { FORMAT } from '../../common-flags.ts';
import { wantsColor } from '../../output.ts';
import type { Call } from '../../program.ts';
import { COLUMN, SORT_COLUMN } from '../manage-flags.ts';
import { showTable } from '../show-table.ts';

/** Prints a report to standard output. */
export async function showCheck(call: Call, report: CheckReport): Promise<void> {
  const { args, invocation } = call;
  const { stdout, env } = invocation;
  const names = args.values(COLUMN);
  const sortColumn = args.value(SORT_COLUMN);
  const findings = sortColumn === undefined ? report.findings : sortRows(report.findings, CHECK_COLUMNS, sortColumn);
  const sorted = { ...report, findings };
  const format = args.value(FORMAT);
  if (format !== undefined && format !== 'table') {
    await stdout.write(await renderReport(checkRecord(sorted, selectColumns(CHECK_COLUMNS, names)), format));
  } else if (names.length > 0) {
    // Whoever names columns wants these, and no sentence beside them.
    await showTable(call, { rows: report.findings, columns: CHECK_COLUMNS, noun: 'findings' });
  } else {
    const width = stdout.isTerminal ? (stdout.columns ?? 80) : undefined;
    await stdout.write(await renderCheckText(sorted, { color: wantsColor(stdout, env), width }));
  }
}
