/**
 * Shows the report of a run where somebody looks: of a dry run, on a terminal, with `--verbose`, or in the format asked
 * for. A success is silent otherwise, unless it has news. The log has every item in any case.
 */
import type { Logger } from '../log/logger.ts';
import type { Column } from '../present/column.ts';
import type { Report } from '../present/report.ts';
import { OPTIONS } from '../settings/options.ts';
import { exactSize, humanSize, type SizeText } from '../text/amounts.ts';
import type { ReportItem } from '../use-cases/report.ts';
import { DRY_RUN, FORMAT } from './common-flags.ts';
import type { Call } from './program.ts';

/** A report in its two shapes, each made only when it is shown. */
export interface ShownReport<I> {
  readonly items: readonly I[];
  readonly sentences: (size: SizeText) => readonly string[];
  readonly columns: (size: SizeText) => readonly Column<I>[];
  readonly record: () => Report<I>;
  /** Whether it is shown even where nobody looks. */
  readonly isNews?: boolean;
}

/** Logs what became of each item of a run. */
export async function logItems(items: readonly ReportItem[], log: Logger): Promise<void> {
  if (items.length === 0) return;
  const { describeItem } = await import('../present/reports/item-columns.ts');
  // A single failure is the error that the run ends with: it is told there.
  const tellsFailures = items.filter(({ result }) => result === 'failed').length > 1;
  for (const item of items) {
    if (item.result === 'failed' && tellsFailures) log.error(describeItem(item));
    else if (item.result === 'done') log.info(describeItem(item));
    else log.debug(describeItem(item));
  }
}

/** Shows a report. */
export async function showReport<I>({ invocation, args }: Call, report: ShownReport<I>): Promise<void> {
  const { stdout } = invocation;
  const format = args.value(FORMAT);
  const isAskedFor = format === 'table' || args.has(DRY_RUN) || args.isSwitchedOn(OPTIONS.verbose);
  if (format !== undefined && format !== 'table') {
    const { renderReport } = await import('../present/report.ts');
    await stdout.write(await renderReport(report.record(), format));
  } else if (report.isNews === true || isAskedFor || stdout.isTerminal) {
    const { renderReportText } = await import('../present/reports/report-text.ts');
    // A rounded size is for eyes: what a file or a pipe gets can be worked with.
    const size = stdout.isTerminal ? humanSize : exactSize;
    const { items, sentences, columns } = report;
    await stdout.write(renderReportText({ sentences: sentences(size), items, columns: columns(size) }));
  }
}
