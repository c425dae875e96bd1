import { describe, expect, test } from 'vitest';
import { markOf } from '../../../src/cache/digests/digest-memory.ts';
import { ANSWER_LIFE_SEC, isIncredible, mustRead, planStale, staleReason } from '../../../src/plan/stale.ts';
import { describedImage } from '../../support/described-images.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, rowOf, snapshotOf } from '../../support/snapshots.ts';

const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
const OTHER = { algorithm: 'sha512', hex: '0'.repeat(128) };

describe('staleReason()', () => {
  const file = factsOf();

  test.each([
    ['active', undefined],
    ['deleted', 'deleted'],
    ['pending_delete', 'deleted'],
    ['killed', 'deleted'],
    ['deactivated', 'deactivated'],
    ['queued', undefined],
    ['saving', undefined],
    ['importing', undefined],
    ['what comes with a later release', undefined],
  ])('of an image that is %s is %s', (status, reason) => {
    expect(staleReason(describedImage(one, 100, { status }), { file, digest: undefined })).toBe(reason);
  });

  test('is replaced for another size, and for another hash by the same algorithm', () => {
    const image = describedImage(one);
    const reasonOf = (digest = image.digest, sizeBytes: number | undefined = 100) =>
      staleReason({ ...image, sizeBytes }, { file, digest });
    expect([reasonOf(), reasonOf(undefined, 99), reasonOf(OTHER)]).toEqual([undefined, 'replaced', 'replaced']);
    expect(reasonOf({ ...OTHER, algorithm: 'md5' })).toBeUndefined();
    expect(staleReason({ ...image, sizeBytes: undefined, digest: undefined }, { file, digest: OTHER })).toBeUndefined();
  });

  test('does not go by the size of an image that is not there yet', () => {
    const image = describedImage(one, 0, { status: 'queued' });
    expect(staleReason(image, { file, digest: undefined })).toBeUndefined();
  });
});

describe('mustRead()', () => {
  const file = factsOf();
  const listed = { ...describedImage(one), updatedSec: file.modifiedSec - 601 };
  const mark = markOf(file, OTHER);

  test('is true when the record was changed after the file came, or about then, or nobody knows when', () => {
    expect(mustRead(listed, file, undefined)).toBe(false);
    expect(mustRead({ ...listed, updatedSec: file.modifiedSec - 600 }, file, undefined)).toBe(true);
    expect(mustRead({ ...listed, updatedSec: undefined }, file, undefined)).toBe(true);
  });

  test('goes by what is remembered of the same file, whatever the times say', () => {
    expect(mustRead(listed, file, mark)).toBe(true);
    expect(mustRead({ ...listed, updatedSec: undefined, digest: OTHER }, file, mark)).toBe(false);
    expect(mustRead(listed, file, markOf(factsOf({ inode: 2 }), OTHER))).toBe(false);
  });

  test('is false when there is nothing to compare with', () => {
    expect(mustRead({ ...listed, updatedSec: undefined, digest: undefined }, file, mark)).toBe(false);
  });
});

describe('planStale()', () => {
  test('removes an image with or without a row, and spares one that is gone, changed or was asked about too long ago', () => {
    const file = factsOf();
    const ids = [one, two, three, imageIdOf(4), imageIdOf(5)];
    const stale = ids.map((imageId) => ({ imageId, file, reason: 'deleted', askedSec: 0 }) as const);
    const row = rowOf(two);
    const images = [
      { imageId: one, file, row: undefined },
      { imageId: two, file: { ...file, accessedSec: 1, changedSec: 1 }, row },
      { imageId: three, file: { ...file, inode: 2 }, row: rowOf(three) },
      { imageId: imageIdOf(4), file: undefined, row: rowOf(imageIdOf(4)) },
      { imageId: imageIdOf(6), file, row: undefined },
    ];
    const { removals, spared } = planStale(snapshotOf(images), stale, ANSWER_LIFE_SEC - 1);
    expect(removals.map(({ imageId, reason, row }) => [imageId, reason, row])).toEqual([
      [one, 'deleted', undefined],
      [two, 'deleted', row],
    ]);
    expect(spared.map(({ imageId, spared }) => [imageId, spared])).toEqual([
      [three, 'changed'],
      [imageIdOf(4), 'gone'],
      [imageIdOf(5), 'gone'],
    ]);
    const late = planStale(snapshotOf(images), stale, ANSWER_LIFE_SEC);
    expect([late.removals, late.spared.map(({ spared }) => spared)]).toEqual([
      [],
      ['outdated', 'outdated', 'changed', 'gone', 'gone'],
    ]);
  });
});

describe('isIncredible()', () => {
  test.each([
    [{ checked: 100, suspects: 0, known: 0 }, 50, false],
    [{ checked: 1, suspects: 1, known: 0 }, 50, false],
    [{ checked: 2, suspects: 2, known: 0 }, 50, true],
    [{ checked: 10, suspects: 9, known: 1 }, 50, false],
    [{ checked: 11, suspects: 6, known: 5 }, 50, true],
    [{ checked: 12, suspects: 6, known: 6 }, 50, false],
    [{ checked: 100, suspects: 1, known: 99 }, 0, true],
    [{ checked: 100, suspects: 100, known: 0 }, 100, false],
  ])('of %o with a limit of %d %% is %s', (count, limit, expected) => {
    expect(isIncredible(count, limit)).toBe(expected);
  });
});
