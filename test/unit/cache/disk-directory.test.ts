import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiskDirectory } from '../../../src/cache/disk-directory.ts';
import { type CacheLayout, cacheLayout } from '../../../src/cache/layout.ts';
import { CacheStateError } from '../../../src/errors/cache-error.ts';
import { createCache, imageIdOf, putFile } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { thrownBy } from '../../support/thrown.ts';

const folder = useTempDir();
const [one, two] = [imageIdOf(1), imageIdOf(2)];
let layout: CacheLayout;
let directory: DiskDirectory;
let umask: number;

beforeEach(() => {
  umask = process.umask(0o027);
  layout = createCache(join(folder(), 'cache'));
  directory = new DiskDirectory(layout);
});

afterEach(() => {
  process.umask(umask);
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('DiskDirectory.list()', () => {
  test('finds regular files that are named by an image ID, and nothing else', () => {
    putFile(layout, 'cached', one, { size: 7 });
    symlinkSync(join(layout.root, one), join(layout.root, two));
    mkdirSync(join(layout.root, imageIdOf(3)));
    execFileSync('mkfifo', [join(layout.root, imageIdOf(4))]);
    writeFileSync(join(layout.root, one.toUpperCase()), '');
    writeFileSync(join(layout.root, 'glance-cache-prune'), '');
    writeFileSync(join(layout.root, 'a\nb'), '');
    const { files, foreign } = directory.list('cached');
    expect(files.map(({ imageId, name, facts }) => [imageId, name, facts.sizeBytes])).toEqual([[one, one, 7]]);
    const kinds = new Map(foreign.map(({ name, kind }) => [name, kind]));
    expect(kinds).toEqual(
      new Map([
        [two, 'link'],
        [imageIdOf(3), 'folder'],
        [imageIdOf(4), 'other'],
        [one.toUpperCase(), 'file'],
        ['glance-cache-prune', 'lock'],
        ['a\nb', 'file'],
      ]),
    );
  });

  test('reports a name that is no UTF-8, and never takes it for an image', () => {
    for (const end of ['fffe', 'feff', 'c3a9f0', 'efbfbd']) {
      writeFileSync(Buffer.concat([Buffer.from(`${layout.root}/f`), Buffer.from(end, 'hex')]), '');
    }
    // Each is spelled in a way of its own, as Python's os.fsdecode does it.
    const names = ['f\udcff\udcfe', 'f\udcfe\udcff', 'f\u00e9\udcf0', 'f\ufffd'].sort();
    expect(directory.list('cached')).toEqual({
      files: [],
      foreign: names.map((name) => ({ area: 'cached', name, kind: 'file' })),
    });
  });

  test('has no word for what belongs there: the index, its journal and the folders', () => {
    directory.ensureFolders();
    mkdirSync(layout.locks, { recursive: true });
    writeFileSync(`${layout.index}-journal`, '');
    expect(directory.list('cached')).toEqual({ files: [], foreign: [] });
  });

  test('reports what would belong there if it were of another kind', () => {
    rmdirSync(layout.areas.queue);
    writeFileSync(layout.areas.queue, '');
    mkdirSync(`${layout.index}-journal`);
    expect(directory.list('cached').foreign).toEqual(
      expect.arrayContaining([
        { area: 'cached', name: 'queue', kind: 'file' },
        { area: 'cached', name: 'cache.db-journal', kind: 'folder' },
      ]),
    );
  });

  test('finds queue markers under any spelling the stock tool took', () => {
    for (const name of [one.toUpperCase(), two.replaceAll('-', ''), 'other'])
      writeFileSync(join(layout.areas.queue, name), '');
    const { files, foreign } = directory.list('queue');
    expect(new Map(files.map(({ imageId, name }) => [imageId, name]))).toEqual(
      new Map([
        [one, one.toUpperCase()],
        [two, two.replaceAll('-', '')],
      ]),
    );
    expect(foreign.map(({ name }) => name)).toEqual(['other']);
  });

  test('is empty when the folder is missing', () => {
    rmdirSync(layout.areas.invalid);
    expect(directory.list('invalid')).toEqual({ files: [], foreign: [] });
  });

  test.each([
    ['a link to a folder', () => symlinkSync(folder(), layout.areas.invalid)],
    ['a link to nowhere', () => symlinkSync('/nowhere', layout.areas.invalid)],
    ['a file', () => writeFileSync(layout.areas.invalid, '')],
  ])('refuses a sub-folder when it is %s', (_what, make) => {
    rmdirSync(layout.areas.invalid);
    make();
    for (const call of [() => directory.list('invalid'), () => directory.ensureFolders()]) {
      expect(thrownBy(call)).toMatchObject({
        code: 'CACHE_DIR',
        message: `Cannot use ${JSON.stringify(layout.areas.invalid)}: it is not a folder`,
      });
    }
  });
});

describe('DiskDirectory.look()', () => {
  test('is undefined when there is nothing, or no regular file', () => {
    symlinkSync(layout.index, join(layout.root, one));
    expect(directory.look('cached', one)).toBeUndefined();
    expect(directory.look('cached', two)).toBeUndefined();
    rmdirSync(layout.areas.queue);
    expect(directory.look('queue', two)).toBeUndefined();
  });
});

describe('DiskDirectory.exists(), ensureFolders() and space()', () => {
  test('makes a missing cache directory with folders of mode 0750, once and again', () => {
    const missing = cacheLayout(join(folder(), 'new', 'cache'), 'cache.db');
    const fresh = new DiskDirectory(missing);
    expect(fresh.exists()).toBe(false);
    expect(fresh.space().totalBytes).toBeGreaterThan(0);
    fresh.ensureFolders();
    fresh.ensureFolders();
    expect(fresh.exists()).toBe(true);
    for (const path of Object.values(missing.areas)) expect(modeOf(path)).toBe(0o750);
  });

  test('tells the space of the file system', () => {
    const { totalBytes, availableBytes } = directory.space();
    expect(totalBytes).toBeGreaterThan(availableBytes);
    expect(availableBytes).toBeGreaterThan(0);
  });
});

describe('DiskDirectory.retire() and restore()', () => {
  test('moves an image into invalid/ and back', () => {
    putFile(layout, 'cached', one);
    const { inode } = directory.look('cached', one) ?? {};
    directory.retire(one);
    expect([directory.look('cached', one), directory.look('invalid', one)?.inode]).toEqual([undefined, inode]);
    directory.restore(one);
    expect([directory.look('cached', one)?.inode, directory.look('invalid', one)]).toEqual([inode, undefined]);
  });

  test('replaces what failed under that name before', () => {
    putFile(layout, 'cached', one, { size: 5 });
    putFile(layout, 'invalid', one, { size: 9 });
    directory.retire(one);
    expect(directory.look('invalid', one)?.sizeBytes).toBe(5);
  });

  test('never puts an image back over a newer one', () => {
    putFile(layout, 'cached', one);
    directory.retire(one);
    writeFileSync(join(layout.root, one), 'newer');
    directory.restore(one);
    expect(readFileSync(join(layout.root, one), 'utf8')).toBe('newer');
    expect(readdirSync(layout.areas.invalid)).toEqual([]);
  });

  test('puts nothing back when the cleaner has been faster', () => {
    putFile(layout, 'cached', one);
    directory.retire(one);
    rmSync(join(layout.areas.invalid, one));
    directory.restore(one);
    expect(directory.look('cached', one)).toBeUndefined();
  });

  test('finishes when a kill came between the link and the unlink', () => {
    putFile(layout, 'cached', one);
    directory.retire(one);
    linkSync(join(layout.areas.invalid, one), join(layout.root, one));
    directory.restore(one);
    expect([existsSync(join(layout.root, one)), readdirSync(layout.areas.invalid)]).toEqual([true, []]);
  });

  test('names path and cause when there is nothing to retire', () => {
    const error = thrownBy(() => directory.retire(one));
    expect(error).toBeInstanceOf(CacheStateError);
    expect(error).toMatchObject({ code: 'CACHE_IO', details: { path: join(layout.root, one), errno: 'ENOENT' } });
  });
});

describe('DiskDirectory.unlink()', () => {
  test('removes a file, and does nothing when it is gone', () => {
    putFile(layout, 'incomplete', one);
    directory.unlink('incomplete', one);
    directory.unlink('incomplete', one);
    expect(readdirSync(layout.areas.incomplete)).toEqual([]);
  });

  test('fails with path and cause when the name is that of a folder', () => {
    mkdirSync(join(layout.areas.queue, one));
    expect(thrownBy(() => directory.unlink('queue', one))).toMatchObject({
      message: expect.stringContaining('EISDIR') as unknown,
    });
  });
});

describe('DiskDirectory.createMarker()', () => {
  test('makes an empty file of mode 0640 with its place in the queue as its time', () => {
    expect(directory.createMarker(one, 1_700_000_000.000_01)).toBe(true);
    expect(directory.createMarker(two, 1_700_000_000)).toBe(true);
    const [first, second] = [two, one].map((id) => directory.look('queue', id)?.modifiedSec ?? 0);
    expect(first).toBeCloseTo(1_700_000_000, 6);
    expect(second).toBeGreaterThan(first ?? 0);
    expect(statSync(join(layout.areas.queue, one)).size).toBe(0);
    expect(modeOf(join(layout.areas.queue, one))).toBe(0o640);
  });

  test('is false and changes nothing when there is a marker, or a link in its place', () => {
    directory.createMarker(one, 1000);
    expect(directory.createMarker(one, 2000)).toBe(false);
    expect(directory.look('queue', one)?.modifiedSec).toBe(1000);
    symlinkSync(join(folder(), 'planted'), join(layout.areas.queue, two));
    expect(directory.createMarker(two, 1000)).toBe(false);
    expect(existsSync(join(folder(), 'planted'))).toBe(false);
  });
});
