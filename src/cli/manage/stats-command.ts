/**
 * stats: the figures of this node's cache, or of those of all nodes.
 */
import type { Call, Command } from '../program.ts';
import { ALL_NODES, COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { timed } from './show-list.ts';

/** The command. */
export const statsCommand: Command = {
  name: 'stats',
  summary: 'Show how full the cache is, how it is used, and what the next prune would take',
  flags: [ALL_NODES, COLUMN, SORT_COLUMN],
  examples: [
    { line: 'glance-cache-manage stats', does: 'How full the cache of this node is, and what would go next.' },
    { line: 'glance-cache-manage stats --all-nodes', does: 'The figures of all nodes, and together.' },
    { line: 'glance-cache-manage stats --format json', does: 'The same, for a script.' },
    { line: 'glance-cache-manage stats --format value -c prune_size', does: 'One figure alone.' },
  ],
  run: (call) => timed(call, () => (call.args.has(ALL_NODES) ? allNodes(call) : thisNode(call))),
};

async function allNodes(call: Call): Promise<void> {
  const { showFleetStats } = await import('./fleet-views.ts');
  await showFleetStats(call);
}

async function thisNode(call: Call): Promise<void> {
  const { showNodeStats } = await import('./show-node-stats.ts');
  await showNodeStats(call);
}
