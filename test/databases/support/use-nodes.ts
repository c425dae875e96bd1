/**
 * Nodes of a fleet for tests, all on one database of the test's own.
 */
import { inject } from 'vitest';
import { useTempDir } from '../../support/temp-dir.ts';
import { CentralNode } from './central-node.ts';
import { type GlanceDatabase, useDatabases } from './glance-database.ts';
import type { Engine, ServerAddress } from './server-address.ts';

/** The node that most tests are about. */
export const NODE_1 = 'http://controller-1.test:9292';

/** Another one, which nothing may touch. */
export const NODE_2 = 'http://controller-2.test:9292';

/** Makes a node that the database knows. */
export function useNodes(): {
  /** The first of a database of its own, in the shared server of an engine or in one of the test's own. */
  readonly makeNode: (server: Engine | ServerAddress, url?: string) => Promise<CentralNode>;
  /** One more. */
  readonly makeSibling: (node: CentralNode, url?: string) => Promise<CentralNode>;
} {
  const folder = useTempDir();
  const makeDatabase = useDatabases();
  const nodeOf = async (database: GlanceDatabase, url: string): Promise<CentralNode> => {
    await database.addNode(url);
    return new CentralNode(folder(), { url, database });
  };
  return {
    makeNode: async (server, url = NODE_1) =>
      nodeOf(await makeDatabase(typeof server === 'string' ? inject('servers')[server] : server), url),
    makeSibling: ({ database }, url = NODE_2) => nodeOf(database, url),
  };
}
