/**
 * Ports that call a hook before and after each step. A hook that throws is a fault; one that records is a witness; one
 * that waits is the crash test's.
 */
import type { AreaListing, Directory, FileSystemSpace } from '../../src/cache/directory.ts';
import type { FileFacts } from '../../src/cache/file-facts.ts';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { IndexDb, IndexHealth, IndexRow, IndexTransaction } from '../../src/cache/index/index-db.ts';
import type { Area } from '../../src/cache/layout.ts';
import type { PartJournal } from '../../src/cache/prefetch/journal.ts';
import type { PartFile, PartListing, Parts } from '../../src/cache/prefetch/parts.ts';
import type { Database, SqlRow, SqlValue, Statements } from '../../src/database/database.ts';

/** Called with the name of a step, such as `retire` or `unlink invalid`, and the image it concerns. */
export type Hook = (step: string, imageId: string) => void;

/** A directory whose changes call a hook first. */
export class HookedDirectory implements Directory {
  readonly #inner: Directory;
  readonly #hook: Hook;

  constructor(inner: Directory, hook: Hook) {
    this.#inner = inner;
    this.#hook = hook;
  }

  exists(): boolean {
    this.#hook('look directory', '');
    return this.#inner.exists();
  }

  list(area: Area): AreaListing {
    this.#hook(`list ${area}`, '');
    return this.#inner.list(area);
  }

  look(area: Area, name: string): FileFacts | undefined {
    this.#hook(`look ${area}`, name);
    return this.#inner.look(area, name);
  }

  ensureFolders(): void {
    this.#hook('make folders', '');
    this.#inner.ensureFolders();
  }

  retire(imageId: ImageId): void {
    this.#hook('retire', imageId);
    this.#inner.retire(imageId);
  }

  restore(imageId: ImageId): void {
    this.#hook('restore', imageId);
    this.#inner.restore(imageId);
  }

  unlink(area: Area, name: string): void {
    this.#hook(`unlink ${area}`, name);
    this.#inner.unlink(area, name);
  }

  createMarker(imageId: ImageId, queuedSec: number): boolean {
    this.#hook('create marker', imageId);
    return this.#inner.createMarker(imageId, queuedSec);
  }

  space(): FileSystemSpace {
    this.#hook('look space', '');
    return this.#inner.space();
  }
}

/** Parts whose changes call a hook first; what is done with an open one as well. */
export class HookedParts implements Parts {
  readonly #inner: Parts;
  readonly #hook: Hook;

  constructor(inner: Parts, hook: Hook) {
    this.#inner = inner;
    this.#hook = hook;
  }

  list(): PartListing {
    this.#hook('list parts', '');
    return this.#inner.list();
  }

  look(imageId: ImageId): FileFacts | undefined {
    this.#hook('look part', imageId);
    return this.#inner.look(imageId);
  }

  path(imageId: ImageId): string {
    return this.#inner.path(imageId);
  }

  async open(imageId: ImageId): Promise<PartFile> {
    this.#hook('open part', imageId);
    return hookedFile(await this.#inner.open(imageId), imageId, this.#hook);
  }

  journal(imageId: ImageId): PartJournal | undefined {
    this.#hook('look journal', imageId);
    return this.#inner.journal(imageId);
  }

  writeJournal(journal: PartJournal): void {
    this.#hook('write journal', journal.imageId);
    this.#inner.writeJournal(journal);
  }

  removePart(imageId: ImageId): void {
    this.#hook('remove part', imageId);
    this.#inner.removePart(imageId);
  }

  remove(imageId: ImageId): void {
    // In the two steps that it is made of, so that a kill comes between them as well.
    this.removePart(imageId);
    this.#hook('remove journal', imageId);
    this.#inner.remove(imageId);
  }

  removeTorn(name: string): void {
    this.#hook('remove torn', name);
    this.#inner.removeTorn(name);
  }

  publish(imageId: ImageId): void {
    this.#hook('publish', imageId);
    this.#inner.publish(imageId);
  }

  unpublish(imageId: ImageId, published: FileFacts): void {
    this.#hook('unpublish', imageId);
    this.#inner.unpublish(imageId, published);
  }

  async syncFolder(): Promise<void> {
    this.#hook('sync folder', '');
    await this.#inner.syncFolder();
  }
}

function hookedFile(file: PartFile, imageId: ImageId, hook: Hook): PartFile {
  return {
    write: (source, offset, length, position) => {
      hook('write part', imageId);
      return file.write(source, offset, length, position);
    },
    truncate: (length) => {
      hook('cut part', imageId);
      return file.truncate(length);
    },
    sync: () => {
      hook('sync part', imageId);
      return file.sync();
    },
    close: () => file.close(),
  };
}

/** An index whose changes call a hook first; `commit` right before it, `committed` after it. */
export class HookedIndex implements IndexDb {
  readonly #inner: IndexDb;
  readonly #hook: Hook;

  constructor(inner: IndexDb, hook: Hook) {
    this.#inner = inner;
    this.#hook = hook;
  }

  async rows(): Promise<readonly IndexRow[]> {
    this.#hook('list rows', '');
    return this.#inner.rows();
  }

  check(): Promise<IndexHealth> {
    return this.#inner.check();
  }

  async transaction<T>(work: (changes: IndexTransaction) => Promise<T>): Promise<T> {
    const hook = this.#hook;
    hook('begin', '');
    const result = await this.#inner.transaction(async (inner) => {
      const worked = await work({
        async row(imageId) {
          hook('look row', imageId);
          return inner.row(imageId);
        },
        async insert(row) {
          hook('insert', row.imageId);
          await inner.insert(row);
        },
        async put(row) {
          hook('put', row.imageId);
          await inner.put(row);
        },
        async remove(imageId, damage) {
          hook('remove', imageId);
          await inner.remove(imageId, damage);
        },
        async setSize(imageId, sizeBytes) {
          hook('set size', imageId);
          await inner.setSize(imageId, sizeBytes);
        },
        ...(inner.requireKeepable === undefined ? {} : { requireKeepable: inner.requireKeepable }),
      });
      hook('commit', '');
      return worked;
    });
    hook('committed', '');
    return result;
  }

  close(): void {
    this.#inner.close();
  }
}

/** A database whose statements call a hook first, those that change something and those that only look. */
export class HookedDatabase implements Database {
  readonly dialect: Database['dialect'];
  readonly label: string;
  readonly #inner: Database;
  readonly #hook: Hook;

  constructor(inner: Database, hook: Hook) {
    this.dialect = inner.dialect;
    this.label = inner.label;
    this.#inner = inner;
    this.#hook = hook;
  }

  rows(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#hooked(this.#inner).rows(sql, ...parameters);
  }

  run(sql: string, ...parameters: readonly SqlValue[]): Promise<void> {
    return this.#hooked(this.#inner).run(sql, ...parameters);
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    this.#hook('begin in database', '');
    return this.#inner.transaction(async (statements) => {
      const result = await work(this.#hooked(statements));
      this.#hook('commit in database', '');
      return result;
    });
  }

  close(): void {
    this.#inner.close();
  }

  #hooked(inner: Statements): Statements {
    const hook = this.#hook;
    return {
      dialect: inner.dialect,
      async rows(sql, ...parameters) {
        hook('look in database', '');
        return inner.rows(sql, ...parameters);
      },
      async run(sql, ...parameters) {
        hook('run in database', '');
        return inner.run(sql, ...parameters);
      },
    };
  }
}
