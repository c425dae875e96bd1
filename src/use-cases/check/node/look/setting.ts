import { CacheError } from '../../../../errors/cache-error.ts';
import type { Option } from '../../../../settings/option.ts';
import type { Settings } from '../../../../settings/resolve.ts';
import type { Change } from '../../finding.ts';

/** The value of an option; undefined where nothing sets it, and where the value is bad, which another check tells of. */
export function settingOf<T>(settings: Settings, option: Option<T>): T | undefined {
  try {
    return settings.get(option);
  } catch (error) {
    if (error instanceof CacheError) return undefined;
    throw error;
  }
}

/** The line that gives an option another value: the one it has, or one more in the last file of the cache's own. */
export function changeTo(settings: Settings, option: Option<unknown>, value: string): Change | undefined {
  const { group, name } = option;
  const origin = settings.origin(option);
  if (origin.kind === 'file') return { file: origin.file, line: origin.line, text: `${name} = ${value}` };
  const file = settings.files.findLast((path) => path.endsWith('glance-cache.conf')) ?? settings.files.at(-1);
  // A flag or a variable lies over whatever a file says.
  if (origin.kind !== 'default' || file === undefined) return undefined;
  return { file, line: undefined, text: `[${group}] ${name} = ${value}` };
}
