import type { Option } from './option.ts';
import { CACHE_OPTIONS } from './options/cache.ts';
import { CACHE_TOOLS_OPTIONS } from './options/cache-tools.ts';
import { GLANCE_OPTIONS } from './options/glance.ts';
import { KEYSTONE_OPTIONS } from './options/keystone.ts';
import { LOGGING_OPTIONS } from './options/logging.ts';
import { OBSOLETE_OPTIONS } from './options/obsolete.ts';
import { STORE_OPTIONS } from './options/store.ts';

/**
 * The one table of options. A new option is a new row in one of the parts: its flag, its environment variable, its key in
 * the files, its line in help and in `config` follow from the row.
 */
export const OPTIONS = {
  ...CACHE_OPTIONS,
  ...CACHE_TOOLS_OPTIONS,
  ...LOGGING_OPTIONS,
  ...GLANCE_OPTIONS,
  ...STORE_OPTIONS,
  ...OBSOLETE_OPTIONS,
} as const satisfies Readonly<Record<string, Option<unknown>>>;

/** All options of the table, in its order. Those of keystoneauth are read by group, through `keystoneOptions`. */
export const ALL_OPTIONS: readonly Option<unknown>[] = [...Object.values(OPTIONS), ...KEYSTONE_OPTIONS];
