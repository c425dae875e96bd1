/**
 * The driver of the index that the settings name. Never another one, as Glance falls back to: an index that is not the
 * one glance-api keeps would lead to wrong conclusions.
 */
import type { DatabaseSettings } from '../cache/index/centralized/database-settings.ts';
import type { IndexDriver } from '../cache/index/index-driver.ts';
import type { CacheLayout } from '../cache/layout.ts';
import { OPTIONS } from '../settings/options.ts';
import { describeOrigin, type Settings } from '../settings/resolve.ts';
import type { Patience } from '../sqlite/retry-busy.ts';

/** What a driver is made with. */
export interface DriverNeeds {
  readonly layout: CacheLayout;
  readonly patience: Patience;
  /** Takes remarks for debug level. */
  readonly onNote: (note: string) => void;
  /** Nothing may change on disk, not even for SQLite to mend what a killed writer has left. */
  readonly readOnly?: boolean;
}

/** The driver of a cache. Each is loaded by a run that needs it. */
export async function chooseIndexDriver(
  settings: Settings,
  { layout, patience, onNote, readOnly = false }: DriverNeeds,
): Promise<IndexDriver> {
  switch (settings.get(OPTIONS.imageCacheDriver)) {
    case 'sqlite': {
      const { createSqliteDriver } = await import('../cache/index/sqlite/sqlite-driver.ts');
      return createSqliteDriver(layout, patience, readOnly);
    }
    case 'xattr': {
      const { createXattrDriver } = await import('../cache/index/xattr/xattr-driver.ts');
      return createXattrDriver(layout, patience);
    }
    case 'centralized_db': {
      const { createCentralizedDriver } = await import('../cache/index/centralized/centralized-driver.ts');
      const nodeUrl = settings.get(OPTIONS.workerSelfReferenceUrl);
      return createCentralizedDriver(
        { ...databaseSettings(settings), nodeUrl, onNote: once(onNote) },
        layout,
        patience,
      );
    }
  }
}

/** What names Glance's own database. */
export function databaseSettings(settings: Settings): DatabaseSettings {
  return {
    connection: settings.get(OPTIONS.databaseConnection),
    connectionParameters: settings.get(OPTIONS.databaseConnectionParameters) ?? '',
    origin: describeOrigin(settings.origin(OPTIONS.databaseConnection)),
  };
}

/** A run may open its index several times. */
function once(tell: (note: string) => void): (note: string) => void {
  const told = new Set<string>();
  return (note) => {
    if (!told.has(note)) tell(note);
    told.add(note);
  };
}
