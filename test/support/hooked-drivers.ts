/**
 * The driver of a test's cache. Whoever gives a hook hears of every statement on a database, and of every look at an
 * attribute and every change to one, before it is made.
 */
import type { DriverName, IndexDriver } from '../../src/cache/index/index-driver.ts';
import { NO_INDEX } from '../../src/cache/index/no-index.ts';
import { createSqliteDriver } from '../../src/cache/index/sqlite/sqlite-driver.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import type { Patience } from '../../src/sqlite/retry-busy.ts';
import { type Hook, HookedDatabase } from './hooked-ports.ts';
import { centralDatabase, driverNameOf, NODE_URL } from './row-keepers.ts';

type Create = (layout: CacheLayout, patience: Patience, hook: Hook) => IndexDriver;

const CREATE: Readonly<Record<DriverName, Create>> = {
  sqlite: (layout, patience) => createSqliteDriver(layout, patience),
  xattr: (layout, patience, hook) => ({
    ...NEVER_MISSING,
    name: 'xattr',
    async open() {
      // It is no part of what others need, and of no bundle.
      const fsXattr = await import('fs-xattr');
      const { UserAttributes } = await import('../../src/cache/index/xattr/user-attributes.ts');
      const { XattrIndex } = await import('../../src/cache/index/xattr/xattr-index.ts');
      const attributes = new UserAttributes({
        getAttributeSync(path, name) {
          hook('look attribute', '');
          return fsXattr.getAttributeSync(path, name);
        },
        setAttributeSync(path, name, value) {
          hook('set attribute', '');
          fsXattr.setAttributeSync(path, name, value);
        },
        removeAttributeSync(path, name) {
          hook('remove attribute', '');
          fsXattr.removeAttributeSync(path, name);
        },
      });
      return new XattrIndex(layout, patience, attributes);
    },
  }),
  centralized_db: (layout, patience, hook) => ({
    ...NEVER_MISSING,
    name: 'centralized_db',
    async open(create) {
      const { openConfiguredDatabase } = await import('../../src/cache/index/centralized/database-settings.ts');
      const { findNode, findOrAddNode } = await import('../../src/cache/index/centralized/node-reference.ts');
      const { CentralizedIndex } = await import('../../src/cache/index/centralized/centralized-index.ts');
      const { withIndexLock } = await import('../../src/cache/locks/index-lock.ts');
      const connection = `sqlite:///${centralDatabase(layout)}`;
      const settings = { connection, connectionParameters: '', origin: 'a test' };
      const database = new HookedDatabase(await openConfiguredDatabase(settings, patience), hook);
      const nodeId = create ? await findOrAddNode(database, NODE_URL) : await findNode(database, NODE_URL);
      if (nodeId !== undefined)
        return new CentralizedIndex({ database, nodeId, withLock: (work) => withIndexLock(layout, patience, work) });
      database.close();
      return NO_INDEX;
    },
  }),
};

const NEVER_MISSING: Omit<IndexDriver, 'name' | 'open'> = {
  exists: () => true,
  replace: () => Promise.reject(new Error('There is nothing to replace')),
  describeGivenUp: async () => ({ state: 'there are no rows', check: 'Check the driver' }),
};

/** The driver of a cache. */
export function driverOf(layout: CacheLayout, patience: Patience, hook: Hook = () => undefined): IndexDriver {
  return CREATE[driverNameOf(layout)](layout, patience, hook);
}
