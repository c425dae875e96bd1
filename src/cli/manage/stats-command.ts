/**
 * stats: the figures of this node's cache, or of those of all nodes.
 */
import { withRun } from '../open-run.ts';
import { ownUrlOf } from '../own-url.ts';
import type { Call, Command } from '../program.ts';
import { ALL_NODES, COLUMN, SORT_COLUMN } from './manage-flags.ts';
import { timed } from './show-list.ts';
import { tellUnlisted } from './unlisted-files.ts';

/** The command. */
export const statsCommand: Command = {
  name: 'stats',
  summary: 'Show how much is cached, how often it was used, and when',
  flags: [ALL_NODES, COLUMN, SORT_COLUMN],
  examples: [
    { line: 'glance-cache-manage stats', does: 'The figures of this node.' },
    { line: 'glance-cache-manage stats --all-nodes', does: 'Those of all nodes, and together.' },
    { line: 'glance-cache-manage stats --format json', does: 'The same, for a script.' },
  ],
  run: (call) => timed(call, () => (call.args.has(ALL_NODES) ? allNodes(call) : thisNode(call))),
};

async function allNodes(call: Call): Promise<void> {
  const { showFleetStats } = await import('./fleet-views.ts');
  await showFleetStats(call);
}

async function thisNode(call: Call): Promise<void> {
  await withRun(call, { openFiles: false }, async ({ access, settings }) => {
    const [{ cacheStats }, { showStats }] = await Promise.all([
      import('../../use-cases/stats.ts'),
      import('./show-stats.ts'),
    ]);
    const { total, unlistedFiles } = await cacheStats(access);
    await showStats(call, {
      allNodes: false,
      total,
      distinctImages: total.images,
      items: [{ ...total, nodeUrl: ownUrlOf(settings), isOwn: true }],
    });
    await tellUnlisted(call, unlistedFiles);
  });
}
