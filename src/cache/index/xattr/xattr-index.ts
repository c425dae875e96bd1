/**
 * The index of the `xattr` driver, which is no file of its own: see image-files.ts. What a transaction changes is kept
 * until its work has ended, and then applied: by then a published image has its name, and one that goes has lost it.
 */
import { unlessAbsent } from '../../../errors/errno.ts';
import { onPath } from '../../../errors/from-errno.ts';
import type { Patience } from '../../../sqlite/retry-busy.ts';
import { type ImageId, isImageId } from '../../image-id.ts';
import type { CacheLayout } from '../../layout.ts';
import { keepHeapLean } from '../../lean-heap.ts';
import { listFolder } from '../../list-folder.ts';
import type { IndexDb, IndexHealth, IndexRow, IndexTransaction } from '../index-db.ts';
import { ImageFiles, type RowChange, type SeenImage, type Undo } from './image-files.ts';
import type { UserAttributes } from './user-attributes.ts';

/** {@link IndexDb} of the `xattr` driver. */
export class XattrIndex implements IndexDb {
  readonly #layout: CacheLayout;
  readonly #patience: Patience;
  readonly #files: ImageFiles;

  constructor(layout: CacheLayout, patience: Patience, attributes: UserAttributes) {
    this.#layout = layout;
    this.#patience = patience;
    this.#files = new ImageFiles(layout, attributes);
  }

  async rows(): Promise<readonly IndexRow[]> {
    const rows = this.#rowsOf(({ attribute, row }) => (attribute === 'absent' ? undefined : row));
    return rows.sort((a, b) => (a.imageId < b.imageId ? -1 : 1));
  }

  /** Every image file, whether it has the attribute or not, as the directory has them; times in whole seconds. */
  async listed(): Promise<readonly IndexRow[]> {
    return this.#rowsOf(({ row }) => ({
      ...row,
      lastAccessedSec: Math.floor(row.lastAccessedSec),
      lastModifiedSec: Math.floor(row.lastModifiedSec),
    }));
  }

  async check(): Promise<IndexHealth> {
    const odd = this.#rowsOf(({ attribute, row }) =>
      attribute === 'odd' || attribute === 'unreadable' ? row : undefined,
    );
    return { damage: undefined, oddRows: new Set(odd.map(({ imageId }) => imageId)) };
  }

  async transaction<T>(work: (changes: IndexTransaction) => Promise<T>): Promise<T> {
    const { withIndexLock } = await import('../../locks/index-lock.ts');
    return withIndexLock(this.#layout, this.#patience, async () => {
      const changes = new Map<ImageId, RowChange>();
      const result = await work(changesTo(this.#files, changes));
      this.#apply(changes);
      return result;
    });
  }

  /** Nothing stays open between two calls. */
  close(): void {
    this.#files.close();
  }

  /** All of them, or none. */
  #apply(changes: ReadonlyMap<ImageId, RowChange>): void {
    const undos: Undo[] = [];
    try {
      for (const [imageId, change] of changes) undos.push(this.#files.apply(imageId, change));
    } catch (error) {
      for (const undo of undos.reverse()) attempt(undo);
      throw error;
    }
    for (const [imageId, change] of changes) this.#files.leaveNote(imageId, change);
  }

  #rowsOf(choose: (image: SeenImage) => IndexRow | undefined): IndexRow[] {
    const rows: IndexRow[] = [];
    onPath('list', this.#layout.root, () =>
      unlessAbsent(() => {
        for (const entry of listFolder(this.#files.folder)) {
          const image = isImageId(entry.name) && entry.isFile() ? this.#files.look(entry.name) : undefined;
          const row = image === undefined ? undefined : choose(image);
          if (row !== undefined) keepHeapLean(rows.push(row));
        }
      }),
    );
    return rows;
  }
}

function changesTo(files: ImageFiles, changes: Map<ImageId, RowChange>): IndexTransaction {
  const rowOf = (imageId: ImageId): IndexRow | undefined => {
    const change = changes.get(imageId);
    if (change?.kind === 'remove') return undefined;
    const image = files.look(imageId);
    if (change !== undefined)
      return image === undefined ? change.row : { ...change.row, sizeBytes: image.row.sizeBytes };
    // What cannot be read may be none: it is not to be taken for a use since the plan was made.
    const isKnown = image?.attribute === 'sound' || image?.attribute === 'odd';
    return isKnown ? image.row : undefined;
  };
  return {
    row: async (imageId) => (isImageId(imageId) ? rowOf(imageId) : undefined),
    async insert(row) {
      const { imageId } = row;
      if (!isImageId(imageId) || rowOf(imageId) !== undefined) return;
      const image = changes.get(imageId)?.kind === 'remove' ? files.look(imageId) : undefined;
      const hadRow = image !== undefined && image.attribute !== 'absent';
      // What this transaction has removed and puts back: the file still has it all.
      if (hadRow && isAlike(image.row, row)) changes.delete(imageId);
      else changes.set(imageId, { kind: hadRow ? 'put' : 'insert', row });
    },
    requireKeepable(imageId) {
      if (isImageId(imageId)) files.requireWritable(imageId);
    },
    async put(row) {
      const { imageId } = row;
      if (!isImageId(imageId)) return;
      files.prepare(imageId, row);
      changes.set(imageId, { kind: 'put', row });
    },
    async remove(imageId, damage) {
      if (!isImageId(imageId)) return;
      const image = files.look(imageId);
      if (image === undefined) changes.delete(imageId);
      else changes.set(imageId, { kind: 'remove', file: image.file, damage });
    },
    // The size is the file's.
    setSize: async () => undefined,
  };
}

function isAlike(a: IndexRow, b: IndexRow): boolean {
  return a.hits === b.hits && a.lastAccessedSec === b.lastAccessedSec && a.lastModifiedSec === b.lastModifiedSec;
}

/** The error that made it necessary is the one to tell. */
function attempt(undo: Undo): void {
  try {
    undo();
  } catch {
    // What stays is a row with newer values, or a file without one, which the pruner adopts.
  }
}
