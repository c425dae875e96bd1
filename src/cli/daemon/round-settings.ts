/**
 * The settings of a daemon: read at its start and on SIGHUP, and good for all rounds in between. Flags win over files
 * each time.
 */
import type { Settings } from '../../settings/resolve.ts';
import { findCacheDir } from '../cache-dir.ts';
import { settingsOf } from '../open-run.ts';
import type { Call } from '../program.ts';

/** Settings with the secrets that are in them. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly secrets: readonly string[];
}

/**
 * Reads the settings with the rights the program was started with, and looks at what can be looked at without a round:
 * where the cache is, and the program's own options. Some are used only now and then, and would be found wrong days later.
 *
 * @throws ConfigError; CacheStateError when the cache directory cannot be looked at
 */
export function loadRoundSettings(call: Call): LoadedSettings {
  const { invocation, program } = call;
  const secrets: string[] = [];
  const settings = invocation.rights.withOriginal(() => {
    const loaded = settingsOf({
      ...call,
      invocation: Object.create(invocation, { secrets: { value: secrets } }) as Call['invocation'],
    });
    findCacheDir(loaded, invocation);
    return loaded;
  });
  for (const option of program.groups[0]?.options ?? []) settings.get(option);
  return { settings, secrets };
}
