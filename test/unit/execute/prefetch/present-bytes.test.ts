import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import { presentBytes } from '../../../../src/execute/prefetch/present-bytes.ts';
import type { Image } from '../../../../src/glance/image.ts';
import { partPath, putJournal, putPart } from '../../../support/parts.ts';
import { createCache, imageIdOf, putFile } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const folder = useTempDir();
const [one, two] = [imageIdOf(1), imageIdOf(2)];
const digest = { algorithm: 'sha512', hex: 'cd'.repeat(64) };
const IMAGE: Image = { imageId: one, name: 'debian', status: 'active', sizeBytes: 100, digest };
let layout: CacheLayout;
let parts: DiskParts;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  parts = new DiskParts(layout);
});

function presentOf(image: Partial<Image> = {}): number {
  return presentBytes(parts, { ...IMAGE, ...image });
}

describe('presentBytes()', () => {
  test.each([
    ['all of it', 100, 100],
    ['some of it', 60, 60],
    ['a part that is still empty', 0, 0],
    ['more than the image has', 101, 0],
  ])('with %s is %d of %d', (_what, size, expected) => {
    putPart(layout, one, { size });
    putJournal(layout, one, { content: IMAGE });
    expect(presentOf()).toBe(expected);
  });

  test('is nothing when the size is as unknown now as it was then: Glance would not go on with it', () => {
    putPart(layout, one, { size: 5000 });
    putJournal(layout, one, { content: { sizeBytes: undefined, digest } });
    expect(presentOf({ sizeBytes: undefined })).toBe(0);
  });

  test.each<[string, Partial<Image>]>([
    ['has another size now', { sizeBytes: 200 }],
    ['has a size now', { sizeBytes: undefined }],
    ['has another hash now', { digest: { ...digest, hex: 'ef'.repeat(64) } }],
    ['has no hash now', { digest: undefined }],
  ])('is 0 when the image %s', (_what, image) => {
    putPart(layout, one, { size: 60 });
    putJournal(layout, one, { content: IMAGE });
    expect(presentOf(image)).toBe(0);
  });

  test('is 0 when the part has no journal, or that of another image', () => {
    putPart(layout, one, { size: 60 });
    expect(presentOf()).toBe(0);
    putJournal(layout, two, { content: IMAGE });
    expect(presentOf()).toBe(0);
  });

  test('is 0 when there is a journal and no part, or a link in its place', () => {
    putJournal(layout, one, { content: IMAGE });
    expect(presentOf()).toBe(0);
    putFile(layout, 'invalid', one, { size: 60 });
    symlinkSync(join(layout.areas.invalid, one), partPath(layout, one));
    expect(presentOf()).toBe(0);
  });
});
