/**
 * Asks several nodes the same thing, some at a time. What becomes of one says nothing about the others.
 */
import type { CacheApi } from '../../cache-api/cache-api.ts';
import { InterruptedError } from '../../errors/cache-error.ts';
import { inParallel } from '../in-parallel.ts';

/** How many nodes are asked at a time: a fleet is not to come in one burst upon its Keystone. */
const AT_ONCE = 8;

/** What a node had to say. */
export type NodeAnswer<T> =
  | { readonly kind: 'answered'; readonly node: CacheApi; readonly value: T }
  | { readonly kind: 'failed'; readonly node: CacheApi; readonly error: unknown }
  /** The run was stopped before it had answered. */
  | { readonly kind: 'stopped'; readonly node: CacheApi };

/** Asks nodes; answers are in the order of the nodes. Never throws. */
export function askNodes<T>(
  nodes: readonly CacheApi[],
  signal: AbortSignal,
  ask: (node: CacheApi) => Promise<T>,
): Promise<readonly NodeAnswer<T>[]> {
  return inParallel(nodes, AT_ONCE, async (node): Promise<NodeAnswer<T>> => {
    if (signal.aborted) return { kind: 'stopped', node };
    try {
      return { kind: 'answered', node, value: await ask(node) };
    } catch (error) {
      return isStop(error, signal) ? { kind: 'stopped', node } : { kind: 'failed', node, error };
    }
  });
}

/** Whether an error is how a call ended that was stopped. */
export function isStop(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || error instanceof InterruptedError);
}
