/**
 * Has other nodes prune or clean their caches. They plan by themselves, so there is nothing to ask about and nothing to
 * show before.
 */
import { createRedactor } from '../../../log/redact.ts';
import { tidyColumns, tidySentence } from '../../../present/reports/node-columns.ts';
import { exactSize } from '../../../text/amounts.ts';
import { failedTidying, type Tidying, tidyNodes } from '../../../use-cases/remote/tidy-nodes.ts';
import type { Call } from '../../program.ts';
import { showReport } from '../../show-report.ts';
import { timed } from '../show-list.ts';
import { lookFirst } from './look-first.ts';
import { type NodeRun, withNodes } from './open-nodes.ts';
import { maskedItem } from './show-items.ts';
import { byNode, finishNodes } from './tell-nodes.ts';

/** Has nodes tidy up. */
export async function tidyRemotely(call: Call, action: Tidying): Promise<void> {
  await withNodes(call, (run) => timed(call, () => tidyOnNodes(call, run, action)));
}

async function tidyOnNodes(call: Call, run: NodeRun, action: Tidying): Promise<void> {
  const { log, nodes, signal } = run;
  const { seen, failures } = await lookFirst(call, run, { deletes: true });
  const result = await tidyNodes(seen, { action, signal });
  const unreached = failures.map(({ host, error }) => failedTidying(host, action, error));
  const redact = createRedactor(call.invocation.secrets);
  const items = byNode(nodes, [...result.items, ...unreached]).map((item) => maskedItem(item, redact));
  for (const item of items) if (item.result === 'done') log.info(tidySentence(item, exactSize));
  if (!signal.aborted) {
    await showReport(call, {
      items: nodes.length > 1 ? items : [],
      sentences: (size) => items.map((item) => tidySentence(item, size)),
      columns: tidyColumns,
      record: () => ({
        head: { program: call.program.name, command: action, hosts: nodes.map(({ host }) => host) },
        items,
        columns: tidyColumns(exactSize),
      }),
    });
  }
  const done = result.items.filter((item) => item.result === 'done').length;
  finishNodes(run, { done, failures: byNode(nodes, [...failures, ...result.failures]), noun: 'node' });
}
