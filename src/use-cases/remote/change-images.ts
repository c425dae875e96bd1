/**
 * Changes images on nodes, one by one: several nodes at a time, on each of them one image after the other, as they were
 * named. That is their order in the queue.
 */
import type { ImageId } from '../../cache/image-id.ts';
import type { CacheApi } from '../../cache-api/cache-api.ts';
import { Outage } from '../outage.ts';
import { askNodes, isStop } from './ask-nodes.ts';
import type { NodeFailure } from './node-failure.ts';
import {
  failedItem,
  Holdings,
  idleItem,
  type NodeChange,
  type NodeItem,
  type NodeWork,
  plannedItem,
  type SeenNode,
} from './node-item.ts';

/** What to change. */
export interface ImagesRequest {
  readonly work: NodeWork;
  readonly imageIds: readonly ImageId[];
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * Changes images. One that needs no change is an item of its own, not an error. Never throws.
 *
 * @returns items image by image, each for all nodes in their order
 */
export async function changeImages(seen: readonly SeenNode[], request: ImagesRequest): Promise<NodeChange> {
  const states = new Map(seen.map((one) => [one.node, one]));
  const answers = await askNodes([...states.keys()], request.signal, (node) =>
    changeOn(states.get(node) ?? { node, state: { cached: [], queued: [] } }, request),
  );
  const changes = answers.map((answer) => (answer.kind === 'answered' ? answer.value : []));
  const ordered = request.imageIds.flatMap((_, place) => changes.flatMap((items) => items[place] ?? []));
  return {
    items: ordered.map(({ item }) => item),
    failures: ordered.flatMap(({ failure }) => failure ?? []),
  };
}

/** An item, with what made it fail. */
interface Changed {
  readonly item: NodeItem;
  readonly failure?: NodeFailure;
}

async function changeOn(
  { node, state }: SeenNode,
  { work, imageIds, dryRun, signal }: ImagesRequest,
): Promise<readonly Changed[]> {
  const holdings = new Holdings(state);
  const outage = new Outage();
  const changed: Changed[] = [];
  const fail = (imageId: ImageId, error: unknown): Changed => ({
    item: failedItem(node.host, work, error, imageId),
    failure: { host: node.host, error },
  });
  for (const imageId of imageIds) {
    const item = plannedItem(node.host, work, { imageId, row: holdings.row(work, imageId) });
    // Behind a doubtful address another node may answer than the one that has told.
    const idle = node.doubts().length > 0 ? undefined : holdings.idleReason(work, imageId);
    if (idle !== undefined) changed.push({ item: idleItem(item, idle) });
    else if (dryRun) changed.push({ item });
    else if (signal.aborted) changed.push({ item: idleItem(item, 'stopped') });
    else if (outage.error !== undefined) changed.push(fail(imageId, outage.error));
    else {
      try {
        await apply(node, work, imageId, signal);
        changed.push({ item: { ...item, result: 'done' } });
      } catch (error) {
        outage.note(error);
        changed.push(isStop(error, signal) ? { item: idleItem(item, 'stopped') } : fail(imageId, error));
      }
    }
  }
  return changed;
}

function apply(node: CacheApi, work: NodeWork, imageId: ImageId, signal: AbortSignal): Promise<void> {
  switch (work) {
    case 'queue':
      return node.queue(imageId, signal);
    case 'delete-cached':
      return node.deleteCached(imageId, signal);
    case 'delete-queued':
      return node.deleteQueued(imageId, signal);
  }
}
