/**
 * Caches on a real disk with a real index, as Glance leaves them.
 */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { type AccessOptions, type CacheAccess, createAccess } from '../../src/cache/access.ts';
import { type ImageId, isImageId } from '../../src/cache/image-id.ts';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import { type Area, type CacheLayout, cacheLayout } from '../../src/cache/layout.ts';
import type { Patience } from '../../src/sqlite/retry-busy.ts';
import { clockAhead } from './clocks.ts';
import { driverOf } from './hooked-drivers.ts';
import { hookedPins } from './hooked-pins.ts';
import { type Hook, HookedDirectory, HookedIndex, HookedParts } from './hooked-ports.ts';
import { inDatabase, keeperOf, type StoredRow, setDriver } from './row-keepers.ts';

/** Any text as an image ID; fails when it is none. */
export function asImageId(text: string): ImageId {
  if (!isImageId(text)) throw new Error(`Not an image ID: ${text}`);
  return text;
}

/** The image ID of a small number, ordered as the numbers are. */
export function imageIdOf(number: number): ImageId {
  return asImageId(`${number.toString(16).padStart(8, '0')}-d94f-49cd-a114-e12490b328d9`);
}

/** A cache directory with its folders and an empty index. */
export function createCache(root: string, driver: DriverName = 'sqlite'): CacheLayout {
  const layout = cacheLayout(root, 'cache.db');
  for (const area of ['incomplete', 'invalid', 'queue'] as const) mkdirSync(layout.areas[area], { recursive: true });
  setDriver(layout, driver);
  keeperOf(layout).create(layout);
  return layout;
}

/** Does something to the index of the sqlite driver in this process; nothing else here may have it open. */
export function inIndex<T>(layout: CacheLayout, work: (db: Database.Database) => T): T {
  return inDatabase(layout.index, work);
}

/** Puts an image's file somewhere. Its content tells whose it is, so that a mix-up shows. */
export function putFile(
  layout: CacheLayout,
  area: Area,
  imageId: ImageId,
  more: { size?: number; agedSec?: number } = {},
): void {
  const path = join(layout.areas[area], imageId);
  writeFileSync(path, contentOf(imageId, more.size ?? 100));
  if (more.agedSec !== undefined) {
    const timeSec = Date.now() / 1000 - more.agedSec;
    utimesSync(path, timeSec, timeSec);
  }
}

/** What the file of an image holds. */
export function contentOf(imageId: ImageId, size: number): string {
  return imageId.repeat(Math.ceil(size / imageId.length)).slice(0, size);
}

/** Enters a row. */
export function putRow(layout: CacheLayout, imageId: string, row: Partial<StoredRow> = {}): void {
  const values = { last_accessed: 1000, last_modified: 1000, size: 100, hits: 0, ...row };
  keeperOf(layout).put(layout, { ...values, image_id: imageId });
}

/** An image as Glance caches it: file and row. */
export function putImage(layout: CacheLayout, imageId: ImageId, more: { size?: number; usedSec?: number } = {}): void {
  const { size = 100, usedSec = 1000 } = more;
  putFile(layout, 'cached', imageId, { size });
  putRow(layout, imageId, { last_accessed: usedSec, last_modified: usedSec, size });
}

/** Pins an image, as `pin-image` does. */
export function putPin(layout: CacheLayout, imageId: ImageId): void {
  mkdirSync(layout.pinned, { recursive: true });
  writeFileSync(join(layout.pinned, imageId), '');
}

/** What is pinned, in order. */
export function pinIdsOf({ pinned }: CacheLayout): readonly string[] {
  return existsSync(pinned) ? readdirSync(pinned).sort() : [];
}

/** The rows of the index, ordered by ID. */
export function rowsOf(layout: CacheLayout): readonly StoredRow[] {
  return keeperOf(layout).rows(layout);
}

/** The IDs in the index, in order. */
export function rowIdsOf(layout: CacheLayout): readonly unknown[] {
  return rowsOf(layout).map(({ image_id }) => image_id);
}

/** The images that lie in a folder, in order. */
export function fileIdsOf(layout: CacheLayout, area: Area = 'cached'): readonly string[] {
  return readdirSync(layout.areas[area]).filter(isImageId).sort();
}

/** What a file holds. With the xattr driver a look that is noted would be a use. */
export function readQuietly(path: string): Buffer {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOATIME);
  try {
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Whether every image file in the cache holds what it was made with, as long as it was. */
export function isIntact(layout: CacheLayout): boolean {
  return fileIdsOf(layout).every((name) => {
    const text = readQuietly(join(layout.root, name)).toString('utf8');
    return text === contentOf(asImageId(name), text.length);
  });
}

/** The access of a run that looks from an hour ahead, so that everything has settled. */
export function accessTo(
  layout: CacheLayout,
  more: Partial<AccessOptions> & Partial<Patience> & { readonly hook?: Hook } = {},
): CacheAccess {
  const { hook, clock = clockAhead(3600), signal = new AbortController().signal, timeoutSec = 1, ...options } = more;
  const patience = { clock, timeoutSec, signal };
  const access = createAccess({
    layout,
    index: driverOf(layout, patience, hook),
    program: 'glance-cache-pruner',
    lockPath: undefined,
    openFiles: undefined,
    patience,
    ...options,
  });
  if (hook === undefined) return access;
  return {
    ...access,
    directory: new HookedDirectory(access.directory, hook),
    parts: new HookedParts(access.parts, hook),
    pins: hookedPins(access.pins, hook),
    index: {
      ...access.index,
      open: async (create) => {
        hook('look index', '');
        return new HookedIndex(await access.index.open(create), hook);
      },
    },
  };
}
