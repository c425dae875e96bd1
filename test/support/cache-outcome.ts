/**
 * What a cache has come to, told so that two caches can be compared: times, inodes, locks and the pages of the
 * index left out.
 */
import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isImageId } from '../../src/cache/image-id.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { pathsBelow } from './directory-state.ts';
import { integrityOf } from './row-keepers.ts';
import { readQuietly, rowsOf } from './seeded-cache.ts';

/** What there is. */
export interface CacheOutcome {
  /** Every path below the cache directory; images with the digest of what they hold. */
  readonly files: readonly string[];
  /** ID, size and hits of every row. */
  readonly rows: readonly string[];
}

/** What there is now. A journal that a killed writer has left is rolled back by the look. */
export function outcomeOf(layout: CacheLayout): CacheOutcome {
  const rows = rowsOf(layout).map((row) => [row.image_id, row.size, row.hits].map(String).join(' '));
  // Which locks were taken is nobody's business: they are empty files, made where they are missing. What is remembered of
  // runs is not the work of any. Nor is the folder that holds both.
  const paths = pathsBelow(layout.root).filter((path) => {
    const place = join(layout.root, path);
    return place !== layout.tools && ![layout.locks, layout.runs].some((folder) => place.startsWith(folder));
  });
  const files = paths.map((path) => {
    const name = basename(path).replace(/\.part$/, '');
    return isImageId(name) ? `${path} ${digestOf(join(layout.root, path))}` : path;
  });
  return { files: files.sort(), rows };
}

/**
 * What is wrong with a cache in which a run was disturbed: an image lost that nobody wanted to remove, one that is not
 * what it should be, a row that nobody wrote, an index that is damaged.
 *
 * @param before what there was before the run
 * @param after what an undisturbed run makes of it
 */
export function damageIn(layout: CacheLayout, before: CacheOutcome, after: CacheOutcome): readonly string[] {
  const now = outcomeOf(layout);
  const images = imagesIn(now);
  const [wereThere, shouldBe] = [imagesIn(before), imagesIn(after)];
  const known = new Set([...before.rows, ...after.rows]);
  const check = integrityOf(layout);
  return [
    ...shouldBe.filter((image) => wereThere.includes(image) && !images.includes(image)).map((image) => `lost ${image}`),
    ...images.filter((image) => !wereThere.includes(image) && !shouldBe.includes(image)).map((it) => `wrong ${it}`),
    ...now.rows.filter((row) => !known.has(row) && !describesFile(layout, row)).map((row) => `strange row ${row}`),
    ...(check === 'ok' ? [] : [`index: ${String(check)}`]),
  ];
}

/** Whether a row tells what is there: an image that could not be removed is entered, if it had no row. */
function describesFile({ root }: CacheLayout, row: string): boolean {
  const [imageId = '', size] = row.split(' ');
  return isFile(join(root, imageId)) && String(lstatSync(join(root, imageId)).size) === size;
}

/** The cached images, each with the digest of what it holds. */
function imagesIn({ files }: CacheOutcome): readonly string[] {
  return files.filter((file) => isImageId(file.split(' ', 1)[0] ?? ''));
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function digestOf(path: string): string {
  return lstatSync(path).isFile() ? createHash('sha1').update(readQuietly(path)).digest('hex') : 'no file';
}
