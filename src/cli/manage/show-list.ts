/**
 * Shows a list: as the stock tool does, or as the flags ask.
 */
import type { Column } from '../../present/column.ts';
import { renderRecords } from '../../present/records.ts';
import { selectColumns } from '../../present/select-columns.ts';
import { sortRows } from '../../present/sort-rows.ts';
import { OPTIONS } from '../../settings/options.ts';
import { systemClock } from '../../time/system-clock.ts';
import { FORMAT } from '../common-flags.ts';
import type { Call } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';

/** The columns of a list. */
export interface ShownColumns<R> {
  readonly columns: readonly Column<R>[];
  /** Columns that only appear when they are named, or, before the others, in a machine format. */
  readonly leadColumns?: readonly Column<R>[];
  /** Columns that only appear when they are named, or in a machine format. */
  readonly extraColumns?: readonly Column<R>[];
}

/** A list and what the stock tool says around it. */
export interface ShownList<R> extends ShownColumns<R> {
  readonly rows: readonly R[];
  /** What the list is of: "cached images". */
  readonly noun: string;
}

/** Prints a list to standard output. */
export async function showList<R>({ invocation, args }: Call, list: ShownList<R>): Promise<void> {
  const { stdout } = invocation;
  const format = args.value(FORMAT);
  const names = args.values(COLUMN);
  const all = allColumns(list);
  const isTable = format === undefined || format === 'table';
  const columns = names.length === 0 && isTable ? list.columns : selectColumns(all, names);
  const sortColumn = args.value(SORT_COLUMN);
  const rows = sortColumn === undefined ? list.rows : sortRows(list.rows, all, sortColumn);
  if (!isTable) return stdout.write(await renderRecords(rows, columns, format));
  if (rows.length === 0) return stdout.write(`No ${list.noun}.\n`);
  await stdout.write(`Found ${rows.length} ${list.noun}...\n`);
  await stdout.write(await renderRecords(rows, columns, 'table'));
}

/** All columns that a list can show, in the order of the machine formats. */
export function allColumns<R>({ columns, leadColumns = [], extraColumns = [] }: ShownColumns<R>): readonly Column<R>[] {
  return [...leadColumns, ...columns, ...extraColumns];
}

/** Does the work of a command and tells how long it took, where the stock tool does. */
export async function timed(call: Call, work: () => Promise<void>): Promise<void> {
  const startSec = systemClock.monotonicSec();
  await work();
  if (!tellsResult(call)) return;
  await call.invocation.stdout.write(`Completed in ${(systemClock.monotonicSec() - startSec).toFixed(4)} sec.\n`);
}

/** Whether the sentences of the stock tool's `--verbose` are wanted on standard output. */
export function tellsResult({ args }: Call): boolean {
  const format = args.value(FORMAT);
  return args.isSwitchedOn(OPTIONS.verbose) && (format === undefined || format === 'table');
}
