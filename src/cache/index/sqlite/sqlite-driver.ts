/**
 * The `sqlite` driver: its index is `cache.db`, a file that Glance makes when it is missing.
 */
import { statSync } from 'node:fs';
import { unlessAbsent } from '../../../errors/errno.ts';
import { onPath } from '../../../errors/from-errno.ts';
import type { Patience } from '../../../sqlite/retry-busy.ts';
import type { CacheLayout } from '../../layout.ts';
import type { IndexDriver } from '../index-driver.ts';
import { NO_INDEX } from '../no-index.ts';

/**
 * The driver on one cache.
 *
 * @param readOnly the index is opened so that nothing beside it changes either
 */
export function createSqliteDriver(layout: CacheLayout, patience: Patience, readOnly = false): IndexDriver {
  const exists = (): boolean => {
    return onPath('look at', layout.index, () => unlessAbsent(() => statSync(layout.index))) !== undefined;
  };
  return {
    name: 'sqlite',
    exists,
    async open(create) {
      if (!create && !exists()) return NO_INDEX;
      // Loaded here: a run that needs no index does not pay for SQLite.
      const { openSqliteIndex } = await import('./sqlite-index.ts');
      return openSqliteIndex(layout.index, { create, patience, readOnly });
    },
    async replace(rows) {
      const { replaceSqliteIndex } = await import('./replace-index.ts');
      return replaceSqliteIndex(layout, rows, patience);
    },
    async describeGivenUp() {
      return {
        state: `the index ${JSON.stringify(layout.index)} ${exists() ? 'has no rows' : 'is missing'}`,
        check:
          'Check image_cache_driver in glance-api.conf: since release 2024.1 its default is centralized_db, which empties this index',
      };
    },
  };
}
