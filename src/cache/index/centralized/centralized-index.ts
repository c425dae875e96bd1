/**
 * The index of the `centralized_db` driver: the rows of this node in Glance's own database. No transaction there is
 * open while files are worked on; a lock of our own keeps the programs of the toolkit on this node apart.
 */

import type { Database } from '../../../database/database.ts';
import { CacheError, RemoteError } from '../../../errors/cache-error.ts';
import { THIS_COMMAND } from '../../../errors/next-step.ts';
import { keepHeapLean } from '../../lean-heap.ts';
import type { IndexDb, IndexHealth, IndexRow, IndexTransaction } from '../index-db.ts';
import { BufferedChanges } from './buffered-changes.ts';
import { compareIds, readRows } from './cached-image-rows.ts';

/** What an index is made of. */
export interface CentralizedIndexOptions {
  /** Closed with the index. */
  readonly database: Database;
  readonly nodeId: number;
  /** Does work while no other program of the toolkit changes the index of this cache. */
  readonly withLock: <T>(work: () => Promise<T>) => Promise<T>;
}

/** {@link IndexDb} of the `centralized_db` driver. */
export class CentralizedIndex implements IndexDb {
  readonly #options: CentralizedIndexOptions;

  constructor(options: CentralizedIndexOptions) {
    this.#options = options;
  }

  async rows(): Promise<readonly IndexRow[]> {
    const { database, nodeId } = this.#options;
    const rows: IndexRow[] = [];
    await readRows(database, nodeId, ({ row }) => keepHeapLean(rows.push(row)));
    // The database has an order of its own, as its collation says.
    return rows.sort((one, other) => compareIds(one.imageId, other.imageId));
  }

  async check(): Promise<IndexHealth> {
    const { database, nodeId } = this.#options;
    const oddRows = new Set<string>();
    await readRows(database, nodeId, ({ row, isOdd }) => {
      if (isOdd) oddRows.add(row.imageId);
    });
    // Whether the database is sound is for its server to say.
    return { damage: undefined, oddRows };
  }

  async transaction<T>(work: (changes: IndexTransaction) => Promise<T>): Promise<T> {
    const { database, nodeId, withLock } = this.#options;
    return withLock(async () => {
      const changes = new BufferedChanges(database, nodeId);
      const result = await work(changes);
      if (!changes.isEmpty) await makeChanges(database, changes);
      return result;
    });
  }

  close(): void {
    this.#options.database.close();
  }
}

/**
 * Makes the changes, once again where they may not have been made: all of them may be made twice. Whoever took back
 * on disk what a database has committed would find images without rows, and prune others in their place.
 *
 * @throws RemoteError REMOTE_CUT where nobody knows whether they were made: nothing may be concluded from rows now
 */
async function makeChanges(database: Database, changes: BufferedChanges): Promise<void> {
  const state = { isUnsure: false };
  const make = (): Promise<void> =>
    database.transaction(async (statements) => {
      await changes.flush(statements);
      // What fails from here on is the commit.
      state.isUnsure = true;
    });
  try {
    await make();
  } catch (error) {
    if (!isIndexIo(error)) throw error;
    await make().catch((again: unknown) => {
      throw state.isUnsure && isIndexIo(again) ? unsureOf(database, again) : again;
    });
  }
}

function isIndexIo(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'INDEX_IO';
}

function unsureOf({ label }: Database, cause: unknown): RemoteError {
  // A cluster tells of a conflict at the commit, too.
  const [, why = ''] = cause instanceof Error ? cause.message.split(label) : [];
  return new RemoteError(
    'REMOTE_CUT',
    `Cannot write to the database ${label}: it failed twice, and whether the changes were made is not known${why}`,
    {
      hint: `Look at the log of the database server and at the way to it, then mend what is out of step: ${THIS_COMMAND}`,
      isTransient: true,
      details: { database: label },
      cause,
    },
  );
}
