import { describe, expect, test } from 'vitest';
import { isFlipped, isSettled } from '../../../src/plan/grace.ts';
import { lastUsedSec } from '../../../src/plan/last-used.ts';
import { reconcile } from '../../../src/plan/reconcile.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NOW_SEC, rowOf, snapshotOf } from '../../support/snapshots.ts';

const imageId = imageIdOf(1);
const orphan = (changedAgoSec: number) => ({
  imageId,
  // As cp -p and rsync leave it: everything but the change time is that of the original.
  file: factsOf({ changedSec: NOW_SEC - changedAgoSec, modifiedSec: 5, accessedSec: 7 }),
  row: undefined,
});
const rowAlone = (lastModifiedSec: number) => ({ imageId, file: undefined, row: rowOf(imageId, { lastModifiedSec }) });

describe('reconcile()', () => {
  const kindOf = (image: Parameters<typeof reconcile>[0]): string | undefined =>
    reconcile(image, snapshotOf([image]))?.kind;

  test.each([
    ['leaves', 'its change time is 60 s ago', orphan(60), undefined],
    ['adopts', 'its change time is over 60 s ago', orphan(60.001), 'adopt-file'],
    ['leaves', 'its change time lies ahead', orphan(-5), undefined],
  ])('%s a file without a row when %s', (_does, _when, image, expected) => {
    expect(kindOf(image)).toBe(expected);
  });

  test.each([
    ['leaves', 'it was made 60 s ago', rowAlone(NOW_SEC - 60), undefined],
    ['drops', 'it was made over 60 s ago', rowAlone(NOW_SEC - 60.001), 'drop-row'],
    ['drops', 'it has no time', rowAlone(0), 'drop-row'],
    ['leaves', 'its time lies a moment ahead', rowAlone(NOW_SEC + 60), undefined],
    ['drops', 'its time lies far ahead, from a clock that was wrong', rowAlone(NOW_SEC + 61), 'drop-row'],
  ])('%s a row without a file when %s', (_does, _when, image, expected) => {
    expect(kindOf(image)).toBe(expected);
  });

  test('adopts a file with its size and times when it has no row', () => {
    expect(reconcile(orphan(1000), snapshotOf([]))).toMatchObject({
      row: { imageId, lastAccessedSec: 7, lastModifiedSec: 5, sizeBytes: 100, hits: 0 },
    });
  });

  test('corrects the size, and nothing else, when the file has another one', () => {
    const image = { imageId, file: factsOf({ sizeBytes: 7 }), row: rowOf(imageId, { sizeBytes: 9 }) };
    expect(reconcile(image, snapshotOf([image]))).toEqual({
      kind: 'correct-size',
      imageId,
      file: image.file,
      recordedBytes: 9,
    });
  });

  test('finds nothing to do when file and row agree', () => {
    expect(kindOf({ imageId, file: factsOf(), row: rowOf(imageId) })).toBeUndefined();
  });
});

describe('isSettled()', () => {
  test('goes by the file when there is one, however old the row is', () => {
    const image = { imageId, file: factsOf({ changedSec: NOW_SEC - 1 }), row: rowOf(imageId, { lastModifiedSec: 0 }) };
    expect(isSettled(image, NOW_SEC)).toBe(false);
  });
});

describe('lastUsedSec()', () => {
  test.each([
    ['the index', 'it knows', { lastAccessedSec: 20, lastModifiedSec: 30 }, 20],
    ['the time the image came', 'it was never read', { lastAccessedSec: 0, lastModifiedSec: 30 }, 30],
    ['the time of the file', 'the index has no time', { lastAccessedSec: 0, lastModifiedSec: 0 }, 50],
  ])('is that of %s when %s', (_whose, _when, row, expected) => {
    expect(lastUsedSec(factsOf({ modifiedSec: 50, accessedSec: 60 }), rowOf(imageId, row))).toBe(expected);
  });

  test.each([
    [60, 50, 60],
    [40, 50, 50],
  ])('is the later of access and modification when there is no row (%d, %d)', (accessedSec, modifiedSec, expected) => {
    expect(lastUsedSec(factsOf({ accessedSec, modifiedSec }), undefined)).toBe(expected);
  });
});

describe('isFlipped()', () => {
  test.each([
    ['true', 'the index is empty beside a settled file', [orphan(61)], {}, true],
    ['false', 'all files are young', [orphan(60)], {}, false],
    ['true', 'one of several files is settled', [{ ...orphan(1), imageId: imageIdOf(2) }, orphan(61)], {}, true],
    ['false', 'there are no files', [], {}, false],
    ['false', 'the index has a row, even one without a file', [orphan(61)], { indexHasRows: true }, false],
  ])('is %s when %s', (_result, _when, images, more, expected) => {
    expect(isFlipped(snapshotOf(images, more))).toBe(expected);
  });

  test('takes no image for a sign that this toolkit may have published and not entered', () => {
    const [ours, other] = [orphan(61), { ...orphan(61), imageId: imageIdOf(2) }];
    const unentered = new Set([ours.imageId]);
    expect(isFlipped(snapshotOf([ours]), unentered)).toBe(false);
    expect(isFlipped(snapshotOf([ours, other]), unentered)).toBe(true);
  });
});
