/**
 * check: what is wrong with the configuration and the node, before it hurts. It changes nothing at all on disk.
 */
import type { SwitchFlag } from '../flag.ts';
import type { Command } from '../program.ts';
import { COLUMN, SORT_COLUMN } from './manage-flags.ts';

/** `--strict`: for CI. */
const STRICT: SwitchFlag = { names: ['--strict'], beyondStock: true, help: 'Fail with warnings as with errors.' };

/** `--offline`: what only the network can tell is left out. */
const OFFLINE: SwitchFlag = {
  names: ['--offline'],
  beyondStock: true,
  help: 'Ask nobody over the network: no login, no shared database.',
};

/** The command. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'Tell what is wrong with the configuration of Glance, of the cache and of this node',
  flags: [STRICT, OFFLINE, COLUMN, SORT_COLUMN],
  examples: [
    { line: 'sudo glance-cache-manage check', does: 'All there is to check, as the user who may read all files.' },
    { line: 'glance-cache-manage check --strict --offline --format json', does: 'For CI: 3 with any warning.' },
    {
      line: 'glance-cache-manage check --config-file glance-api.conf --config-file glance-cache.conf',
      does: 'Files that are not in use yet.',
    },
  ],
  run: async (call) => {
    const { checkNode } = await import('./check/check-node.ts');
    await checkNode(call, { strict: call.args.has(STRICT), offline: call.args.has(OFFLINE) });
  },
};
