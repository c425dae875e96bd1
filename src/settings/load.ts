import type { ConfigError } from '../errors/cache-error.ts';
import type { FlagValue } from './layers.ts';
import { ALL_OPTIONS } from './options.ts';
import { readSources } from './read-sources.ts';
import { resolveSettings, type Settings } from './resolve.ts';
import { findSources, type SearchRequest } from './search.ts';

export type { FlagValue } from './layers.ts';
export type { ConfigSource } from './search.ts';

/** Everything that decides the settings of a run. */
export interface LoadRequest extends SearchRequest {
  readonly flags: readonly FlagValue[];
  /** For a run that needs no configuration: hears of each default file that cannot be used, and is passed over then. */
  readonly onSkipped?: (error: ConfigError) => void;
}

/**
 * The settings of a run.
 *
 * @throws ConfigError CONFIG_FILE_NOT_FOUND, CONFIG_FILE_UNREADABLE, CONFIG_DIR_NOT_FOUND or CONFIG_PARSE. A bad value is
 *   reported when it is read
 */
export function loadSettings(request: LoadRequest): Settings {
  const { flags, env, onSkipped } = request;
  return resolveSettings({ flags, env, files: readSources(findSources(request), onSkipped) }, ALL_OPTIONS);
}
