/**
 * prune and clean: what a node does to its own cache when it is asked to. On this node programs of their own do it.
 */
import { UsageError } from '../../errors/cache-error.ts';
import type { Command } from '../program.ts';

/** The commands. They are for other nodes alone. */
export const TIDY_COMMANDS: readonly Command[] = [
  {
    name: 'prune',
    summary: 'Have the nodes of --host prune their caches to their maximum size',
    flags: [],
    examples: [
      {
        line: 'glance-cache-manage --host node1,node2 -v prune',
        does: 'Prune both, and say how much went; needs release 2026.2 there.',
      },
    ],
    run: () => Promise.reject(onlyRemotely('prune', 'glance-cache-pruner')),
    runRemotely: async (call) => (await import('./remote/tidy-remotely.ts')).tidyRemotely(call, 'prune'),
  },
  {
    name: 'clean',
    summary: 'Have the nodes of --host remove invalid and stalled images',
    flags: [],
    examples: [
      {
        line: 'glance-cache-manage --host node1,node2 clean',
        does: 'Clean both; needs release 2026.2 there.',
      },
    ],
    run: () => Promise.reject(onlyRemotely('clean', 'glance-cache-cleaner')),
    runRemotely: async (call) => (await import('./remote/tidy-remotely.ts')).tidyRemotely(call, 'clean'),
  },
];

function onlyRemotely(command: string, program: string): UsageError {
  return new UsageError('USAGE', `Cannot ${command}: no node is named with --host`, {
    hint: `For the cache of this node, run: ${program}`,
  });
}
