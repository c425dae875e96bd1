import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { isMarkOfFile, markOf } from '../../../../src/cache/digests/digest-memory.ts';
import { DiskDigests } from '../../../../src/cache/digests/disk-digests.ts';
import { type CacheLayout, cacheLayout } from '../../../../src/cache/layout.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';
import { factsOf } from '../../../support/snapshots.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { thrownBy } from '../../../support/thrown.ts';

const folder = useTempDir();
let layout: CacheLayout;

const SOME = new Map([
  [imageIdOf(1), 'a md5:b'],
  [imageIdOf(2), 'c sha512:d'],
]);
const OTHERS = new Map([[imageIdOf(3), 'e f']]);

beforeEach(() => {
  layout = cacheLayout(join(folder(), 'cache'), 'cache.db');
  mkdirSync(layout.root);
});

const memory = (): DiskDigests => new DiskDigests(layout);

describe('DiskDigests', () => {
  test('recalls what was kept last, in a file that others may not write to', () => {
    memory().keep(SOME);
    expect(memory().recall()).toEqual(SOME);
    expect([statSync(layout.tools).mode & 0o777, statSync(layout.digests).mode & 0o777]).toEqual([0o750, 0o640]);
    memory().keep(OTHERS);
    expect(memory().recall()).toEqual(OTHERS);
    expect(readdirSync(layout.tools)).toEqual(['digests']);
  });

  test('recalls nothing where there is nothing, and makes nothing', () => {
    expect(memory().recall().size).toBe(0);
    expect(readdirSync(layout.root)).toEqual([]);
  });

  test('recalls what can be understood of a file that was torn or written by others', () => {
    memory().keep(SOME);
    const text = readFileSync(layout.digests, 'utf8');
    writeFileSync(layout.digests, `\n../x y z\n${'\u0000'.repeat(50)}\n${text.slice(0, -20)}`);
    expect([...memory().recall().keys()]).toEqual([imageIdOf(1)]);
  });

  test.each([
    ['a folder', (path: string): void => void mkdirSync(path)],
    ['a FIFO', (path: string): void => void execFileSync('mkfifo', [path])],
    ['a link to a file', (path: string): void => symlinkSync(join(dirname(path), 'elsewhere'), path)],
  ])('recalls nothing of %s in its place', (_what, make) => {
    memory().keep(SOME);
    writeFileSync(join(layout.tools, 'elsewhere'), readFileSync(layout.digests));
    rmSync(layout.digests);
    make(layout.digests);
    expect(memory().recall().size).toBe(0);
  });

  test('replaces links in its place, and writes nowhere else', () => {
    mkdirSync(layout.tools);
    const elsewhere = join(folder(), 'elsewhere');
    writeFileSync(elsewhere, 'precious');
    for (const path of [layout.digests, `${layout.digests}.new`]) symlinkSync(elsewhere, path);
    memory().keep(SOME);
    expect([lstatSync(layout.digests).isFile(), readFileSync(elsewhere, 'utf8')]).toEqual([true, 'precious']);
    expect(memory().recall()).toEqual(SOME);
  });

  test('refuses a link in place of its folder', () => {
    mkdirSync(join(folder(), 'elsewhere'));
    symlinkSync(join(folder(), 'elsewhere'), layout.tools);
    expect(thrownBy(() => memory().keep(SOME))).toMatchObject({ code: 'CACHE_DIR' });
    expect(readdirSync(join(folder(), 'elsewhere'))).toEqual([]);
  });
});

const DIGEST = { algorithm: 'sha512', hex: 'ab'.repeat(64) };

test('markOf() tells files and hashes apart, wherever a file is mounted', () => {
  const mark = markOf(factsOf(), DIGEST);
  expect(markOf(factsOf({ device: 7, accessedSec: 1, changedSec: 1, reclaimableBytes: 1 }), DIGEST)).toBe(mark);
  const others = [
    ...[{ inode: 2 }, { sizeBytes: 2 }, { modifiedSec: 2 }].map((more) => markOf(factsOf(more), DIGEST)),
    markOf(factsOf(), { ...DIGEST, algorithm: 'sha256' }),
    markOf(factsOf(), { ...DIGEST, hex: 'ba'.repeat(64) }),
  ];
  expect(new Set([mark, ...others]).size).toBe(6);
});

test('isMarkOfFile() goes by the file alone', () => {
  const mark = markOf(factsOf(), DIGEST);
  expect([isMarkOfFile(mark, factsOf()), isMarkOfFile(mark, factsOf({ inode: 2 }))]).toEqual([true, false]);
  expect(isMarkOfFile(undefined, factsOf())).toBe(false);
});
