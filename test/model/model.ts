/**
 * A cache in memory: what lies where, told as simply as it can be. It knows nothing of how the toolkit plans or works;
 * commands change it as design and driver say, and the directory on the disk is compared with it.
 */
import type { ImageId } from '../../src/cache/image-id.ts';
import { imageIdOf } from '../support/seeded-cache.ts';

/** The images there are: one of no bytes, two of the same size, one that is larger than all others. */
export const SIZES: ReadonlyMap<ImageId, number> = new Map(
  [0, 10, 100, 100, 450, 1000].map((size, place) => [imageIdOf(place + 1), size]),
);

/** The folders that hold images. */
export type Folder = 'cached' | 'incomplete' | 'invalid';

/** A file. Times are epoch seconds. */
export interface ModelFile {
  /** Which file it is, whatever its name: that of the inode. */
  readonly token: number;
  readonly sizeBytes: number;
  readonly accessedSec: number;
  readonly modifiedSec: number;
  /** When it was last renamed or written to; nobody can set that. */
  readonly changedSec: number;
}

/** A row of the index. */
export interface ModelRow {
  readonly accessedSec: number;
  readonly modifiedSec: number;
  readonly sizeBytes: number;
  readonly hits: number;
}

/** A journal of a prefetch. */
export interface ModelJournal {
  readonly file: ModelFile;
  readonly remembersMismatch: boolean;
}

/** Locks of which somebody else may hold one: those of other runs of the toolkit, and of Glance. */
export type LockName =
  | 'glance-cache-pruner'
  | 'glance-cache-cleaner'
  | 'glance-cache-manage'
  | 'glance-cache-prefetcher'
  | 'glance-cache'
  | 'glance-cache-prune'
  | 'glance-cache-clean';

/** Long ago, so that no time of the model is one that the kernel has given to a file. */
export const START_SEC = 1_000_000_000;

/** The state of a cache. */
export class Model {
  nowSec = START_SEC;
  readonly files: Readonly<Record<Folder, Map<ImageId, ModelFile>>> = {
    cached: new Map(),
    incomplete: new Map(),
    invalid: new Map(),
  };
  readonly rows = new Map<ImageId, ModelRow>();
  /** The places in the queue, epoch seconds. */
  readonly queue = new Map<ImageId, number>();
  readonly pins = new Set<ImageId>();
  readonly parts = new Map<ImageId, ModelFile>();
  readonly journals = new Map<ImageId, ModelJournal>();
  readonly tornJournals = new Set<ImageId>();
  /** Images that glance-api writes at the moment: it holds their files in `incomplete/` open. */
  readonly writers = new Set<ImageId>();
  /** Images that a client reads from the cache at the moment. */
  readonly readers = new Set<ImageId>();
  readonly locks = new Set<LockName>();
  /** Whether somebody is in the middle of a transaction on the index. */
  isIndexLocked = false;
  #tokens = 0;

  /** A file that is made now. */
  newFile(sizeBytes: number, more: { readonly modifiedSec?: number; readonly accessedSec?: number } = {}): ModelFile {
    this.#tokens++;
    const { nowSec } = this;
    const times = { accessedSec: nowSec, modifiedSec: nowSec, changedSec: nowSec };
    return { token: this.#tokens, sizeBytes, ...times, ...more };
  }

  /** Moves a file to another folder, over whatever lies there. */
  rename(imageId: ImageId, from: Map<ImageId, ModelFile>, to: Map<ImageId, ModelFile>): void {
    const file = from.get(imageId);
    if (file === undefined) throw new Error(`Nothing to rename: ${imageId}`);
    from.delete(imageId);
    to.set(imageId, { ...file, changedSec: this.nowSec });
  }

  /** Everything that lies on the disk, to be compared with it. */
  contents(): Contents {
    const namesOf = (images: Iterable<ImageId>, suffix: string): readonly string[] =>
      [...images].map((imageId) => `${imageId}${suffix}`);
    return {
      cached: filesIn(this.files.cached),
      incomplete: filesIn(this.files.incomplete),
      invalid: filesIn(this.files.invalid),
      rows: [...this.rows].map(([imageId, row]) => ({ imageId, ...row })).sort(byId),
      queue: this.queued(),
      pins: [...this.pins].sort(),
      parts: [
        ...namesOf(this.parts.keys(), '.part'),
        ...namesOf(this.journals.keys(), '.json'),
        ...namesOf(this.tornJournals, '.json.new'),
      ].sort(),
    };
  }

  /** The queue, first come first. */
  queued(): readonly ImageId[] {
    return [...this.queue].sort(([a, aSec], [b, bSec]) => aSec - bSec || (a < b ? -1 : 1)).map(([imageId]) => imageId);
  }

  /** How it looks in a failure. */
  toString(): string {
    return JSON.stringify(this.contents());
  }
}

/** What a cache holds. */
export interface Contents extends Readonly<Record<Folder, readonly HeldFile[]>> {
  readonly rows: readonly (ModelRow & { readonly imageId: string })[];
  readonly queue: readonly string[];
  readonly pins: readonly string[];
  /** The names in the folder of the prefetches. */
  readonly parts: readonly string[];
}

/** A file, by what can be seen of it at any time. */
export interface HeldFile {
  readonly imageId: string;
  readonly sizeBytes: number;
  readonly modifiedSec: number;
  readonly changedSec: number;
}

function filesIn(folder: ReadonlyMap<ImageId, ModelFile>): readonly HeldFile[] {
  return [...folder]
    .map(([imageId, { sizeBytes, modifiedSec, changedSec }]) => ({ imageId, sizeBytes, modifiedSec, changedSec }))
    .sort(byId);
}

/** The order of image IDs. */
export function byId(a: { readonly imageId: string }, b: { readonly imageId: string }): number {
  return a.imageId < b.imageId ? -1 : 1;
}
