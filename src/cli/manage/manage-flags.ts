/**
 * Flags of glance-cache-manage. Those of the stock tool that concern a remote glance-api are accepted, because scripts
 * give them; without a host they have nothing to say.
 */
import { port } from '../../settings/types/port.ts';
import { string } from '../../settings/types/string.ts';
import type { Flag, SwitchFlag, ValueFlag } from '../flag.ts';

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

function remote(name: string, hidden: readonly string[], help: string): ValueFlag<string> {
  return {
    names: [name],
    hidden,
    metavar: name.slice('--'.length).toUpperCase().replaceAll('-', '_'),
    type: string,
    help,
  };
}

/** What the stock tool takes for talking to a glance-api. */
export const REMOTE_FLAGS: readonly Flag[] = [
  { names: ['-p', '--port'], metavar: 'PORT', type: port, help: 'Port of the glance-api named by --host.' },
  { names: ['-k', '--insecure'], help: 'Do not verify the TLS certificate of that glance-api.' },
  remote('--os-auth-token', ['-A', '--os_auth_token', '--auth_token'], 'Token to use instead of logging in.'),
  remote('--os-username', ['-I', '--os_username'], 'User to log in as.'),
  remote('--os-password', ['-K', '--os_password'], 'Password of that user.'),
  remote('--os-region-name', ['-R', '--os_region_name'], 'Region whose endpoint to use.'),
  remote('--os-project-id', ['--os_project_id'], 'Project to log in to, by ID.'),
  remote('--os-project-name', ['-T', '--os_project_name'], 'Project to log in to, by name.'),
  remote('--os-user-domain-id', [], 'Domain of the user.'),
  remote('--os-project-domain-id', [], 'Domain of the project.'),
  remote('--os-domain-id', [], 'Domain of user and project.'),
  remote('--os-auth-url', ['-N', '--os_auth_url'], 'URL of Keystone.'),
  {
    names: ['-S', '--os_auth_strategy'],
    metavar: 'STRATEGY',
    type: string,
    help: 'How to log in: keystone or noauth.',
  },
];
