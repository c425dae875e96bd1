/**
 * Caches of any size as Glance's sqlite driver lays them out, made fast, and made whole again after each run.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { GLANCE_SCHEMA } from '../support/glance-schema.ts';
import { makeFolder, removeFolder } from './folders.ts';

/** One block of most file systems. */
const IMAGE_BYTES = 4096;
const FIRST_SEC = 1_700_000_000.25;
const STALL_TIME_SEC = 86_400;
const ROOMY_BYTES = 1024 ** 4;

/**
 * What the images hold: nothing but a size, or a block on the disk each. How long it takes to free blocks is the file
 * system's and the disk's affair (some discard them one by one, a third of a millisecond each), and hides what the
 * programs take; real images have them all the same.
 */
export type Content = 'hole' | 'block';

const BLOCK = Buffer.alloc(IMAGE_BYTES, 'x');

/** A cache of images of 4 KiB, last used a second apart in an order that is not that of the IDs. */
export class LargeCache {
  readonly base = makeFolder();
  readonly dir = join(this.base, 'cache');
  readonly images: number;
  readonly content: Content;
  /** Names its folder, a maximum of half of what it holds, and all that the stock programs want to know. */
  readonly conf = join(this.base, 'glance-cache.conf');
  /** The same, with a maximum that is far away. */
  readonly roomyConf = join(this.base, 'roomy.conf');
  /** The names of the half that was not used for longest, a line each. */
  readonly victimList = join(this.base, 'victims');
  readonly #victims: readonly string[];
  readonly #pristineIndex = join(this.base, 'pristine.db');

  constructor(images: number, content: Content = 'hole') {
    this.images = images;
    this.content = content;
    for (const folder of ['', 'incomplete', 'invalid', 'queue']) mkdirSync(join(this.dir, folder));
    const names = Array.from({ length: images }, (_, number) => imageIdOf(number));
    for (const name of names) this.#putImage(join(this.dir, name));
    writeIndex(this.#pristineIndex, names);
    copyFileSync(this.#pristineIndex, join(this.dir, 'cache.db'));
    this.#victims = names.slice(0, Math.floor(images / 2));
    writeFileSync(this.victimList, `${this.#victims.join('\n')}\n`);
    writeFileSync(this.conf, confText(this.base, Math.ceil(images / 2) * IMAGE_BYTES));
    writeFileSync(this.roomyConf, confText(this.base, ROOMY_BYTES));
    settle(this.dir);
  }

  /** Puts back what was pruned. */
  restore(): void {
    for (const name of this.#victims) {
      const path = join(this.dir, name);
      if (!existsSync(path)) this.#putImage(path);
    }
    rmSync(join(this.dir, 'cache.db-journal'), { force: true });
    copyFileSync(this.#pristineIndex, join(this.dir, 'cache.db'));
    settle(this.dir);
  }

  /** Throws unless the half that was not used for longest is gone, and the other one is there. */
  checkPruned(): void {
    const left = readdirSync(this.dir).filter((name) => name.length === 36);
    const victims = new Set(this.#victims);
    const kept = left.filter((name) => !victims.has(name)).length;
    if (kept !== left.length || kept !== this.images - victims.size) {
      throw new Error(
        `Of ${this.images} images ${left.length} are left, ${left.length - kept} of which should be gone`,
      );
    }
  }

  /** Makes as many writes that have stalled. */
  stall(files: number): void {
    const stalledSec = Date.now() / 1000 - 30 * STALL_TIME_SEC;
    for (let number = 0; number < files; number++) {
      const path = join(this.dir, 'incomplete', imageIdOf(number));
      this.#putImage(path);
      utimesSync(path, stalledSec, stalledSec);
    }
    settle(this.dir);
  }

  /** Throws unless every one of them is gone. */
  checkCleaned(): void {
    const left = readdirSync(join(this.dir, 'incomplete')).length;
    if (left > 0) throw new Error(`${left} stalled files are left`);
  }

  remove(): void {
    removeFolder(this.base);
  }

  #putImage(path: string): void {
    if (this.content === 'block') {
      writeFileSync(path, BLOCK);
      return;
    }
    const file = openSync(path, 'w');
    ftruncateSync(file, IMAGE_BYTES);
    closeSync(file);
  }
}

/** Makes a cache, and removes it in the end. */
export async function withCache<T>(images: number, use: (cache: LargeCache) => T | Promise<T>): Promise<T> {
  return withCacheOf({ images, content: 'hole' }, use);
}

/** The same, of images with a certain content. */
export async function withCacheOf<T>(
  { images, content }: { readonly images: number; readonly content: Content },
  use: (cache: LargeCache) => T | Promise<T>,
): Promise<T> {
  const cache = new LargeCache(images, content);
  try {
    return await use(cache);
  } finally {
    cache.remove();
  }
}

/** Waits until all that was written to this file system is on its disk: nobody is to pay for what another one wrote. */
export function settle(path: string): void {
  spawnSync('sync', ['--file-system', path]);
}

function confText(base: string, maxSizeBytes: number): string {
  return `[DEFAULT]
image_cache_dir = ${join(base, 'cache')}
image_cache_driver = sqlite
image_cache_max_size = ${maxSizeBytes}
image_cache_stall_time = ${STALL_TIME_SEC}
[database]
connection = sqlite:///${join(base, 'glance.db')}
[glance_store]
filesystem_store_datadir = ${join(base, 'store')}
`;
}

function writeIndex(path: string, names: readonly string[]): void {
  const index = new Database(path);
  index.exec(GLANCE_SCHEMA);
  const insert = index.prepare('INSERT INTO cached_images VALUES (?, ?, ?, ?, ?, NULL)');
  index.transaction(() => {
    for (const [number, name] of names.entries()) {
      insert.run(name, FIRST_SEC + number, FIRST_SEC, IMAGE_BYTES, number % 100);
    }
  })();
  index.close();
}

/** Spreads the numbers over the IDs: an odd multiplier visits every 32-bit value once. */
function imageIdOf(number: number): string {
  const scrambled = Math.imul(number, 0x9e3779b1) >>> 0;
  return `${scrambled.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}
