/**
 * The real cache that the model is held to: a directory, its index, whoever has files of it open, and the time they all
 * live in.
 */
import { closeSync, constants, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { ImageId } from '../../src/cache/image-id.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { pathsBelow } from '../support/directory-state.ts';
import { partNames } from '../support/parts.ts';
import { asImageId, contentOf, createCache, fileIdsOf, pinIdsOf, rowsOf } from '../support/seeded-cache.ts';
import type { ColdDownload, OpenHit } from '../support/stand-in/glance-api.ts';
import { byId, type Contents, type Folder, type HeldFile, type LockName, type Model } from './model.ts';
import { ModelTime } from './model-time.ts';

/** A cache on the disk, and those who work on it beside the toolkit. */
export class World {
  readonly folder: string;
  readonly layout: CacheLayout;
  readonly time: ModelTime;
  readonly downloads = new Map<ImageId, ColdDownload>();
  readonly hits = new Map<ImageId, OpenHit>();
  readonly #locks = new Map<string, Database.Database>();

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder);
    this.layout = createCache(join(folder, 'cache'));
    this.time = new ModelTime(folder);
    makeProc(this.proc);
  }

  /** A procfs that shows no process but this one, to a root that sees everything. */
  get proc(): string {
    return join(this.folder, 'proc');
  }

  /** Takes a lock as another run of the toolkit or Glance does. */
  lock(name: LockName | 'index'): void {
    const { layout } = this;
    const path = name === 'index' ? layout.index : join(isOurs(name) ? layout.locks : layout.root, name);
    mkdirSync(layout.locks, { recursive: true });
    const db = new Database(path);
    if (name !== 'index') db.pragma('journal_mode = MEMORY');
    db.exec(name === 'index' ? 'BEGIN IMMEDIATE' : 'BEGIN EXCLUSIVE');
    this.#locks.set(name, db);
  }

  /** Gives a lock back. */
  unlock(name: LockName | 'index'): void {
    this.#locks.get(name)?.close();
    this.#locks.delete(name);
  }

  /** Ends everything that is still under way, whatever became of the run. */
  close(): void {
    for (const download of this.downloads.values()) download.die();
    for (const hit of this.hits.values()) hit.abort();
    for (const db of this.#locks.values()) db.close();
  }

  /** Holds the cache to the model. */
  expectLike(model: Model): void {
    expect(this.contents()).toEqual(model.contents());
    for (const imageId of model.files.cached.keys()) expect(this.read(imageId)).toBe(this.#wholeImage(imageId));
  }

  /** What the disk says of every file and folder, so that a change of any kind shows. */
  fingerprint(): readonly string[] {
    return ['', ...pathsBelow(this.layout.root)].sort().map((path) => {
      const { ino, size, mtimeNs, ctimeNs } = lstatSync(join(this.layout.root, path), { bigint: true });
      return `${path} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    });
  }

  /** The content of a cached image. Reading it leaves the time of its last use alone. */
  read(imageId: ImageId): string {
    const handle = openSync(join(this.layout.root, imageId), constants.O_RDONLY | constants.O_NOATIME);
    try {
      return readFileSync(handle, 'utf8');
    } finally {
      closeSync(handle);
    }
  }

  /** When a cached image was last read, as the file system tells; that depends on how it is mounted. */
  accessedSec(imageId: ImageId): number {
    return this.time.ofStamp(lstatSync(join(this.layout.root, imageId)).atimeMs);
  }

  contents(): Contents {
    const { layout } = this;
    return {
      cached: this.#filesIn('cached'),
      incomplete: this.#filesIn('incomplete'),
      invalid: this.#filesIn('invalid'),
      rows: rowsOf(layout).map(({ image_id, last_accessed, last_modified, size, hits }) => ({
        imageId: String(image_id),
        accessedSec: Number(last_accessed),
        modifiedSec: Number(last_modified),
        sizeBytes: Number(size),
        hits: Number(hits),
      })),
      queue: this.#queued(),
      pins: pinIdsOf(layout),
      parts: partNames(layout),
    };
  }

  #wholeImage(imageId: ImageId): string {
    return contentOf(imageId, lstatSync(join(this.layout.root, imageId)).size);
  }

  #filesIn(folder: Folder): readonly HeldFile[] {
    return fileIdsOf(this.layout, folder)
      .map((imageId) => {
        const { size, mtimeMs, ctimeMs } = lstatSync(join(this.layout.areas[folder], imageId));
        const [modifiedSec, changedSec] = [this.time.ofStamp(mtimeMs), this.time.ofStamp(ctimeMs)];
        return { imageId, sizeBytes: size, modifiedSec, changedSec };
      })
      .sort(byId);
  }

  #queued(): readonly string[] {
    const folder = this.layout.areas.queue;
    return readdirSync(folder)
      .map((name) => ({ imageId: asImageId(name), sec: this.time.ofStamp(lstatSync(join(folder, name)).mtimeMs) }))
      .sort((a, b) => a.sec - b.sec || byId(a, b))
      .map(({ imageId }) => imageId);
  }
}

function isOurs(name: LockName): boolean {
  return /^glance-cache-(pruner|cleaner|manage|prefetcher)$/.test(name);
}

function makeProc(proc: string): void {
  mkdirSync(join(proc, 'self', 'ns'), { recursive: true });
  symlinkSync('pid:[4026531836]', join(proc, 'self', 'ns', 'pid'));
  symlinkSync('/proc/self', join(proc, String(process.pid)));
}
