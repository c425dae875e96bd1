// A sample cache as glance-api leaves one on a node: images with their rows in the index, a write that failed, one that
// stalled, and one that is still under way.
import { closeSync, ftruncateSync, mkdirSync, openSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const MIB = 1024 ** 2;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The images of the sample, by what is special about them. */
export const IMAGES = {
  busy: '1f0d7c54-3a1e-4d5b-9c0a-2b7f6f8e4a01',
  steady: '5b9e2c88-0c67-4f0e-8f43-7d1a9c3e5b02',
  neverRead: '8d4f61aa-7e29-4c3b-b1d6-0e5a2f9c7d03',
  forgotten: 'c2a7e39b-54f8-4b6d-a8e1-93d0b6f4e804',
  // glance-api has just renamed it into place, and is about to enter it into the index.
  justArrived: 'e6b18d40-9f3c-4a72-86c5-4fd27a1b0e05',
  // Somebody removed its file by hand.
  fileGone: 'f3c5a7e9-1b2d-4e6f-a0b4-c8d2e6f0a106',
  failed: '2ac94e17-b6d3-4085-9e7f-d15b8c3a6f07',
  stalled: '47e0b3d2-6a8c-4f19-b5e4-8c2f7a9d1b08',
  underWay: '93f8d1c6-e2a5-4b70-a4d9-6b0e3c7f5a09',
  // In Glance, and to be fetched: over HTTP, and from the file store.
  wanted: 'a51c7e0f-d849-4e36-92b8-f7a3d6c1e40a',
  wantedFromStore: 'b7d20f91-4c63-4d8e-8a15-30e9c5f4d20b',
};

/** What Glance has of the images that are fetched: size in bytes. */
export const WANTED = { [IMAGES.wanted]: 6 * MIB, [IMAGES.wantedFromStore]: 4 * MIB };

/** The index's rows: size in bytes, seconds since the image came and since it was last read, and how often it was. */
const ROWS = [
  { id: IMAGES.busy, size: 40 * MIB, cachedAgo: 9 * DAY, readAgo: 5 * MINUTE, hits: 212 },
  { id: IMAGES.steady, size: 25 * MIB, cachedAgo: 6 * DAY, readAgo: 7 * HOUR, hits: 31 },
  { id: IMAGES.neverRead, size: 30 * MIB, cachedAgo: 20 * DAY, readAgo: undefined, hits: 0 },
  { id: IMAGES.forgotten, size: 35 * MIB, cachedAgo: 60 * DAY, readAgo: 45 * DAY, hits: 3 },
  { id: IMAGES.fileGone, size: 10 * MIB, cachedAgo: 12 * DAY, readAgo: 11 * DAY, hits: 1 },
];

/**
 * Fills a folder.
 *
 * @param {string} dir the cache directory, to be made
 */
export function makeSampleCache(dir) {
  const now = Date.now() / 1000;
  for (const folder of ['incomplete', 'invalid', 'queue']) mkdirSync(join(dir, folder), { recursive: true });
  for (const { id, size, cachedAgo } of ROWS)
    if (id !== IMAGES.fileGone) writeImage(join(dir, id), size, now - cachedAgo);
  writeImage(join(dir, IMAGES.justArrived), 15 * MIB, now);
  writeImage(join(dir, 'invalid', IMAGES.failed), 8 * MIB, now - 3 * HOUR);
  writeImage(join(dir, 'incomplete', IMAGES.stalled), 12 * MIB, now - 2 * DAY);
  writeImage(join(dir, 'incomplete', IMAGES.underWay), 4 * MIB, now - 20);
  // glance-api leaves this lock file behind.
  writeFileSync(join(dir, 'image_cache_db_init'), '');
  writeIndex(join(dir, 'cache.db'), now);
}

/** A file without content takes no space on the disk, whatever its size. */
function writeImage(path, sizeBytes, modifiedSec) {
  const handle = openSync(path, 'wx', 0o640);
  ftruncateSync(handle, sizeBytes);
  closeSync(handle);
  utimesSync(path, modifiedSec, modifiedSec);
}

// Node 24.19 and later abort when an object of better-sqlite3 12 is collected: see src/sqlite/connection.ts.
const keptAlive = [];

/** The index as glance-api creates it: https://github.com/openstack/glance, glance/image_cache/drivers/sqlite.py */
function writeIndex(path, now) {
  const db = new Database(path);
  db.exec(`CREATE TABLE cached_images (image_id TEXT PRIMARY KEY, last_accessed REAL DEFAULT 0.0,
    last_modified REAL DEFAULT 0.0, size INTEGER DEFAULT 0, hits INTEGER DEFAULT 0, checksum TEXT)`);
  const insert = db.prepare('INSERT INTO cached_images VALUES (?, ?, ?, ?, ?, NULL)');
  keptAlive.push(db, insert);
  for (const { id, size, cachedAgo, readAgo, hits } of ROWS) {
    // 0 is how the index says "never".
    insert.run(id, readAgo === undefined ? 0 : now - readAgo, now - cachedAgo, size, hits);
  }
  db.close();
}
