/**
 * Empties the caches of nodes, or their queues.
 */
import { isImageId, parseImageId } from '../../cache/image-id.ts';
import { askNodes } from './ask-nodes.ts';
import type { NodeFailure } from './node-failure.ts';
import { failedItem, idleItem, type NodeChange, type NodeItem, plannedItem, type SeenNode } from './node-item.ts';

/** What to empty. */
export interface EmptyRequest {
  readonly work: 'delete-cached' | 'delete-queued';
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** What became of it. */
export interface EmptyResult extends NodeChange {
  /** How many images each node has removed, by its own count; the nodes that have done it, in their order. */
  readonly emptied: readonly { readonly host: string; readonly images: number }[];
}

/**
 * Empties nodes. Never throws.
 *
 * @returns an item for each image that the nodes had told of; one for the node where it has failed
 */
export async function emptyNodes(
  seen: readonly SeenNode[],
  { work, dryRun, signal }: EmptyRequest,
): Promise<EmptyResult> {
  const planned = seen.map((one) => imagesOf(one, work));
  if (dryRun) return { items: planned.flat(), failures: [], emptied: [] };
  const nodes = seen.map(({ node }) => node);
  const answers = await askNodes(nodes, signal, (node) =>
    work === 'delete-cached' ? node.deleteAllCached(signal) : node.deleteAllQueued(signal),
  );
  const items: NodeItem[] = [];
  const failures: NodeFailure[] = [];
  const emptied: { host: string; images: number }[] = [];
  for (const [place, answer] of answers.entries()) {
    const { host } = answer.node;
    const own = planned[place] ?? [];
    if (answer.kind === 'answered') {
      items.push(...own.map((item): NodeItem => ({ ...item, result: 'done' })));
      emptied.push({ host, images: answer.value });
    } else if (answer.kind === 'failed') {
      items.push(failedItem(host, work, answer.error));
      failures.push({ host, error: answer.error });
    } else items.push(...own.map((item) => idleItem(item, 'stopped')));
  }
  return { items, failures, emptied };
}

function imagesOf({ node, state }: SeenNode, work: EmptyRequest['work']): readonly NodeItem[] {
  const { host } = node;
  if (work === 'delete-cached') {
    return state.cached.flatMap((row) => {
      const { imageId } = row;
      return isImageId(imageId) ? plannedItem(host, work, { imageId, row }) : [];
    });
  }
  const imageIds = new Set(state.queued.flatMap((name) => parseImageId(name) ?? []));
  return Array.from(imageIds, (imageId) => plannedItem(host, work, { imageId, row: undefined }));
}
