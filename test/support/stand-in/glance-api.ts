/**
 * What glance-api does to a cache directory, step by step as its own driver does it
 * (glance/image_cache/drivers/sqlite.py), with all of its races: no lock, no exclusive creation, the row after the file.
 * Times are epoch seconds. Everything is synchronous; what waits for the index blocks.
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Area, CacheLayout } from '../../../src/cache/layout.ts';
import { hasErrno } from '../../../src/errors/errno.ts';
import { keeperOf } from '../row-keepers.ts';
import { callIndex, type IndexCall } from './glance-index.ts';

/** A call on rows that are in no index which might be locked. */
const DONE: IndexCall = { result: 'done', waitedMs: 0, code: undefined };

const CHUNK_BYTES = 64 * 1024;

/** What became of a download that goes by the cache. */
export interface Download {
  /**
   * `cached`: from the store, and into the cache. `uncached`: from the store, past a cache that has the image or gets it
   * from somebody else. `hit`: from the cache. `vanished`: it was in the cache at the look and gone at the opening: the
   * one HTTP 500. `torn`: from the cache, with other bytes than the image has.
   */
  readonly result: 'cached' | 'uncached' | 'hit' | 'vanished' | 'torn';
  /** The call on the index that ended it, where it made one. */
  readonly call: IndexCall | undefined;
}

/** A download into the cache that is under way. */
export interface ColdDownload {
  /** The bytes written so far. */
  readonly writtenBytes: number;
  /** Writes the next bytes; false when there are none left. */
  write(maxBytes: number): boolean;
  /** All bytes have come: publishes the file, drops the marker, enters the row. */
  finish(nowSec: number): IndexCall;
  /** The first half of that, which needs no lock. Returns the second one: the row. */
  publish(): (nowSec: number) => IndexCall;
  /** The client has gone away or the checksum is wrong: the file goes to `invalid/`, and a row of the image goes. */
  abort(): IndexCall;
  /** glance-api is killed: what it has written stays. */
  die(): void;
}

/** Whether the cache has an image: by its file alone. */
export function isCached(layout: CacheLayout, imageId: string): boolean {
  return existsSync(pathOf(layout, 'cached', imageId));
}

/** Serves one request of a client: from the cache, or into it, or past it. */
export function download(layout: CacheLayout, imageId: string, content: Uint8Array, nowSec: number): Download {
  if (isCached(layout, imageId)) return readHit(layout, imageId, content, nowSec);
  const cold = beginDownload(layout, imageId, content);
  if (cold === undefined) return { result: 'uncached', call: undefined };
  while (cold.write(CHUNK_BYTES));
  return { result: 'cached', call: cold.finish(nowSec) };
}

/**
 * Begins to write an image into the cache; undefined where it is there or is being written, as far as a look tells: two
 * may begin at once, and write the same file then.
 */
export function beginDownload(layout: CacheLayout, imageId: string, content: Uint8Array): ColdDownload | undefined {
  const incomplete = pathOf(layout, 'incomplete', imageId);
  if (isCached(layout, imageId) || existsSync(incomplete)) return undefined;
  // Truncates what somebody else has begun in between.
  const handle = openSync(incomplete, 'w');
  let writtenBytes = 0;
  return {
    get writtenBytes() {
      return writtenBytes;
    },
    write(maxBytes) {
      writtenBytes += writeSync(handle, content.subarray(writtenBytes, writtenBytes + maxBytes));
      return writtenBytes < content.length;
    },
    finish(nowSec) {
      return this.publish()(nowSec);
    },
    publish() {
      closeSync(handle);
      publishFile(layout, imageId);
      return (nowSec) => enterRow(layout, imageId, nowSec);
    },
    abort() {
      closeSync(handle);
      return rollBack(layout, imageId);
    },
    die: () => closeSync(handle),
  };
}

/** @throws ENOENT, when somebody has removed the file in `incomplete/`: nobody may, while it is being written */
function publishFile(layout: CacheLayout, imageId: string): void {
  const incomplete = pathOf(layout, 'incomplete', imageId);
  keeperOf(layout).glance?.begin(incomplete);
  renameSync(incomplete, pathOf(layout, 'cached', imageId));
  unlinkIfPresent(pathOf(layout, 'queue', imageId));
}

function enterRow(layout: CacheLayout, imageId: string, nowSec: number): IndexCall {
  const size = statSync(pathOf(layout, 'cached', imageId), { throwIfNoEntry: false })?.size;
  // Somebody has removed what has just come: an error in the log of glance-api, and no row.
  if (size === undefined) return { result: 'refused', waitedMs: 0, code: 'ENOENT' };
  const { glance } = keeperOf(layout);
  if (glance !== undefined) {
    glance.enter(layout, { image_id: imageId, last_accessed: nowSec, last_modified: nowSec, size, hits: 0 });
    return DONE;
  }
  return callIndex(layout, (index) => {
    index.execute(
      'INSERT INTO cached_images (image_id, last_accessed, last_modified, hits, size) VALUES (?, ?, ?, 0, ?)',
      imageId,
      nowSec,
      nowSec,
      size,
    );
    index.commit();
  });
}

function rollBack(layout: CacheLayout, imageId: string): IndexCall {
  const incomplete = pathOf(layout, 'incomplete', imageId);
  const retire = (): void => {
    if (existsSync(incomplete)) renameSync(incomplete, pathOf(layout, 'invalid', imageId));
  };
  const { glance } = keeperOf(layout);
  if (glance !== undefined) {
    retire();
    glance.drop(layout, imageId);
    return DONE;
  }
  return callIndex(layout, (index) => {
    retire();
    index.execute('DELETE FROM cached_images WHERE image_id = ?', imageId);
    index.commit();
  });
}

/** A cached image that a client reads. */
export interface OpenHit {
  /** Reads the rest, and counts the hit; tells whether every byte was right. */
  finish(nowSec: number): Download;
  /** The client goes away: nothing is counted. */
  abort(): void;
}

/** Opens a cached image for a client; undefined when it is not there (any more). */
export function beginHit(layout: CacheLayout, imageId: string, content: Uint8Array): OpenHit | undefined {
  let handle: number;
  try {
    handle = openSync(pathOf(layout, 'cached', imageId), 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  return {
    finish(nowSec) {
      const isWhole = readAll(handle).equals(content);
      closeSync(handle);
      const sql = 'UPDATE cached_images SET hits = hits + 1, last_accessed = ? WHERE image_id = ?';
      const { glance } = keeperOf(layout);
      glance?.hit(layout, imageId, nowSec);
      const call = glance === undefined ? change(layout, sql, nowSec, imageId) : DONE;
      return { result: isWhole ? 'hit' : 'torn', call };
    },
    abort: () => closeSync(handle),
  };
}

function readHit(layout: CacheLayout, imageId: string, content: Uint8Array, nowSec: number): Download {
  return beginHit(layout, imageId, content)?.finish(nowSec) ?? { result: 'vanished', call: undefined };
}

function readAll(handle: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const bytes = readSync(handle, chunk);
    if (bytes === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, bytes));
  }
}

/** Removes one image from the cache, as glance-api does when the image is deleted: the file first. */
export function deleteCachedImage(layout: CacheLayout, imageId: string): IndexCall {
  return deleteFile(layout, imageId)();
}

/** The first half of that, which needs no lock. Returns the second one: the row. */
export function deleteFile(layout: CacheLayout, imageId: string): () => IndexCall {
  unlinkIfPresent(pathOf(layout, 'cached', imageId));
  return () => {
    const { glance } = keeperOf(layout);
    glance?.drop(layout, imageId);
    return glance === undefined ? change(layout, 'DELETE FROM cached_images WHERE image_id = ?', imageId) : DONE;
  };
}

/** Clears the cache: every regular file beside the index, its journal and the lock files included, and every row. */
export function clearCache(layout: CacheLayout): IndexCall {
  return clearFiles(layout)();
}

/** The first half of that, which needs no lock. Returns the second one: the rows. */
export function clearFiles(layout: CacheLayout): () => IndexCall {
  for (const path of filesIn(layout, 'cached')) unlinkIfPresent(path);
  return () => {
    const { glance } = keeperOf(layout);
    glance?.drop(layout);
    return glance === undefined ? change(layout, 'DELETE FROM cached_images') : DONE;
  };
}

function change(layout: CacheLayout, sql: string, ...values: readonly unknown[]): IndexCall {
  return callIndex(layout, (index) => {
    index.execute(sql, ...values);
    index.commit();
  });
}

/** Puts an image into the queue; false where it is cached, being cached or queued. */
export function queueImage(layout: CacheLayout, imageId: string): boolean {
  const isThere = (['cached', 'incomplete', 'queue'] as const).some((area) =>
    existsSync(pathOf(layout, area, imageId)),
  );
  if (!isThere) writeFileSync(pathOf(layout, 'queue', imageId), '');
  return !isThere;
}

/** Takes an image out of the queue. */
export function dequeueImage(layout: CacheLayout, imageId: string): void {
  unlinkIfPresent(pathOf(layout, 'queue', imageId));
}

/** Empties the queue. */
export function clearQueue(layout: CacheLayout): void {
  for (const path of filesIn(layout, 'queue')) unlinkIfPresent(path);
}

/** What glance-api takes for images: the regular files of a folder, the index left out. */
export function filesIn(layout: CacheLayout, area: Area): readonly string[] {
  return readdirSync(layout.areas[area])
    .map((name) => join(layout.areas[area], name))
    .filter((path) => path !== layout.index && isRegular(path));
}

function isRegular(path: string): boolean {
  // Python's isfile follows links.
  return (
    lstatSync(path, { throwIfNoEntry: false }) !== undefined &&
    statSync(path, { throwIfNoEntry: false })?.isFile() === true
  );
}

/** Removes a file if there is one. */
export function unlinkIfPresent(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}

function pathOf(layout: CacheLayout, area: Area, imageId: string): string {
  return join(layout.areas[area], imageId);
}
