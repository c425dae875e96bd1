/**
 * What is done to the images of nodes, in the shape of a report.
 */
import { type ImageId, parseImageId } from '../../cache/image-id.ts';
import type { IndexRow } from '../../cache/index/index-db.ts';
import type { CacheApi, RemoteState } from '../../cache-api/cache-api.ts';
import { errorOf, type ReportItem } from '../report.ts';
import type { NodeFailure } from './node-failure.ts';

/** What can be done to an image of a node. */
export type NodeWork = 'queue' | 'delete-cached' | 'delete-queued';

/** One line of a report about nodes. */
export interface NodeItem extends ReportItem {
  /** The address as the user gave it. */
  readonly host: string;
  /** Empty where it is about the node as a whole. */
  readonly imageId: ImageId | '';
}

/** A node that has told what it holds. */
export interface SeenNode {
  readonly node: CacheApi;
  readonly state: RemoteState;
}

/** What became of a change. */
export interface NodeChange {
  readonly items: readonly NodeItem[];
  /** One for each item that has failed. */
  readonly failures: readonly NodeFailure[];
}

const WORDS: Readonly<Record<NodeWork, Pick<ReportItem, 'action' | 'area' | 'reason'>>> = {
  queue: { action: 'queue', area: 'queue', reason: undefined },
  'delete-cached': { action: 'remove', area: undefined, reason: 'requested' },
  'delete-queued': { action: 'unqueue', area: 'queue', reason: undefined },
};

/** Every item has every field, in one order: so all of a long list have one shape, and take the least memory. */
function itemOf(
  host: string,
  work: NodeWork,
  { imageId, result, sizeBytes, lastUsedSec, error }: Pick<NodeItem, 'imageId' | 'result'> & Partial<NodeItem>,
): NodeItem {
  const { action, area, reason } = WORDS[work];
  return { host, imageId, action, result, reason, area, sizeBytes, lastUsedSec, error };
}

/** The item of an image that work is planned for. */
export function plannedItem(
  host: string,
  work: NodeWork,
  { imageId, row }: { readonly imageId: ImageId; readonly row: IndexRow | undefined },
): NodeItem {
  const lastUsedSec = row === undefined || row.lastAccessedSec > 0 ? row?.lastAccessedSec : row.lastModifiedSec;
  return itemOf(host, work, { imageId, result: 'planned', sizeBytes: row?.sizeBytes, lastUsedSec });
}

/** The item of work that has failed; of the node as a whole unless an image is given. */
export function failedItem(host: string, work: NodeWork, error: unknown, imageId: ImageId | '' = ''): NodeItem {
  return itemOf(host, work, { imageId, result: 'failed', error: errorOf(error) });
}

/** An item that nothing is done about. */
export function idleItem(item: NodeItem, reason: NonNullable<ReportItem['reason']>): NodeItem {
  return { ...item, action: 'keep', result: 'skipped', reason, area: undefined };
}

/** What a node has told, by image. */
export class Holdings {
  readonly #rows: ReadonlyMap<string, IndexRow>;
  readonly #queued: ReadonlySet<string>;

  constructor({ cached, queued }: RemoteState) {
    this.#rows = new Map(cached.map((row) => [row.imageId, row]));
    this.#queued = new Set(queued.map((name) => parseImageId(name) ?? name));
  }

  /** The row of an image, for work that is about the cached one. */
  row(work: NodeWork, imageId: ImageId): IndexRow | undefined {
    return work === 'delete-cached' ? this.#rows.get(imageId) : undefined;
  }

  /** Why nothing has to be done about an image; undefined where something has. */
  idleReason(work: NodeWork, imageId: ImageId): 'cached' | 'queued' | 'absent' | undefined {
    const isCached = this.#rows.has(imageId);
    const isQueued = this.#queued.has(imageId);
    switch (work) {
      case 'queue':
        return isCached ? 'cached' : isQueued ? 'queued' : undefined;
      case 'delete-cached':
        return isCached ? undefined : 'absent';
      case 'delete-queued':
        return isQueued ? undefined : 'absent';
    }
  }
}
