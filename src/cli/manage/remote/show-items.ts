/**
 * Logs what became of images on nodes, and shows it where the flags ask for a report.
 */
import { createRedactor } from '../../../log/redact.ts';
import { describeItem } from '../../../present/reports/item-columns.ts';
import { nodeItemColumns } from '../../../present/reports/node-columns.ts';
import { countOf, exactSize } from '../../../text/amounts.ts';
import type { NodeItem } from '../../../use-cases/remote/node-item.ts';
import { DRY_RUN, FORMAT } from '../../common-flags.ts';
import type { Call } from '../../program.ts';
import { showReport } from '../../show-report.ts';
import type { NodeRun } from './open-nodes.ts';

/** Shows items. Errors of servers are in them: what they repeat of a token is masked. */
export async function showItems(call: Call, { log, nodes }: NodeRun, given: readonly NodeItem[]): Promise<void> {
  const { program, args, invocation } = call;
  const redact = createRedactor(invocation.secrets);
  const items = given.map((item) => maskedItem(item, redact));
  for (const item of items) {
    // Failures are told when the run ends.
    if (item.result === 'done') log.info(`${item.host}: ${describeItem(item)}`);
    else log.debug(`${item.host}: ${describeItem(item)}`);
  }
  const dryRun = args.has(DRY_RUN);
  if (!dryRun && !args.has(FORMAT)) return;
  const planned = items.filter(({ result }) => result === 'planned').length;
  await showReport(call, {
    items,
    sentences: () => (dryRun ? [`Would change ${countOf(planned, 'item')} (dry run: nothing was changed).`] : []),
    columns: nodeItemColumns,
    record: () => ({
      head: { program: program.name, dry_run: dryRun, hosts: nodes.map(({ host }) => host) },
      items,
      columns: nodeItemColumns(exactSize),
    }),
  });
}

/** An item without what is secret in its error. */
export function maskedItem<I extends Pick<NodeItem, 'error'>>(item: I, redact: (text: string) => string): I {
  const { error } = item;
  return error === undefined ? item : { ...item, error: { ...error, message: redact(error.message) } };
}
