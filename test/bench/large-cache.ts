/**
 * Caches of any size as Glance's sqlite driver lays them out, made fast.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { GLANCE_SCHEMA } from '../support/glance-schema.ts';

/** A cache and the configuration file that names it. */
export interface LargeCache {
  readonly dir: string;
  readonly conf: string;
  /** Bytes of all images together. */
  readonly totalBytes: number;
  remove(): void;
}

const IMAGE = Buffer.alloc(100, 'x');
const FIRST_SEC = 1_700_000_000.25;

/** Makes a cache of so many images of 100 bytes, last used a second apart in an order that is not that of the IDs. */
export function makeCache(images: number): LargeCache {
  const base = mkdtempSync(join(tmpdir(), 'glance-cache-bench-'));
  const dir = join(base, 'cache');
  for (const folder of ['', 'incomplete', 'invalid', 'queue']) mkdirSync(join(dir, folder));
  const index = new Database(join(dir, 'cache.db'));
  index.exec(GLANCE_SCHEMA);
  const insert = index.prepare('INSERT INTO cached_images VALUES (?, ?, ?, ?, ?, NULL)');
  index.transaction(() => {
    for (let i = 0; i < images; i++) {
      const imageId = imageIdOf(i);
      writeFileSync(join(dir, imageId), IMAGE);
      insert.run(imageId, FIRST_SEC + i, FIRST_SEC, IMAGE.length, i % 100);
    }
  })();
  index.close();
  const totalBytes = images * IMAGE.length;
  const conf = join(base, 'glance-cache.conf');
  writeFileSync(conf, `[DEFAULT]\nimage_cache_dir = ${dir}\nimage_cache_max_size = ${Math.floor(totalBytes / 2)}\n`);
  return { dir, conf, totalBytes, remove: () => rmSync(base, { recursive: true }) };
}

/** Spreads the numbers over the IDs: an odd multiplier visits every 32-bit value once. */
function imageIdOf(number: number): string {
  const scrambled = Math.imul(number, 0x9e3779b1) >>> 0;
  return `${scrambled.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}
