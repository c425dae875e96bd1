import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { GlanceClient } from './api.ts';
import { copyCache } from './cache.ts';
import { sha256Of } from './digest.ts';
import { makeOwnedFolder } from './glance.ts';
import type { StackInfo } from './stack-info.ts';

/**
 * Caches in which index and files disagree. What the programs do then depends on the change times of the files, which
 * nobody can set, so these are made when the run begins, for tests that come last.
 */

/** An image that glance-api had cached. */
export interface AgedImage {
  readonly id: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Caches that glance-api had filled, each the folder of a node that has yet to be started. */
export interface AgedCaches {
  readonly images: readonly AgedImage[];
  /** Its index has no rows: what the first start with `centralized_db` leaves, release 2024.1. */
  readonly flipped: string;
  /** The first two images have no rows, the last two no files, and one in between has a row of the wrong size. */
  readonly adrift: string;
  /** When both were complete, epoch seconds. */
  readonly madeSec: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    agedCaches: AgedCaches;
  }
}

const NAMES = { flipped: 'aged-flipped', adrift: 'aged-adrift' };
/** The grace of the programs, design section 2, and a little more. */
const GRACE_SEC = 61;

/** Has the catalog's glance-api fill its cache, makes the aged ones of that, and leaves its own empty. */
export async function makeAgedCaches(stack: StackInfo): Promise<AgedCaches> {
  const client = await GlanceClient.connect(stack.keystoneUrl, stack.node, stack.accounts.admin);
  const images: AgedImage[] = [];
  for (const sizeBytes of [90_000, 80_001, 70_002, 60_003, 50_004, 40_005]) {
    const content = Buffer.alloc(sizeBytes, `image of ${sizeBytes} bytes `);
    const id = await client.uploadImage(content);
    await client.downloadImage(id);
    images.push({ id, sizeBytes, sha256: sha256Of(content) });
  }
  while ((await client.listCached()).length < images.length) await delay(10);
  for (const name of Object.values(NAMES)) {
    const dir = join(stack.stateDir, 'nodes', name);
    makeOwnedFolder(stack, dir);
    // Nobody downloads now, so the index rests although glance-api runs.
    await copyCache(stack.node.cacheDir, join(dir, 'cache'));
  }
  await client.request('DELETE', '/v2/cache');
  change(stack, NAMES.flipped, (index) => index.exec('DELETE FROM cached_images'));
  change(stack, NAMES.adrift, (index, cacheDir) => {
    const ids = images.map(({ id }) => id);
    for (const id of ids.slice(0, 2)) index.prepare('DELETE FROM cached_images WHERE image_id = ?').run(id);
    for (const id of ids.slice(-2)) rmSync(join(cacheDir, id));
    index.prepare('UPDATE cached_images SET size = 7 WHERE image_id = ?').run(ids[2]);
  });
  const stillThere = readdirSync(stack.node.cacheDir).filter((name) => ids(images).has(name));
  if (stillThere.length > 0) throw new Error(`Cannot empty the cache of ${stack.node.name}`);
  return { images, ...NAMES, madeSec: Date.now() / 1000 };
}

/** Waits until the programs may draw conclusions from the aged caches; no wait at all at the end of a whole run. */
export async function untilAged({ madeSec }: AgedCaches): Promise<void> {
  await delay(Math.max(0, madeSec + GRACE_SEC - Date.now() / 1000) * 1000);
}

function ids(images: readonly AgedImage[]): ReadonlySet<string> {
  return new Set(images.map(({ id }) => id));
}

function change(stack: StackInfo, name: string, work: (index: Database.Database, cacheDir: string) => void): void {
  const cacheDir = join(stack.stateDir, 'nodes', name, 'cache');
  const index = new Database(join(cacheDir, 'cache.db'));
  try {
    work(index, cacheDir);
  } finally {
    index.close();
  }
}
