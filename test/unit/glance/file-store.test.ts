import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { findInStore } from '../../../src/glance/file-store.ts';
import type { Image } from '../../../src/glance/image.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const NOBODY = 65_534;

const folder = useTempDir();
const one = imageIdOf(1);
let stores: readonly [string, string];

beforeEach(() => {
  stores = [join(folder(), 'fast'), join(folder(), 'cheap')];
  for (const store of stores) mkdirSync(store);
});

function find(sizeBytes: number | undefined): string | undefined {
  const image: Image = { imageId: one, name: 'debian', status: 'active', sizeBytes, digest: undefined };
  return findInStore(stores, image);
}

function put(store: string, size: number): string {
  const path = join(store, one);
  writeFileSync(path, 'x'.repeat(size));
  return path;
}

describe('findInStore()', () => {
  test('is the file in the first folder that has it', () => {
    const second = put(stores[1], 7);
    expect(find(7)).toBe(second);
    const first = put(stores[0], 7);
    expect(find(7)).toBe(first);
  });

  test('passes over a file of another size', () => {
    put(stores[0], 6);
    expect(find(7)).toBeUndefined();
    const second = put(stores[1], 7);
    expect(find(7)).toBe(second);
  });

  test('takes a file of any size when Glance does not know it', () => {
    const first = put(stores[0], 0);
    expect(find(undefined)).toBe(first);
  });

  test('finds an image without bytes', () => {
    const first = put(stores[0], 0);
    expect(find(0)).toBe(first);
  });

  test.each([
    ['a link to a file', (path: string) => symlinkSync(join(folder(), 'victim'), path)],
    ['a link to nowhere', (path: string) => symlinkSync('/nowhere', path)],
    ['a folder', (path: string) => mkdirSync(path)],
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
  ])('passes over %s', (_what, plant) => {
    writeFileSync(join(folder(), 'victim'), '');
    plant(join(stores[0], one));
    expect(find(undefined)).toBeUndefined();
    const second = put(stores[1], 7);
    expect(find(undefined)).toBe(second);
  });

  test('passes over a folder that is missing, or a file itself', () => {
    const second = put(stores[1], 7);
    writeFileSync(join(folder(), 'file'), '');
    const image: Image = { imageId: one, name: undefined, status: 'active', sizeBytes: 7, digest: undefined };
    expect(findInStore([join(folder(), 'missing'), join(folder(), 'file'), stores[1]], image)).toBe(second);
    expect(findInStore([], image)).toBeUndefined();
  });

  test('passes over a folder that may not be looked into', () => {
    put(stores[0], 7);
    const second = put(stores[1], 7);
    // Root may look into anything.
    const isRoot = process.geteuid?.() === 0;
    for (const path of [folder(), stores[1]]) chmodSync(path, 0o755);
    chmodSync(stores[0], 0o000);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      expect(find(7)).toBe(second);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(stores[0], 0o755);
    }
  });

  test('follows a link in place of the folder itself, which is how stores are mounted', () => {
    const first = put(stores[0], 7);
    const link = join(folder(), 'link');
    symlinkSync(stores[0], link);
    const image: Image = { imageId: one, name: undefined, status: 'active', sizeBytes: 7, digest: undefined };
    expect(findInStore([link], image)).toBe(first.replace(stores[0], link));
  });
});
