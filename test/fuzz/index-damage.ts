/**
 * Indexes of any making with any damage, and the cache that they are of.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { type CacheFixture, idOf } from '../support/cache-fixture.ts';
import { at, bitFlips, cutOff, place } from '../support/damage.ts';
import { GLANCE_SCHEMA } from '../support/glance-schema.ts';

/** The images of the cache, and the size of each. */
export const IMAGES = [...'0123456789ab'].map(idOf);
export const IMAGE_BYTES = 1000;

/** How an index was made. */
export interface Making {
  readonly pageSize: number;
  readonly encoding: 'UTF-8' | 'UTF-16le' | 'UTF-16be';
  readonly autoVacuum: number;
  readonly journalMode: 'delete' | 'wal';
}

/** A whole database, with a row of each image and many of none, so that there are pages of all kinds. */
export function makeIndex(path: string, { pageSize, encoding, autoVacuum, journalMode }: Making): void {
  const db = new Database(path);
  db.pragma(`page_size = ${pageSize}`);
  db.pragma(`encoding = '${encoding}'`);
  db.pragma(`auto_vacuum = ${autoVacuum}`);
  db.pragma(`journal_mode = ${journalMode}`);
  db.exec(GLANCE_SCHEMA);
  const insert = db.prepare('INSERT INTO cached_images VALUES (?, ?, ?, ?, ?, NULL)');
  db.transaction(() => {
    for (const [place, id] of IMAGES.entries()) insert.run(id, 1000 + place, 1000, IMAGE_BYTES, place);
    for (let i = 0; i < 60; i += 1) insert.run(`foreign-${i}${'x'.repeat((i * 37) % 900)}`, 5, 5, 5, 5);
    for (let i = 0; i < 40; i += 2) db.prepare('DELETE FROM cached_images WHERE image_id LIKE ?').run(`foreign-${i}x%`);
  })();
  db.close();
}

const made = new Map<string, Buffer>();

/** The bytes of such an index; made once. */
export function indexBytes(folder: string, making: Making): Buffer {
  const key = JSON.stringify(making);
  let bytes = made.get(key);
  if (bytes === undefined) {
    const path = join(folder, 'template.db');
    rmSync(path, { force: true });
    makeIndex(path, making);
    bytes = readFileSync(path);
    made.set(key, bytes);
  }
  return Buffer.from(bytes);
}

/** Any making. */
export const making: fc.Arbitrary<Making> = fc.record({
  pageSize: fc.constantFrom(512, 512, 1024, 4096, 65_536),
  encoding: fc.constantFrom('UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'),
  autoVacuum: fc.constantFrom(0, 0, 1, 2),
  journalMode: fc.constantFrom('delete', 'delete', 'delete', 'wal'),
});

/** Something that happens to a database with pages of that size. */
export type PageDamage = (bytes: Buffer, pageSize: number) => Buffer;

const header = fc
  .tuple(
    fc.integer({ min: 16, max: 99 }),
    fc.constantFrom(0, 1, 2, 4, 0x7f, 0x80, 0xff),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(
    ([offset, value, length]): PageDamage =>
      (bytes) => {
        bytes.subarray(offset, offset + length).fill(value);
        return bytes;
      },
  );
/** The first bytes of a page say what is where in it. */
const pageHead = fc.tuple(place, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 255 })).map(
  ([part, offset, value]): PageDamage =>
    (bytes, pageSize) => {
      const page = Math.floor(part * (bytes.length / pageSize));
      bytes[page * pageSize + (page === 0 ? 100 : 0) + offset] = value;
      return bytes;
    },
);
const overwritten = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 3000 })).map(
  ([part, garbage]): PageDamage =>
    (bytes) => {
      bytes.set(garbage.subarray(0, bytes.length - at(bytes, part)), at(bytes, part));
      return bytes;
    },
);
const cutAtPage = place.map(
  (part): PageDamage =>
    (bytes, pageSize) =>
      bytes.subarray(0, at(bytes, part) - (at(bytes, part) % pageSize)),
);
const pageCopied = fc.tuple(place, place).map(
  ([from, to]): PageDamage =>
    (bytes, pageSize) => {
      const [source, target] = [at(bytes, from), at(bytes, to)].map((offset) => offset - (offset % pageSize));
      return bytes.copyWithin(target ?? 0, source ?? 0, (source ?? 0) + pageSize);
    },
);
const longer = fc.uint8Array({ minLength: 1, maxLength: 5000 }).map(
  (garbage): PageDamage =>
    (bytes) =>
      Buffer.concat([bytes, garbage]),
);
/** What happens to one index. */
export const damages = fc.array(
  fc.oneof<fc.Arbitrary<PageDamage>[]>(bitFlips, header, pageHead, overwritten, cutOff, cutAtPage, pageCopied, longer),
  {
    minLength: 1,
    maxLength: 3,
  },
);

/** What lies beside it as its journal. */
export const garbageJournal = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  // The magic number of a journal in front.
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.concat([Buffer.from('d9d505f920a163d7', 'hex'), bytes])),
);

/** The images that are not cached any more. */
export function missing(it: CacheFixture): readonly string[] {
  const present = it.names('cached');
  return IMAGES.filter((id) => !present.includes(id));
}

/** Puts back what a round has removed. */
export function restore(it: CacheFixture): void {
  for (const name of readdirSync(it.root)) if (name.startsWith('cache.db')) rmSync(join(it.root, name));
  rmSync(it.layout.areas.invalid, { recursive: true });
  mkdirSync(it.layout.areas.invalid);
  for (const id of missing(it)) it.addFile('cached', id, { size: IMAGE_BYTES });
}
