/**
 * What somebody is told who runs a program for the first time, on a machine that does not say where the cache is: what
 * was looked for, where, and what to write or to run.
 */
import { ConfigError } from '../errors/cache-error.ts';
import { editCommand, shellWord, THIS_COMMAND } from '../errors/next-step.ts';
import type { Settings } from '../settings/resolve.ts';
import { FILE_NAMES, searchedFolders } from '../settings/search.ts';
import type { Invocation } from './invocation.ts';

const OWN_FILE = '/etc/glance/glance-cache.conf';

const SETTING = 'image_cache_dir = /var/lib/glance/image-cache';

/** The error of a cache directory that nothing names. Its hint has three lines. */
export function missingCacheDir(
  { files }: Pick<Settings, 'files'>,
  invocation: Pick<Invocation, 'cwd' | 'homeDir'> & Partial<Pick<Invocation, 'env'>>,
): ConfigError {
  const isFound = files.length > 0;
  const where = isFound ? `not in ${files.join(', ')}` : 'no configuration file was found';
  return new ConfigError('CONFIG_MISSING', `Cannot find the cache: image_cache_dir is not set (${where})`, {
    hint: (isFound ? hintOnFiles(files) : hintOnFolders(searchedFolders(invocation))).join('\n'),
    details: { files },
  });
}

/** Where glance-api and the tools are installed, its files are there, and the setting is not. */
function hintOnFiles(files: readonly string[]): readonly string[] {
  const own = files.findLast((file) => file !== '/dev/null') ?? OWN_FILE;
  return [
    `Set it below [DEFAULT] as glance-api has it, such as ${SETTING}: ${editCommand(own)}`,
    `If glance-api of this node reads another file, name that: ${THIS_COMMAND} --config-file /PATH/TO/glance-api.conf`,
    'To see what is set, and where: glance-cache-manage config',
  ];
}

function hintOnFolders(folders: readonly string[]): readonly string[] {
  const names = FILE_NAMES.map((name) => `${name}.conf`);
  return [
    `Looked for ${names.slice(0, -1).join(', ')} and ${names.at(-1)} in ${folders.map(shellWord).join(', ')}`,
    `If glance-api of this node has its files elsewhere, name them: ${THIS_COMMAND} --config-file /PATH/TO/glance-api.conf`,
    `If not, say where the cache is: sudo mkdir -p /etc/glance && printf '[DEFAULT]\\n${SETTING}\\n' | sudo tee ${OWN_FILE}`,
  ];
}
