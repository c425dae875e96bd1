/**
 * Records hits in an index, one after the other, as a glance-api does that serves from its cache. Arguments: the cache
 * directory, and how many of the images that were used last are asked for. Says "ready", and how often it did and how
 * long it had to wait as one line of JSON when its standard input ends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { cacheLayout } from '../../src/cache/layout.ts';
import { callIndex } from '../support/stand-in/glance-index.ts';

/** What it has met. */
export interface HitReport {
  hits: number;
  /** Calls that waited for longer than glance-api does, or failed. */
  lost: number;
  longestWaitMs: number;
}

const [root = '', images = '0'] = process.argv.slice(2);
const layout = cacheLayout(root, 'cache.db');
const report: HitReport = { hits: 0, lost: 0, longestWaitMs: 0 };
const wanted: unknown[] = [];
callIndex(layout, (index) => {
  const rows = index.all(`SELECT image_id FROM cached_images ORDER BY last_accessed DESC LIMIT ${Number(images)}`);
  wanted.push(...rows.map(({ image_id }) => image_id));
});

process.stdin.resume();
console.log('ready');
while (!process.stdin.readableEnded) {
  const imageId = wanted[report.hits % wanted.length];
  const { result, waitedMs } = callIndex(layout, (index) => {
    const set = 'UPDATE cached_images SET hits = hits + 1, last_accessed = ? WHERE image_id = ?';
    index.execute(set, Date.now() / 1000, imageId);
    index.commit();
  });
  report.hits++;
  if (result !== 'done') report.lost++;
  report.longestWaitMs = Math.max(report.longestWaitMs, waitedMs);
  // Clients take time.
  await delay(1);
}
console.log(JSON.stringify(report));
