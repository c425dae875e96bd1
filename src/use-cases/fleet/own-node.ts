/**
 * Which of the nodes is the one that is asked. Glance goes by the text of the URL: another spelling of the same address
 * is another node.
 */
import type { FleetNode } from '../../cache/index/centralized/fleet.ts';

/** Whether a node is this one; undefined where this one has no `worker_self_reference_url`. */
export function isOwnNode(nodeUrl: string, ownUrl: string | undefined): boolean | undefined {
  return ownUrl === undefined ? undefined : nodeUrl === ownUrl;
}

/** Whether this node has a `worker_self_reference_url`, and the database does not know it. */
export function isOwnNodeUnknown(nodes: readonly Pick<FleetNode, 'url'>[], ownUrl: string | undefined): boolean {
  return ownUrl !== undefined && nodes.every(({ url }) => url !== ownUrl);
}
