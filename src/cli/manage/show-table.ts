/**
 * Shows few rows: as a small table, or in the format asked for.
 */
import { selectColumns } from '../../present/select-columns.ts';
import { sortRows } from '../../present/sort-rows.ts';
import { FORMAT } from '../common-flags.ts';
import { wantsColor } from '../output.ts';
import type { Call } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { type ShownList, showList } from './show-list.ts';

/** Whether a table is wanted, and no machine format. */
export function wantsTable({ args }: Call): boolean {
  const format = args.value(FORMAT);
  return format === undefined || format === 'table';
}

/** Prints rows to standard output. Nothing is said where there are none: that is the caller's to say. */
export async function showTable<R>(call: Call, list: ShownList<R>): Promise<void> {
  if (!wantsTable(call)) return showList(call, list);
  const { stdout, env } = call.invocation;
  const names = call.args.values(COLUMN);
  const all = [...list.columns, ...(list.extraColumns ?? [])];
  const columns = names.length === 0 ? list.columns : selectColumns(all, names);
  const sortColumn = call.args.value(SORT_COLUMN);
  const rows = sortColumn === undefined ? list.rows : sortRows(list.rows, all, sortColumn);
  const { renderTable } = await import('../../present/table.ts');
  await stdout.write(
    await renderTable({
      head: columns.map(({ title }) => title),
      align: columns.map(({ align }) => align),
      rows: rows.map((row) => columns.map(({ text }) => text(row))),
      color: wantsColor(stdout, env),
    }),
  );
}
