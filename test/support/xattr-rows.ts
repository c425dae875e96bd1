/**
 * Rows of the `xattr` driver in tests: `user.hits` of the image files, and their times. To be imported by tests of that
 * driver; others can do without the package that it takes.
 */
import { existsSync, lstatSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { ATTRIBUTES, attributeOf, setAttribute, WITHOUT_ATTRIBUTES } from './attributes.ts';
import { pathsBelow } from './directory-state.ts';
import { addRowKeeper, copyFolder } from './row-keepers.ts';
import { fileIdsOf } from './seeded-cache.ts';

const HITS = 'user.hits';
const ERROR = 'user.error';

function rowOf({ root }: CacheLayout, image_id: string) {
  const path = join(root, image_id);
  const hits = attributeOf(path, HITS);
  if (hits === undefined) return [];
  const { size, atimeMs, mtimeMs } = lstatSync(path);
  return [{ image_id, last_accessed: atimeMs / 1000, last_modified: mtimeMs / 1000, size, hits: Number(hits) }];
}

/** The regular files of a cache, with their attributes and times. */
function traitsOf(root: string) {
  return pathsBelow(root).flatMap((path) => {
    const stats = lstatSync(join(root, path));
    if (!stats.isFile()) return [];
    const values = [HITS, ERROR].map((name) => [name, attributeOf(join(root, path), name)] as const);
    return [{ path, values, usedSec: stats.atimeMs / 1000, changedSec: stats.mtimeMs / 1000 }];
  });
}

addRowKeeper('xattr', {
  glance: {
    begin: (path) => setAttribute(path, HITS, '0'),
    enter: () => undefined,
    hit({ root }, imageId) {
      const path = join(root, imageId);
      // It may have gone meanwhile, which glance-api writes to its log.
      if (existsSync(path)) setAttribute(path, HITS, String(Number(attributeOf(path, HITS) ?? 0) + 1));
    },
    drop: () => undefined,
  },
  database: () => undefined,
  create: () => undefined,
  put({ root }, { image_id, last_accessed, last_modified, hits }) {
    const path = join(root, String(image_id));
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    setAttribute(path, HITS, String(hits));
    utimesSync(path, Number(last_accessed), Number(last_modified));
  },
  rows: (layout) => fileIdsOf(layout).flatMap((imageId) => rowOf(layout, imageId)),
  remove: () => undefined,
  copy(from, to) {
    // The copying itself is a use.
    const traits = traitsOf(from.root);
    copyFolder(from, to);
    for (const { path, values, usedSec, changedSec } of traits) {
      for (const [name, value] of values) if (value !== undefined) setAttribute(join(to.root, path), name, value);
      for (const { root } of [from, to]) utimesSync(join(root, path), usedSec, changedSec);
    }
  },
});

/** Declares tests that take files with attributes, in this folder; they are left out where there is no place for such. */
export function onAttributes(declare: (parent: string) => void): void {
  describe.skipIf(ATTRIBUTES.missing !== undefined)(`on attributes${WITHOUT_ATTRIBUTES}`, () =>
    declare(ATTRIBUTES.parent),
  );
}
