/**
 * What the commands about all nodes show. Everything is read before anything is shown: a connection that is lost
 * meanwhile is opened anew, and nothing is said twice.
 */

import type { ImageId } from '../../cache/image-id.ts';
import type { FleetRow } from '../../cache/index/centralized/fleet.ts';
import type { IndexRow } from '../../cache/index/index-db.ts';
import { NotFoundError, PartialError } from '../../errors/cache-error.ts';
import type { Column } from '../../present/column.ts';
import {
  COPY_EXTRA_COLUMN,
  COPY_ID_COLUMN,
  copyColumns,
  NODE_COLUMN,
  nodeColumns,
} from '../../present/reports/fleet-columns.ts';
import { quoteValue } from '../../settings/quote-value.ts';
import { countOf, exactSize, humanSize, type SizeText } from '../../text/amounts.ts';
import { findHolders, type HeldImage } from '../../use-cases/fleet/find-holders.ts';
import { summarizeFleet } from '../../use-cases/fleet/fleet-stats.ts';
import { isOwnNode, isOwnNodeUnknown } from '../../use-cases/fleet/own-node.ts';
import { FORMAT } from '../common-flags.ts';
import { withFleet } from '../open-fleet-run.ts';
import type { Call } from '../program.ts';
import { showList } from './show-list.ts';
import { showStats } from './show-stats.ts';
import { showTable, wantsTable } from './show-table.ts';

/** A rounded size is for eyes: what a file or a pipe gets can be worked with. */
function sizeTextOf({ invocation }: Call): SizeText {
  return invocation.stdout.isTerminal ? humanSize : exactSize;
}

/** Lists the nodes. */
export async function listNodes(call: Call): Promise<void> {
  await withFleet(
    call,
    (fleet) => fleet.nodes(),
    async (rows, { ownUrl }) => {
      const { stdout, stderr } = call.invocation;
      if (rows.length === 0 && wantsTable(call)) await stdout.write('No nodes.\n');
      else await showTable(call, { rows, columns: nodeColumns(ownUrl, sizeTextOf(call)), noun: 'nodes' });
      if (ownUrl === undefined || !isOwnNodeUnknown(rows, ownUrl)) return;
      // glance-api enters its URL when it starts; until it has, another spelling is the likely reason.
      await stderr.write(
        `This node is not among them: no glance-api has started with worker_self_reference_url ${quoteValue(ownUrl)}\n`,
      );
    },
  );
}

/**
 * Lists the cached images of all nodes.
 *
 * @param columns those of a list of this node's images
 */
export async function listCachedEverywhere(call: Call, columns: readonly Column<IndexRow>[]): Promise<void> {
  await withFleet(
    call,
    (fleet) => fleet.rows(),
    (rows) => showList<FleetRow>(call, { rows, columns: [NODE_COLUMN, ...columns], noun: 'cached images' }),
  );
}

/** Shows the figures of all nodes. */
export async function showFleetStats(call: Call): Promise<void> {
  await withFleet(
    call,
    async (fleet) => summarizeFleet(await fleet.nodes(), await fleet.rows()),
    ({ nodes, total, distinctImages }, { ownUrl }) =>
      showStats(call, {
        allNodes: true,
        total,
        distinctImages,
        items: nodes.map((node) => ({ ...node, isOwn: isOwnNode(node.nodeUrl, ownUrl) })),
      }),
  );
}

/**
 * Tells which nodes hold images.
 *
 * @throws NotFoundError NOT_FOUND_CACHED where no node holds any of them, PartialError where none holds some of them:
 *   "is it anywhere" is asked by scripts, which are to tell the three answers apart
 */
export async function tellWhere(call: Call, imageIds: readonly ImageId[]): Promise<void> {
  await withFleet(
    call,
    (fleet) => findHolders(fleet, imageIds, call.invocation.signal),
    async (images) => {
      await showHolders(call, images);
      const missing = images.filter(({ copies }) => copies.length === 0).map(({ imageId }) => imageId);
      await tellMissing(call, missing);
      if (missing.length > 0) throw notHeld(missing, images.length);
    },
  );
}

async function showHolders(call: Call, images: readonly HeldImage[]): Promise<void> {
  const columns = copyColumns(sizeTextOf(call));
  if (!wantsTable(call)) {
    const rows = images.flatMap(({ copies }) => copies);
    await showList(call, { rows, columns: [COPY_ID_COLUMN, ...columns, COPY_EXTRA_COLUMN], noun: 'copies' });
    return;
  }
  // A table for each image: with its ID in a column of its own the table would not fit a terminal.
  for (const [at, { imageId, copies }] of images.filter(({ copies }) => copies.length > 0).entries()) {
    const gap = at === 0 ? '' : '\n';
    await call.invocation.stdout.write(`${gap}Image ${imageId} is held by ${countOf(copies.length, 'node')}:\n`);
    await showTable(call, { rows: copies, columns, extraColumns: [COPY_ID_COLUMN, COPY_EXTRA_COLUMN], noun: 'copies' });
  }
}

/** A single one is named by the error, and all of them are in the details of one in JSON. */
async function tellMissing({ args, invocation }: Call, missing: readonly ImageId[]): Promise<void> {
  if (missing.length === 1 || args.value(FORMAT) === 'json') return;
  for (const imageId of missing) await invocation.stderr.write(`Image ${imageId} is held by no node\n`);
}

function notHeld(missing: readonly ImageId[], asked: number): NotFoundError | PartialError {
  const [imageId = ''] = missing;
  const extras = {
    hint: `Run "glance-cache-manage queue-image ${imageId}" on the node that is to hold it`,
    details: { missing, asked },
  };
  if (missing.length < asked) {
    const which =
      missing.length === 1 ? `${imageId} is held by no node` : `${missing.length} of ${asked} are held by no node`;
    return new PartialError(`Cannot find every image: ${which}`, extras);
  }
  if (asked === 1) {
    return new NotFoundError('NOT_FOUND_CACHED', `Cannot find image ${imageId}: it is held by no node`, extras);
  }
  return new NotFoundError('NOT_FOUND_CACHED', `Cannot find any of ${asked} images: they are held by no node`, extras);
}
