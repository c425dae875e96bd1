/**
 * What the caches of all nodes amount to, node by node and together. Pure.
 */
import type { FleetNode, FleetRow } from '../../cache/index/centralized/fleet.ts';
import { GrowingSummary, type RowSummary } from '../stats/row-summary.ts';

/** What one node's cache amounts to. */
export interface NodeStats extends RowSummary {
  /** Its `worker_self_reference_url`. */
  readonly nodeUrl: string;
}

/** What the caches of all nodes amount to. */
export interface FleetStats {
  /** Ordered by URL; nodes without images are among them. */
  readonly nodes: readonly NodeStats[];
  /** All nodes together; an image counts once for each node that holds it. */
  readonly total: RowSummary;
  /** How many images there are, each counted once however many nodes hold it. */
  readonly distinctImages: number;
}

/**
 * Sums up the caches of all nodes.
 *
 * @param nodes those that are known
 * @param rows their images, in any order; one of a node that has come meanwhile makes that node known
 */
export function summarizeFleet(nodes: readonly Pick<FleetNode, 'url'>[], rows: Iterable<FleetRow>): FleetStats {
  const byNode = new Map(nodes.map(({ url }) => [url, new GrowingSummary()]));
  const total = new GrowingSummary();
  const imageIds = new Set<string>();
  for (const row of rows) {
    const ofNode = byNode.get(row.nodeUrl) ?? new GrowingSummary();
    byNode.set(row.nodeUrl, ofNode);
    ofNode.add(row);
    total.add(row);
    imageIds.add(row.imageId);
  }
  const summaries = Array.from(byNode, ([nodeUrl, summary]): NodeStats => ({ nodeUrl, ...summary.soFar }));
  return {
    nodes: summaries.sort((a, b) => (a.nodeUrl < b.nodeUrl ? -1 : 1)),
    total: total.soFar,
    distinctImages: imageIds.size,
  };
}
