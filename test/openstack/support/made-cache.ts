import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { inject } from 'vitest';
import { GLANCE_SCHEMA } from '../../support/glance-schema.ts';
import type { CacheRow } from './cache.ts';
import { confText } from './conf-text.ts';
import { canSwitchUser } from './service-user.ts';
import type { GlanceNode } from './stack-info.ts';

/**
 * Images in a cache that no glance-api has put there, with rows, owners and modes as if it had. For tests that need
 * many, or of times that nobody wants to wait for; no Glance knows these images.
 */

/** Its row, before it is entered. */
export type MadeImage = Pick<CacheRow, 'last_accessed' | 'last_modified' | 'size' | 'hits'>;

/** Makes a cache directory that no glance-api serves, and a glance-cache.conf for it beside it. */
export function makeCache(name: string): Pick<GlanceNode, 'cacheDir' | 'cacheConf' | 'lockDir'> {
  const { stateDir } = inject('stack');
  const dir = join(stateDir, 'nodes', name);
  const cacheDir = join(dir, 'cache');
  for (const path of [dir, cacheDir]) makeFolder(path);
  for (const folder of ['incomplete', 'invalid', 'queue']) makeFolder(join(cacheDir, folder));
  writeIndex(cacheDir, []);
  giveToGlance(join(cacheDir, 'cache.db'), 0o640);
  return { cacheDir, cacheConf: writeCacheConf(cacheDir), lockDir: null };
}

/** Writes a glance-cache.conf for a cache directory, beside it, and returns its path. */
export function writeCacheConf(cacheDir: string, options: Readonly<Record<string, string | number>> = {}): string {
  const path = `${cacheDir}.conf`;
  writeFileSync(path, confText({ DEFAULT: { image_cache_dir: cacheDir, image_cache_driver: 'sqlite', ...options } }));
  return path;
}

/** Puts images into a cache directory; returns their ids in the order given. */
export function addImages(cacheDir: string, images: readonly MadeImage[]): string[] {
  const rows = images.map((image) => ({ image_id: randomUUID(), ...image }));
  for (const { image_id, size } of rows) {
    const path = join(cacheDir, image_id);
    writeFileSync(path, Buffer.alloc(size));
    giveToGlance(path, 0o640);
  }
  writeIndex(cacheDir, rows);
  return rows.map(({ image_id }) => image_id);
}

/** Rows of that many images of one size, used one second after the other, long ago. */
export function longUnused(count: number, size: number): MadeImage[] {
  const time = 1_600_000_000;
  return Array.from({ length: count }, (_, i) => ({ last_accessed: time + i, last_modified: time, size, hits: i % 7 }));
}

/** Makes a file or folder one of Glance's. */
export function giveToGlance(path: string, mode: number): void {
  const { user } = inject('stack');
  chmodSync(path, mode);
  if (canSwitchUser) chownSync(path, user.uid, user.gid);
}

function makeFolder(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path);
  giveToGlance(path, 0o755);
}

function writeIndex(cacheDir: string, rows: readonly Omit<CacheRow, 'checksum'>[]): void {
  const index = new Database(join(cacheDir, 'cache.db'), { timeout: 10_000 });
  try {
    index.exec(GLANCE_SCHEMA);
    const insert = index.prepare(
      `INSERT INTO cached_images (image_id, last_accessed, last_modified, size, hits)
       VALUES (@image_id, @last_accessed, @last_modified, @size, @hits)`,
    );
    index.transaction(() => {
      for (const row of rows) insert.run(row);
    })();
  } finally {
    index.close();
  }
}
