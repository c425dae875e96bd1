/**
 * list-cached and list-queued of other nodes: of one as the stock tool prints it, of several with a column for the node.
 */
import { parseImageId } from '../../../cache/image-id.ts';
import type { IndexRow } from '../../../cache/index/index-db.ts';
import type { RemoteState } from '../../../cache-api/cache-api.ts';
import type { Column } from '../../../present/column.ts';
import { HOST_COLUMN } from '../../../present/reports/node-columns.ts';
import { selectColumns } from '../../../present/select-columns.ts';
import { sortRows } from '../../../present/sort-rows.ts';
import type { NodeAnswer } from '../../../use-cases/remote/ask-nodes.ts';
import {
  type CachedOnNode,
  cachedOn,
  lookAtNodes,
  type QueuedOnNode,
  queuedOn,
} from '../../../use-cases/remote/list-nodes.ts';
import { failuresOf } from '../../../use-cases/remote/node-failure.ts';
import type { Call } from '../../program.ts';
import { COLUMN, SORT_COLUMN } from '../manage-flags.ts';
import { allColumns, type ShownColumns, showList, timed } from '../show-list.ts';
import { withNodes } from './open-nodes.ts';
import { finishNodes, warnOfDoubts } from './tell-nodes.ts';

const QUEUED_COLUMNS: readonly Column<QueuedOnNode>[] = [
  {
    key: 'image_id',
    title: 'ID',
    align: 'center',
    text: ({ name }) => name,
    value: ({ name }) => parseImageId(name) ?? name,
  },
];

/**
 * Lists the cached images.
 *
 * @param columns those of a list of this node's images
 */
export async function listCachedRemotely(call: Call, columns: readonly Column<IndexRow>[]): Promise<void> {
  await listRemotely<CachedOnNode>(call, { columns, noun: 'cached images', rowsIn: cachedOn });
}

/** Lists the queued images. */
export async function listQueuedRemotely(call: Call): Promise<void> {
  await listRemotely(call, { columns: QUEUED_COLUMNS, noun: 'queued images', rowsIn: queuedOn });
}

interface NodeList<R> {
  /** Without that of the node. */
  readonly columns: readonly Column<R>[];
  readonly noun: string;
  readonly rowsIn: (answers: readonly NodeAnswer<RemoteState>[]) => readonly R[];
}

async function listRemotely<R extends { readonly host: string }>(
  call: Call,
  { columns, noun, rowsIn }: NodeList<R>,
): Promise<void> {
  // Whoever mistypes a column is to hear of it before anybody is asked.
  const all = allColumns<R>({ columns: [HOST_COLUMN, ...columns] });
  selectColumns(all, call.args.values(COLUMN));
  const sortColumn = call.args.value(SORT_COLUMN);
  if (sortColumn !== undefined) sortRows([], all, sortColumn);
  await withNodes(call, (run) =>
    timed(call, async () => {
      const { nodes, signal } = run;
      const answers = await lookAtNodes(nodes, signal);
      warnOfDoubts(nodes, run);
      const done = answers.filter(({ kind }) => kind === 'answered').length;
      // A list of nothing would say that there is nothing.
      if (done > 0 && !signal.aborted) {
        const shown: ShownColumns<R> =
          nodes.length > 1 ? { columns: [HOST_COLUMN, ...columns] } : { columns, leadColumns: [HOST_COLUMN] };
        await showList(call, { ...shown, rows: rowsIn(answers), noun });
      }
      finishNodes(run, { done, failures: failuresOf(answers), noun: 'node' });
    }),
  );
}
