/**
 * Shows the report of a run where somebody looks: of a dry run, on a terminal, with `--verbose`, or in the format asked
 * for. A success is silent otherwise. The log has every item in any case.
 */
import type { Logger } from '../log/logger.ts';
import type { Report } from '../present/report.ts';
import { OPTIONS } from '../settings/options.ts';
import type { ReportItem } from '../use-cases/report.ts';
import { DRY_RUN, FORMAT } from './common-flags.ts';
import type { Call } from './program.ts';

/** A report in its two shapes. */
export interface ShownReport {
  readonly sentences: readonly string[];
  readonly record: Report<ReportItem>;
}

/** Shows a report and logs its items. */
export async function showReport(
  { invocation, args }: Call,
  { sentences, record }: ShownReport,
  log: Logger,
): Promise<void> {
  const { describeItem } = await import('../present/reports/item-columns.ts');
  for (const item of record.items) {
    if (item.result === 'failed') log.error(describeItem(item));
    else if (item.result === 'done') log.info(describeItem(item));
    else log.debug(describeItem(item));
  }
  const { stdout } = invocation;
  const format = args.value(FORMAT);
  if (format !== undefined && format !== 'table') {
    const { renderReport } = await import('../present/report.ts');
    await stdout.write(await renderReport(record, format));
  } else if (format === 'table' || args.has(DRY_RUN) || stdout.isTerminal || args.isSwitchedOn(OPTIONS.verbose)) {
    const { renderReportText } = await import('../present/reports/report-text.ts');
    await stdout.write(renderReportText(sentences, record.items));
  }
}
