/**
 * Looks at the caches of nodes.
 */
import type { IndexRow } from '../../cache/index/index-db.ts';
import type { CacheApi, RemoteState } from '../../cache-api/cache-api.ts';
import { askNodes, type NodeAnswer } from './ask-nodes.ts';

/** A cached image of a node. */
export interface CachedOnNode extends IndexRow {
  /** The address as the user gave it. */
  readonly host: string;
}

/** A queued image of a node. */
export interface QueuedOnNode {
  /** The address as the user gave it. */
  readonly host: string;
  /** As it was queued: any spelling of a UUID. */
  readonly name: string;
}

/** Asks each node what it holds. Never throws. */
export function lookAtNodes(
  nodes: readonly CacheApi[],
  signal: AbortSignal,
): Promise<readonly NodeAnswer<RemoteState>[]> {
  return askNodes(nodes, signal, (node) => node.list(signal));
}

/** The cached images of the nodes that have answered: node by node, each in its own order. */
export function cachedOn(answers: readonly NodeAnswer<RemoteState>[]): readonly CachedOnNode[] {
  return statesIn(answers).flatMap(({ host, state }) => state.cached.map((row) => ({ host, ...row })));
}

/** The queued images of the nodes that have answered, in the same order. */
export function queuedOn(answers: readonly NodeAnswer<RemoteState>[]): readonly QueuedOnNode[] {
  return statesIn(answers).flatMap(({ host, state }) => state.queued.map((name) => ({ host, name })));
}

function statesIn(answers: readonly NodeAnswer<RemoteState>[]) {
  return answers.flatMap((answer) =>
    answer.kind === 'answered' ? [{ host: answer.node.host, state: answer.value }] : [],
  );
}
