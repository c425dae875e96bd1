/**
 * The driver of the index that the settings name. Never another one, as Glance falls back to: an index that is not the
 * one glance-api keeps would lead to wrong conclusions.
 */
import type { DatabaseSettings } from '../cache/index/centralized/database-settings.ts';
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
  if (driver === 'centralized_db') {
    const { createCentralizedDriver } = await import('../cache/index/centralized/centralized-driver.ts');
    const nodeUrl = settings.get(OPTIONS.workerSelfReferenceUrl);
    return createCentralizedDriver({ ...databaseSettings(settings), nodeUrl }, layout, patience);
  }
  const origin = describeOrigin(settings.origin(OPTIONS.imageCacheDriver));
  throw new ConfigError(
    'CONFIG_VALUE',
    `Cannot use image_cache_driver ${JSON.stringify(driver)} from ${origin}: this version works with the sqlite driver only`,
    { hint: 'Use the HTTP cache API of glance-api on this node, or set image_cache_driver = sqlite for both' },
  );
}

/** What names Glance's own database. */
export function databaseSettings(settings: Settings): DatabaseSettings {
  return {
    connection: settings.get(OPTIONS.databaseConnection),
    connectionParameters: settings.get(OPTIONS.databaseConnectionParameters),
    origin: describeOrigin(settings.origin(OPTIONS.databaseConnection)),
  };
}
