/**
 * The driver of the index that the settings name. Never another one, as Glance falls back to: an index that is not the
 * one glance-api keeps would lead to wrong conclusions.
 */
import type { IndexDriver } from '../cache/index/index-driver.ts';
import type { CacheLayout } from '../cache/layout.ts';
import { ConfigError } from '../errors/cache-error.ts';
import { OPTIONS } from '../settings/options.ts';
import { describeOrigin, type Settings } from '../settings/resolve.ts';
import type { Patience } from '../sqlite/retry-busy.ts';

/** The driver of a cache. Each is loaded by a run that needs it. */
export async function chooseIndexDriver(
  settings: Settings,
  layout: CacheLayout,
  patience: Patience,
): Promise<IndexDriver> {
  const driver = settings.get(OPTIONS.imageCacheDriver);
  if (driver === 'sqlite') {
    const { createSqliteDriver } = await import('../cache/index/sqlite/sqlite-driver.ts');
    return createSqliteDriver(layout, patience);
  }
  const origin = describeOrigin(settings.origin(OPTIONS.imageCacheDriver));
  throw new ConfigError(
    'CONFIG_VALUE',
    `Cannot use image_cache_driver ${JSON.stringify(driver)} from ${origin}: this version works with the sqlite driver only`,
    { hint: 'Use the HTTP cache API of glance-api on this node, or set image_cache_driver = sqlite for both' },
  );
}
