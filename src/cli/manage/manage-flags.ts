/**
 * Flags of glance-cache-manage. Those of the stock tool that concern a remote glance-api are accepted, because scripts
 * give them; without a host they have nothing to say.
 */
import { port } from '../../settings/types/port.ts';
import { string } from '../../settings/types/string.ts';
import type { SwitchFlag, ValueFlag } from '../flag.ts';

/** `--force`: asks nothing. */
export const FORCE: SwitchFlag = { names: ['-f', '--force'], help: 'Do not ask before changing anything.' };

/** `--host`: another node. */
export const HOST: ValueFlag<string> = {
  names: ['-H', '--host'],
  metavar: 'ADDRESS',
  type: string,
  repeatable: true,
  help: 'Manage the cache of another node; not available yet.',
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

/** `--port`: of another node. */
export const PORT: ValueFlag<number> = {
  names: ['-p', '--port'],
  metavar: 'PORT',
  type: port,
  help: 'Port of the glance-api named by --host.',
};

/** `--all-nodes`: what Glance's shared database knows instead of what this node does. */
export const ALL_NODES: SwitchFlag = {
  names: ['--all-nodes'],
  beyondStock: true,
  help: "The nodes that share Glance's database (driver centralized_db), not this one alone.",
};
