/**
 * Behaves on a cache as glance-api does (glance/image_cache/drivers/sqlite.py): writes into incomplete/, renames, and
 * inserts the row in a transaction of its own; reads, and counts the hit; polls a locked index every 50 ms for 2 s.
 * Arguments: the cache directory, the number of images, and a file whose appearance ends it. Says what it did as one line
 * of JSON.
 */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { cacheLayout } from '../../../src/cache/layout.ts';
import { hasErrno } from '../../../src/errors/errno.ts';
import { contentOf, imageIdOf } from '../../support/seeded-cache.ts';

const PATIENCE_MS = 2000;
const POLL_MS = 50;
const SIZE = 5000;

const [root = '', images = '', stopFile = ''] = process.argv.slice(2);
const layout = cacheLayout(root, 'cache.db');
const report = { inserts: {} as Record<string, number>, hits: 0, torn: 0, lockedOut: 0, longestWaitMs: 0 };
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** One call on a connection of its own, as Glance makes it. */
function onIndex(sql: string, ...values: readonly unknown[]): void {
  const db = new Database(layout.index, { timeout: 0 });
  try {
    const startMs = performance.now();
    for (;;) {
      try {
        db.pragma('synchronous = NORMAL');
        db.prepare(sql).run(...values);
        report.longestWaitMs = Math.max(report.longestWaitMs, performance.now() - startMs);
        return;
      } catch (error) {
        if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))) throw error;
        if (performance.now() - startMs > PATIENCE_MS) {
          report.lockedOut++;
          return;
        }
        Atomics.wait(sleeper, 0, 0, POLL_MS);
      }
    }
  } finally {
    db.close();
  }
}

function download(number: number): void {
  const imageId = imageIdOf(number);
  const path = join(layout.root, imageId);
  const nowSec = Date.now() / 1000;
  if (existsSync(path)) {
    try {
      if (readFileSync(path, 'utf8') !== contentOf(imageId, SIZE)) report.torn++;
    } catch (error) {
      // It was removed in this very instant: the one failure of a client that there is no way around.
      if (!hasErrno(error, 'ENOENT')) throw error;
      return;
    }
    report.hits++;
    onIndex('UPDATE cached_images SET hits = hits + 1, last_accessed = ? WHERE image_id = ?', nowSec, imageId);
    return;
  }
  const incomplete = join(layout.areas.incomplete, imageId);
  writeFileSync(incomplete, contentOf(imageId, SIZE));
  renameSync(incomplete, path);
  const { size } = statSync(path);
  onIndex(
    'INSERT INTO cached_images (image_id, last_accessed, last_modified, hits, size) VALUES (?, ?, ?, 0, ?)',
    imageId,
    nowSec,
    nowSec,
    size,
  );
  report.inserts[imageId] = (report.inserts[imageId] ?? 0) + 1;
}

// The same walk in every run: what differs is how it meets the pruner.
let state = 12_345;
while (!existsSync(stopFile)) {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  download((state >> 8) % Number(images));
}
writeSync(1, `${JSON.stringify(report)}\n`);
