/**
 * The rows of the `xattr` driver, one by one: an image file that has the attribute `user.hits` is one, and size and times
 * are the file's own (glance/image_cache/drivers/xattr.py).
 */
import { type Stats, statSync } from 'node:fs';
import { hasErrno, isSystemError, unlessAbsent } from '../../../errors/errno.ts';
import { onPath } from '../../../errors/from-errno.ts';
import { HeldFolders } from '../../held-folders.ts';
import type { ImageId } from '../../image-id.ts';
import type { Area, CacheLayout } from '../../layout.ts';
import { PART } from '../../prefetch/disk-parts.ts';
import type { IndexRow } from '../index-db.ts';
import type { HeldFile, UserAttributes } from './user-attributes.ts';

const HITS = 'user.hits';
const ERROR = 'user.error';

/** What becomes of an image's row: these values, or none. */
export type RowChange =
  | { readonly kind: 'insert' | 'put'; readonly row: IndexRow }
  | { readonly kind: 'remove'; readonly file: FileIdentity; readonly damage: string | undefined };

/** Which file it is. */
export type FileIdentity = Pick<Stats, 'dev' | 'ino'>;

/** An image file, as it is now. */
export interface SeenImage {
  readonly file: FileIdentity;
  /** With 0 hits where the attribute is absent, or says nothing that makes sense. */
  readonly row: IndexRow;
  /** Unreadable is what failed this time, and may have any value. */
  readonly attribute: 'absent' | 'sound' | 'odd' | 'unreadable';
}

/** Takes a change back, as far as that can be done. */
export type Undo = () => void;

/** The image files of one cache, with their attributes. */
export class ImageFiles {
  readonly #layout: CacheLayout;
  readonly #folders: HeldFolders;
  readonly #attributes: UserAttributes;

  constructor(layout: CacheLayout, attributes: UserAttributes) {
    this.#layout = layout;
    this.#folders = new HeldFolders(layout.root);
    this.#attributes = attributes;
  }

  /** Lets go of the folders that are held. */
  close(): void {
    this.#folders.close();
  }

  /** The path by which the folder of the images is to be listed. */
  get folder(): string {
    return this.#folders.wayTo(this.#layout.root);
  }

  /** One image; undefined where there is no regular file of it. */
  look(imageId: ImageId): SeenImage | undefined {
    return this.#inArea('read attributes of', 'cached', imageId, (file) => {
      const [attribute, hits] = this.#readHits(file);
      const { size, atimeMs, mtimeMs } = file.stats;
      // Before 1970 nothing was cached.
      const [lastAccessedSec, lastModifiedSec] = [Math.max(0, atimeMs / 1000), Math.max(0, mtimeMs / 1000)];
      return { file: file.stats, row: { imageId, lastAccessedSec, lastModifiedSec, sizeBytes: size, hits }, attribute };
    });
  }

  /** Why an image lies in `invalid/`; undefined where nobody has left a note. */
  error(imageId: ImageId): string | undefined {
    return this.#inArea('read attributes of', 'invalid', imageId, (file) => file.get(ERROR)?.toString('utf8'));
  }

  /**
   * Gives the part of an image its attribute, if there is no image yet. Glance does so before it renames, too: while an
   * image has none, no use of it is counted, and glance-api logs an error each time.
   */
  prepare(imageId: ImageId, { hits }: IndexRow): void {
    if (this.look(imageId) !== undefined) return;
    const { parts } = this.#layout;
    const name = `${imageId}${PART}`;
    const prepareFile = () =>
      this.#attributes.withFile(`${this.#folders.wayTo(parts)}/${name}`, (file) => setHits(file, hits));
    onPath('write attributes of', `${parts}/${name}`, () => unlessAbsent(prepareFile));
  }

  /** @throws CacheStateError where the attribute of an image's file may not be set */
  requireWritable(imageId: ImageId): void {
    this.#inArea('write attributes of', 'cached', imageId, (file) => file.tryWriting());
  }

  /**
   * Applies a change. A file that is gone needs none: Glance's own tools know no lock.
   *
   * @throws CacheStateError; nothing has changed then
   */
  apply(imageId: ImageId, change: RowChange): Undo {
    switch (change.kind) {
      case 'insert':
        return this.#adopt(imageId, change.row);
      case 'put':
        return this.#write(imageId, change.row, 'any');
      case 'remove':
        return this.#forget(imageId, change.file);
    }
  }

  /**
   * Leaves with a damaged file that lies in `invalid/` by now what is wrong with it, as Glance does with a write that
   * failed. It is only a remark: without it the image is as damaged.
   */
  leaveNote(imageId: ImageId, change: RowChange): void {
    if (change.kind !== 'remove' || change.damage === undefined) return;
    const { damage, file: meant } = change;
    try {
      this.#inArea('write attributes of', 'invalid', imageId, (file) => {
        if (isSame(file.stats, meant)) file.set(ERROR, damage);
      });
    } catch {
      // Who wants to know may verify it again.
    }
  }

  #adopt(imageId: ImageId, row: IndexRow): Undo {
    try {
      return this.#write(imageId, row, 'rowless');
    } catch (error) {
      const isDenied = error instanceof Error && hasErrno(error.cause, 'EACCES', 'EPERM');
      const isForeign = this.#inArea('look at', 'cached', imageId, ({ stats }) => !this.#isOwners(stats));
      // It stays as it is, and the others get theirs. Who asked before has been told.
      if (isDenied && isForeign !== false) return NOTHING;
      throw error;
    }
  }

  #write(imageId: ImageId, row: IndexRow, which: 'any' | 'rowless'): Undo {
    const undo = this.#inArea('write attributes of', 'cached', imageId, (file) => {
      const { stats } = file;
      const before = file.get(HITS);
      if (before !== undefined && which === 'rowless') return NOTHING;
      const restoreHits = this.#restore(imageId, stats, (now) => {
        if (before === undefined) now.remove(HITS);
        else now.set(HITS, before);
      });
      setHits(file, row.hits);
      if (hasTimes(stats, row)) return restoreHits;
      try {
        file.setTimes(row.lastAccessedSec, row.lastModifiedSec);
      } catch (error) {
        restoreHits();
        throw error;
      }
      const restoreTimes = this.#restore(imageId, stats, (now) => {
        now.setTimes(stats.atimeMs / 1000, stats.mtimeMs / 1000);
      });
      return () => {
        restoreHits();
        restoreTimes();
      };
    });
    return undo ?? NOTHING;
  }

  #forget(imageId: ImageId, meant: FileIdentity): Undo {
    const undo = this.#inArea('write attributes of', 'cached', imageId, (file) => {
      // glance-api may have cached the image again: that file's hits are not the ones that were meant.
      const before = isSame(file.stats, meant) ? file.get(HITS) : undefined;
      if (before === undefined) return NOTHING;
      file.remove(HITS);
      return this.#restore(imageId, meant, (now) => now.set(HITS, before));
    });
    return undo ?? NOTHING;
  }

  /** What is done to a file when a change of it is taken back, if it is still there. */
  #restore(imageId: ImageId, meant: FileIdentity, work: (file: HeldFile) => void): Undo {
    return () => {
      this.#inArea('restore', 'cached', imageId, (file) => {
        if (isSame(file.stats, meant)) work(file);
      });
    };
  }

  #readHits(file: HeldFile): readonly [SeenImage['attribute'], number] {
    let value: Buffer | undefined;
    try {
      value = file.get(HITS);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (!hasErrno(error, 'EACCES', 'EPERM')) return ['unreadable', 0];
      // What Glance's own user may not read has no hits for Glance. Any other user only knows too little.
      if (this.#isOwners(file.stats)) throw error;
      return ['absent', 0];
    }
    if (value === undefined) return ['absent', 0];
    const text = value.toString('latin1');
    const hits = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(hits) ? ['sound', hits] : ['odd', 0];
  }

  /** Whether a file belongs to whom the cache belongs to. */
  #isOwners({ uid }: Stats): boolean {
    return uid === statSync(this.#layout.root).uid;
  }

  #inArea<T>(verb: string, area: Area, imageId: ImageId, work: (file: HeldFile) => T): T | undefined {
    const folder = this.#layout.areas[area];
    try {
      return this.#attributes.withFile(`${this.#folders.wayTo(folder)}/${imageId}`, work);
    } catch (error) {
      return onPath(verb, `${folder}/${imageId}`, () => {
        throw error;
      });
    }
  }
}

const NOTHING: Undo = () => undefined;

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function setHits(file: HeldFile, hits: number): void {
  const value = String(hits);
  if (file.get(HITS)?.toString('latin1') !== value) file.set(HITS, value);
}

/**
 * Whether a file's times say what a row does. A file that was never read has an access time before its last change: that
 * counts as use where a row is made of it, and is no reason to touch the times of the file.
 */
function hasTimes({ atimeMs, mtimeMs }: Stats, { lastAccessedSec, lastModifiedSec }: IndexRow): boolean {
  const isAccessed = lastAccessedSec === atimeMs / 1000 || lastAccessedSec === Math.max(atimeMs, mtimeMs) / 1000;
  return isAccessed && lastModifiedSec === mtimeMs / 1000;
}
