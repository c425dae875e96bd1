/**
 * The `centralized_db` driver, Glance's own since release 2024.1: the rows of all nodes are in Glance's own database, and
 * each node knows its own by `worker_self_reference_url`.
 */
import type { Database } from '../../../database/database.ts';
import { ConfigError } from '../../../errors/cache-error.ts';
import type { Patience } from '../../../sqlite/retry-busy.ts';
import type { CacheLayout } from '../../layout.ts';
import type { GivenUpIndex, IndexDriver } from '../index-driver.ts';
import { NO_INDEX } from '../no-index.ts';
import type { DatabaseSettings } from './database-settings.ts';

/** What the driver needs to know beside its cache. */
export interface CentralizedSettings extends DatabaseSettings {
  /** `worker_self_reference_url`, as it is set. */
  readonly nodeUrl: string | undefined;
}

/** The driver on one cache. */
export function createCentralizedDriver(
  settings: CentralizedSettings,
  layout: CacheLayout,
  patience: Patience,
): IndexDriver {
  const { nodeUrl } = settings;
  return {
    name: 'centralized_db',
    exists: () => true,
    async open(create) {
      const url = requireNodeUrl(nodeUrl);
      return keepIfUsed(await openFrom(settings, patience), async (database) => {
        const { findNode, findOrAddNode } = await import('./node-reference.ts');
        const nodeId = create ? await findOrAddNode(database, url) : await findNode(database, url);
        if (nodeId === undefined) return undefined;
        const { CentralizedIndex } = await import('./centralized-index.ts');
        const { withIndexLock } = await import('../../locks/index-lock.ts');
        return new CentralizedIndex({ database, nodeId, withLock: (work) => withIndexLock(layout, patience, work) });
      });
    },
    async replace() {
      throw new TypeError('An index in a database is not replaced');
    },
    async describeGivenUp() {
      return describeGivenUp(await openFrom(settings, patience), {
        nodeUrl: requireNodeUrl(nodeUrl),
        layout,
      });
    },
  };
}

async function openFrom(settings: DatabaseSettings, patience: Patience): Promise<Database> {
  const { openConfiguredDatabase } = await import('./database-settings.ts');
  return openConfiguredDatabase(settings, patience);
}

/** Closes the database where nobody has taken it over. */
async function keepIfUsed<T>(
  database: Database,
  use: (database: Database) => Promise<T | undefined>,
): Promise<T | typeof NO_INDEX> {
  let used: T | undefined;
  try {
    used = await use(database);
  } finally {
    if (used === undefined) database.close();
  }
  return used ?? NO_INDEX;
}

function requireNodeUrl(nodeUrl: string | undefined): string {
  if (nodeUrl !== undefined && nodeUrl !== '') return nodeUrl;
  throw new ConfigError(
    'CONFIG_MISSING',
    'Cannot use the centralized_db driver: worker_self_reference_url is not set',
    {
      hint: 'Set it in glance-api.conf to the URL of this node, as in worker_self_reference_url = http://node1.example.org:9292: glance-api itself does not start with this driver and without it',
    },
  );
}

async function describeGivenUp(
  database: Database,
  { nodeUrl, layout }: { readonly nodeUrl: string; readonly layout: CacheLayout },
): Promise<GivenUpIndex> {
  try {
    const { someNodeUrls } = await import('./node-reference.ts');
    const { urls, hasMore } = await someNodeUrls(database);
    const names = urls.map((url) => JSON.stringify(url)).join(', ');
    const known = names === '' ? 'it knows no node yet' : `it knows ${names}${hasMore ? ' and others' : ''}`;
    const { imagesInSqlite } = await import('../sqlite/count-images.ts');
    const images = await imagesInSqlite(layout);
    const isElsewhere =
      images === undefined
        ? ''
        : `; the index ${JSON.stringify(layout.index)} lists ${images}, so glance-api may be using the sqlite driver`;
    return {
      state: `the database ${database.label} has no rows of the node ${JSON.stringify(nodeUrl)}`,
      check: `Check that worker_self_reference_url is the one in glance-api.conf (${known}), and image_cache_driver there${isElsewhere}`,
    };
  } finally {
    database.close();
  }
}
