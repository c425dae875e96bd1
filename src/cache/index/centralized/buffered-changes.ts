/**
 * Changes of one transaction, kept back until its work has ended, and then made in a few statements: over a network each
 * statement takes as long as the rename of a dozen files, and no row stays locked while files are renamed.
 */
import type { Statements } from '../../../database/database.ts';
import type { IndexRow, IndexTransaction } from '../index-db.ts';
import { addRows, asStored, readSome, removeRows, setRowSize } from './cached-image-rows.ts';

/** What becomes of the row of one image. */
type Change =
  | { readonly kind: 'insert'; readonly row: IndexRow }
  | { readonly kind: 'put'; readonly row: IndexRow }
  | { readonly kind: 'remove' }
  | { readonly kind: 'size'; readonly sizeBytes: number };

/** Rows that are read ahead, when the work has told which it will ask for. */
const READ_AHEAD = 250;

/** The changes of one transaction on the rows of a node. */
export class BufferedChanges implements IndexTransaction {
  readonly #statements: Statements;
  readonly #nodeId: number;
  readonly #changes = new Map<string, Change>();
  /** What was read; absent rows as undefined. */
  readonly #read = new Map<string, IndexRow | undefined>();
  #expected: readonly string[] = [];

  /** @param statements run what is read, outside of the transaction */
  constructor(statements: Statements, nodeId: number) {
    this.#statements = statements;
    this.#nodeId = nodeId;
  }

  readonly expect = async (imageIds: readonly string[]): Promise<void> => {
    this.#expected = imageIds;
    const [first] = imageIds;
    if (first !== undefined) await this.#stored(first);
  };

  async row(imageId: string): Promise<IndexRow | undefined> {
    const change = this.#changes.get(imageId);
    if (change?.kind === 'put') return change.row;
    if (change?.kind === 'remove') return undefined;
    const stored = await this.#stored(imageId);
    if (change?.kind === 'insert') return stored ?? change.row;
    return stored === undefined || change?.kind !== 'size' ? stored : { ...stored, sizeBytes: change.sizeBytes };
  }

  async insert(row: IndexRow): Promise<void> {
    const change = this.#changes.get(row.imageId);
    const stored = asStored(row, this.#statements.dialect);
    if (change === undefined) this.#changes.set(row.imageId, { kind: 'insert', row: stored });
    else if (change.kind === 'remove') await this.put(row);
    else if (change.kind === 'size' && (await this.row(row.imageId)) === undefined) await this.put(row);
  }

  async put(row: IndexRow): Promise<void> {
    this.#changes.set(row.imageId, { kind: 'put', row: asStored(row, this.#statements.dialect) });
  }

  async remove(imageId: string): Promise<void> {
    this.#changes.set(imageId, { kind: 'remove' });
  }

  async setSize(imageId: string, sizeBytes: number): Promise<void> {
    const change = this.#changes.get(imageId);
    if (change?.kind === 'remove') return;
    if (change?.kind === 'insert' || change?.kind === 'put') {
      // Which row an insert leaves is known by a look.
      const row = (await this.row(imageId)) ?? change.row;
      await this.put({ ...row, sizeBytes });
    } else this.#changes.set(imageId, { kind: 'size', sizeBytes });
  }

  /** Whether there is nothing to be made. */
  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  /** Makes the changes. */
  async flush(statements: Statements): Promise<void> {
    const of = (kind: Change['kind']): readonly string[] =>
      Array.from(this.#changes).flatMap(([imageId, change]) => (change.kind === kind ? [imageId] : []));
    const rows = (kind: 'insert' | 'put'): readonly IndexRow[] =>
      Array.from(this.#changes.values()).flatMap((change) => (change.kind === kind ? [change.row] : []));
    // Always in the order of the IDs: two who change the same rows in different orders would wait for each other.
    await removeRows(statements, this.#nodeId, [...of('remove')].sort());
    await addRows(statements, this.#nodeId, { rows: rows('insert'), present: 'keep' });
    await addRows(statements, this.#nodeId, { rows: rows('put'), present: 'replace' });
    for (const [imageId, change] of this.#changes) {
      if (change.kind === 'size') await setRowSize(statements, this.#nodeId, { imageId, sizeBytes: change.sizeBytes });
    }
  }

  async #stored(imageId: string): Promise<IndexRow | undefined> {
    if (!this.#read.has(imageId)) {
      const from = this.#expected.indexOf(imageId);
      const ahead = from === -1 ? [imageId] : this.#expected.slice(from, from + READ_AHEAD);
      const rows = await readSome(this.#statements, this.#nodeId, ahead);
      for (const id of ahead) this.#read.set(id, rows.get(id));
    }
    return this.#read.get(imageId);
  }
}
