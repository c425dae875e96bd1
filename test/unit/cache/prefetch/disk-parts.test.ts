import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import {
  journalOf,
  partNames,
  partPath,
  putAmongParts,
  putJournal,
  putPart,
  putTornJournal,
} from '../../../support/parts.ts';
import { contentOf, createCache, fileIdsOf, imageIdOf, putFile } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf, thrownBy } from '../../../support/thrown.ts';

const NOBODY = 65_534;

const folder = useTempDir();
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let layout: CacheLayout;
let parts: DiskParts;
let umask: number;

beforeEach(() => {
  umask = process.umask(0o027);
  layout = createCache(join(folder(), 'cache'));
  parts = new DiskParts(layout);
});

afterEach(() => {
  process.umask(umask);
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('DiskParts.list()', () => {
  test('is empty, and makes nothing, when the folder is missing', () => {
    expect(parts.list()).toEqual({ entries: [], torn: [], foreign: [] });
    expect(existsSync(layout.tools)).toBe(false);
  });

  test('finds what there is of each image, once, by ID', () => {
    putPart(layout, two, { size: 7 });
    putJournal(layout, two);
    putJournal(layout, three);
    putPart(layout, one, { size: 0 });
    const { entries, torn, foreign } = parts.list();
    const seen = entries.map(({ imageId, part, journal }) => [imageId, part?.sizeBytes, journal !== undefined]);
    expect(seen).toEqual([
      [one, 0, false],
      [two, 7, true],
      [three, undefined, true],
    ]);
    expect([torn, foreign]).toEqual([[], []]);
  });

  test('tells which images are cached by now, and which journals remember a mismatch', () => {
    putJournal(layout, one, { mismatches: 1, lastMismatchSec: 5 });
    putPart(layout, two);
    putJournal(layout, two);
    putFile(layout, 'cached', two);
    putAmongParts(layout, `${three}.json`, 'no journal');
    const seen = parts.list().entries.map(({ remembersMismatch, isCached }) => [remembersMismatch, isCached]);
    expect(seen).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  test('tells torn journals apart, of images that have a journal as well', () => {
    putJournal(layout, one);
    putTornJournal(layout, one);
    putTornJournal(layout, two);
    const { entries, torn, foreign } = parts.list();
    expect(entries.map(({ imageId }) => imageId)).toEqual([one]);
    expect(new Set(torn)).toEqual(
      new Set([
        { name: `${one}.json.new`, imageId: one },
        { name: `${two}.json.new`, imageId: two },
      ]),
    );
    expect(foreign).toEqual([]);
  });

  test('takes names for foreign that are no image ID with an ending of its own', () => {
    const names = [
      one,
      `${one}.PART`,
      `${one}.part.part`,
      `${one}.json.new.new`,
      `${one.toUpperCase()}.part`,
      `${one.replaceAll('-', '')}.json`,
      ` ${one}.part`,
      '.part',
      'notes.txt',
    ];
    for (const name of names) putAmongParts(layout, name);
    expect(parts.list()).toEqual({ entries: [], torn: [], foreign: names.toSorted() });
  });

  test('is CACHE_PERMISSION when the folder may not be read', () => {
    putPart(layout, one);
    // Root may read anything.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chownSync(layout.parts, NOBODY, NOBODY);
    chmodSync(layout.parts, 0o000);
    chmodSync(folder(), 0o755);
    chmodSync(layout.root, 0o755);
    chmodSync(layout.tools, 0o755);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      expect(thrownBy(() => parts.list())).toMatchObject({
        code: 'CACHE_PERMISSION',
        details: { path: layout.parts, errno: 'EACCES' },
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(layout.parts, 0o755);
    }
  });
});

describe('DiskParts.open()', () => {
  test('makes an empty part of mode 0640 in folders of mode 0750 when there is none', async () => {
    const file = await parts.open(one);
    await file.close();
    expect([layout.tools, layout.parts].map(modeOf)).toEqual([0o750, 0o750]);
    expect([modeOf(parts.path(one)), parts.look(one)?.sizeBytes]).toEqual([0o640, 0]);
  });

  test('opens a part where it is, to be written anywhere and cut off', async () => {
    putPart(layout, one, { size: 10 });
    const file = await parts.open(one);
    await file.write(Buffer.from('..XYZ'), 2, 3, 8);
    await file.truncate(10);
    await file.sync();
    await file.close();
    expect(readFileSync(parts.path(one), 'utf8')).toBe(`${contentOf(one, 8)}XY`);
  });

  test('names path and cause when the disk refuses what is written', async () => {
    const file = await parts.open(one);
    await file.close();
    for (const call of [() => file.write(Buffer.from('x'), 0, 1, 0), () => file.truncate(0), () => file.sync()]) {
      expect(await rejectionOf(call())).toMatchObject({
        code: 'CACHE_IO',
        details: { path: parts.path(one), errno: 'EBADF' },
      });
    }
  });
});

describe('DiskParts.writeJournal() and journal()', () => {
  test('gives back what was written, last, in a file of mode 0640', () => {
    parts.writeJournal(journalOf(one));
    const later = journalOf(one, { mismatches: 2, lastMismatchSec: 1_700_000_000.25 });
    parts.writeJournal(later);
    expect(parts.journal(one)).toEqual(later);
    expect(modeOf(partPath(layout, one, 'json'))).toBe(0o640);
    expect(partNames(layout)).toEqual([`${one}.json`]);
  });

  test('has none where there is none', () => {
    expect(parts.journal(one)).toBeUndefined();
    putPart(layout, two);
    expect(parts.journal(one)).toBeUndefined();
  });

  test('replaces a journal that was torn', () => {
    putTornJournal(layout, one);
    parts.writeJournal(journalOf(one));
    expect([parts.journal(one), partNames(layout)]).toEqual([journalOf(one), [`${one}.json`]]);
  });

  test('takes a journal for none when it is torn, empty, of another image, or larger than any', () => {
    const path = partPath(layout, one, 'json');
    putJournal(layout, one);
    const whole = readFileSync(path, 'utf8');
    expect(parts.journal(one)).toBeDefined();
    for (const text of ['', whole.slice(0, -3), whole.replace(one, two), whole + ' '.repeat(65_536)]) {
      writeFileSync(path, text);
      expect(parts.journal(one)).toBeUndefined();
    }
  });
});

describe('DiskParts.remove(), removePart() and removeTorn()', () => {
  test('remove the one thing of the one image, and nothing when it is gone', () => {
    for (const imageId of [one, two]) {
      putPart(layout, imageId);
      putJournal(layout, imageId);
      putTornJournal(layout, imageId);
    }
    const others = partNames(layout).filter((name) => name.startsWith(two));
    parts.removePart(one);
    expect(partNames(layout)).toEqual([`${one}.json`, `${one}.json.new`, ...others]);
    parts.remove(one);
    expect(partNames(layout)).toEqual([`${one}.json.new`, ...others]);
    for (let again = 0; again < 2; again++) {
      parts.removeTorn(`${one}.json.new`);
      parts.remove(one);
      expect(partNames(layout)).toEqual(others);
    }
  });

  test('remove nothing, and make nothing, when there is no folder', () => {
    parts.remove(one);
    parts.removeTorn(`${one}.json.new`);
    expect(existsSync(layout.tools)).toBe(false);
  });

  test('removeTorn() leaves every other name alone', () => {
    putPart(layout, one);
    for (const name of ['.json.new', 'notes.json.new', `${one.toUpperCase()}.json.new`]) putAmongParts(layout, name);
    const victim = join(layout.root, `${one}.json.new`);
    writeFileSync(victim, '');
    const names = partNames(layout);
    for (const name of [...names, `../../${one}.json.new`]) parts.removeTorn(name);
    expect([partNames(layout), existsSync(victim)]).toEqual([names, true]);
  });
});

describe('DiskParts.publish() and unpublish()', () => {
  test('make a part the cached image, and take it back', () => {
    putPart(layout, one);
    const part = parts.look(one);
    if (part === undefined) throw new Error('There is no part');
    parts.publish(one);
    expect([fileIdsOf(layout), partNames(layout)]).toEqual([[one], []]);
    expect(readFileSync(join(layout.root, one), 'utf8')).toBe(contentOf(one, 100));
    parts.unpublish(one, part);
    expect([fileIdsOf(layout), parts.look(one)?.inode]).toEqual([[], part.inode]);
  });

  test('unpublish() leaves the copy alone that glance-api has put in place of the image', () => {
    putPart(layout, one);
    const part = parts.look(one);
    if (part === undefined) throw new Error('There is no part');
    parts.publish(one);
    putFile(layout, 'incomplete', one, { size: 7 });
    renameSync(join(layout.areas.incomplete, one), join(layout.root, one));
    parts.unpublish(one, part);
    expect([readFileSync(join(layout.root, one), 'utf8'), partNames(layout)]).toEqual([contentOf(one, 7), []]);
  });

  test('unpublish() does nothing when the image has been removed meanwhile', () => {
    putPart(layout, one);
    const part = parts.look(one);
    if (part === undefined) throw new Error('There is no part');
    parts.publish(one);
    rmSync(join(layout.root, one));
    parts.unpublish(one, part);
    // The number of the inode is given to the next file that is made.
    writeFileSync(join(layout.root, one), 'another');
    parts.unpublish(one, part);
    expect([readFileSync(join(layout.root, one), 'utf8'), partNames(layout)]).toEqual(['another', []]);
  });

  test('publish() names path and cause when there is no part', () => {
    mkdirSync(layout.parts, { recursive: true });
    expect(thrownBy(() => parts.publish(one))).toMatchObject({
      code: 'CACHE_IO',
      message: expect.stringContaining(`Cannot publish ${JSON.stringify(join(layout.root, one))}`) as unknown,
    });
  });

  test('syncFolder() names path and cause when the cache directory is gone', async () => {
    await parts.syncFolder();
    rmSync(layout.root, { recursive: true });
    expect(await rejectionOf(parts.syncFolder())).toMatchObject({ code: 'CACHE_IO', details: { path: layout.root } });
  });
});
