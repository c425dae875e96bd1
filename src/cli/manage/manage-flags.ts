/**
 * Flags of glance-cache-manage. Those that concern a remote glance-api have nothing to say without a host, and are
 * accepted all the same, because scripts for the stock tool give them.
 */
import { port } from '../../settings/types/port.ts';
import { string } from '../../settings/types/string.ts';
import type { SwitchFlag, ValueFlag } from '../flag.ts';

/** `--force`: asks nothing. */
export const FORCE: SwitchFlag = { names: ['-f', '--force'], help: 'Do not ask before changing anything.' };

/** `--host`: other nodes, each value one or more of them with commas between. */
export const HOST: ValueFlag<string> = {
  names: ['-H', '--host'],
  metavar: 'ADDRESS',
  type: string,
  repeatable: true,
  help: 'Manage the cache of that node instead, through its glance-api; several with commas, or several times. Machine formats get a field host.',
};

/** `--column`: which columns of a list are shown. */
export const COLUMN: ValueFlag<string> = {
  names: ['-c', '--column'],
  beyondStock: true,
  metavar: 'COLUMN',
  type: string,
  repeatable: true,
  help: 'Show this column only; may be given several times, in the order wanted.',
};

/** `--sort-column`: in which order a list is shown. */
export const SORT_COLUMN: ValueFlag<string> = {
  names: ['--sort-column'],
  beyondStock: true,
  metavar: 'COLUMN[:asc|:desc]',
  type: string,
  help: 'Sort by this column.',
};

/** `--include-pinned`: what is pinned goes as well. */
export const INCLUDE_PINNED: SwitchFlag = {
  names: ['--include-pinned'],
  beyondStock: true,
  help: 'Delete pinned images as well; their pins stay.',
};

/** `--port`: of another node. */
export const PORT: ValueFlag<number> = {
  names: ['-p', '--port'],
  metavar: 'PORT',
  type: port,
  help: 'Port of each glance-api that --host names without one; 9292 unless given.',
};

/** `--all-nodes`: what Glance's shared database knows instead of what this node does. */
export const ALL_NODES: SwitchFlag = {
  names: ['--all-nodes'],
  beyondStock: true,
  help: "The nodes that share Glance's database (driver centralized_db), not this one alone.",
};
