/**
 * The index of the `centralized_db` driver: the rows of this node in Glance's own database. No transaction there is
 * open while files are worked on; a lock of our own keeps the programs of the toolkit on this node apart.
 */
import type { Database } from '../../../database/database.ts';
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
      if (!changes.isEmpty) await database.transaction((statements) => changes.flush(statements));
      return result;
    });
  }

  close(): void {
    this.#options.database.close();
  }
}
