import { describe, expect, test } from 'vitest';
import type { CachedImage } from '../../../src/cache/snapshot.ts';
import { type ContentVerdict, type Evidence, type Finding, planVerify, rebuiltRows } from '../../../src/plan/verify.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NOW_SEC, rowOf, snapshotOf } from '../../support/snapshots.ts';

const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
const SOUND = { damage: undefined, oddRows: new Set<string>() };
const YOUNG = { changedSec: NOW_SEC - 59 };

function evidenceOf(images: readonly CachedImage[], more: Partial<Evidence> = {}): Evidence {
  return {
    snapshot: snapshotOf(images),
    health: SOUND,
    queue: [],
    contents: new Map(),
    imageIds: undefined,
    ...more,
  };
}

function summary(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ kind, severity, repair }) => `${severity}: ${kind} → ${repair.kind}`);
}

const whole: CachedImage = { imageId: three, file: factsOf(), row: rowOf(three) };
const marker = { imageId: one, name: one, facts: factsOf({ sizeBytes: 0 }) };

describe('planVerify()', () => {
  test.each<[string, Omit<CachedImage, 'imageId'>, readonly string[]]>([
    ['file and row agree', { file: factsOf(), row: rowOf(one) }, []],
    ['a file has no row', { file: factsOf(), row: undefined }, ['hint: no-row → adopt-file']],
    ['a file that has just come has no row', { file: factsOf(YOUNG), row: undefined }, []],
    ['a row has no file', { file: undefined, row: rowOf(one) }, ['hint: no-file → drop-row']],
    [
      'a row that has just come has no file',
      { file: undefined, row: rowOf(one, { lastModifiedSec: NOW_SEC - 59 }) },
      [],
    ],
    [
      'the row has another size and nobody has read the file',
      { file: factsOf({ sizeBytes: 99 }), row: rowOf(one) },
      ['error: wrong-size → correct-size'],
    ],
  ])('finds what is out of step when %s', (_when, image, expected) => {
    expect(summary(planVerify(evidenceOf([{ imageId: one, ...image }, whole])))).toEqual(expected);
  });

  test('tells which size the row has, and which the file', () => {
    const findings = planVerify(evidenceOf([{ imageId: one, file: factsOf({ sizeBytes: 99 }), row: rowOf(one) }]));
    expect(findings).toMatchObject([{ expected: '100', found: '99' }]);
  });

  const damaged: ContentVerdict = { kind: 'damaged', reason: 'wrong-hash', expected: 'sha512:aa', found: 'sha512:bb' };
  const file = factsOf({ sizeBytes: 99 });

  test.each<[string, ContentVerdict, readonly string[]]>([
    ['damaged', damaged, ['error: wrong-hash → retire-image']],
    ['deleted in Glance', { kind: 'deleted' }, ['hint: deleted → remove-image']],
    ['sound, so that the row is wrong', { kind: 'sound' }, ['hint: wrong-size → correct-size']],
  ])('goes by the bytes when an image was read and is %s', (_what, verdict, expected) => {
    const contents = new Map([[one, { file, verdict }]]);
    const findings = planVerify(evidenceOf([{ imageId: one, file, row: rowOf(one) }], { contents }));
    expect(summary(findings)).toEqual(expected);
  });

  test('lets a verdict count for the file alone that was read', () => {
    const contents = new Map([[one, { file: factsOf({ inode: 7 }), verdict: damaged }]]);
    expect(planVerify(evidenceOf([{ imageId: one, file: factsOf(), row: rowOf(one) }], { contents }))).toEqual([]);
  });

  test('writes a row with senseless values anew, with the size of the file', () => {
    const row = rowOf(one, { lastAccessedSec: 1e300, lastModifiedSec: 0, hits: 0 });
    const health = { damage: undefined, oddRows: new Set([one]) };
    const [finding] = planVerify(evidenceOf([{ imageId: one, file, row }], { health }));
    expect(finding).toMatchObject({
      kind: 'odd-row',
      severity: 'error',
      repair: { row: { lastAccessedSec: 0, lastModifiedSec: file.modifiedSec, sizeBytes: 99 } },
    });
  });

  test('tells an index without rows beside images from a heap of orphans', () => {
    const orphan = { imageId: one, file: factsOf(), row: undefined };
    const findings = planVerify(evidenceOf([orphan]));
    expect(summary(findings)).toEqual(['error: index-lost → rebuild-index', 'hint: no-row → adopt-file']);
  });

  test('tells a damaged index, and in whose words', () => {
    const health = { damage: 'file is not a database', oddRows: new Set<string>() };
    const findings = planVerify(evidenceOf([], { health }));
    expect(findings).toMatchObject([{ kind: 'index-corrupt', severity: 'error', found: 'file is not a database' }]);
  });

  test('takes an image out of the queue that is cached, unless it has just come or is about to go', () => {
    const queue = [marker];
    const found = (image: Omit<CachedImage, 'imageId'>, more: Partial<Evidence> = {}): readonly string[] =>
      summary(planVerify(evidenceOf([{ imageId: one, ...image }, whole], { queue, ...more })));
    expect(found({ file: factsOf(), row: rowOf(one) })).toEqual(['hint: queued → drop-marker']);
    expect(found({ file: factsOf(YOUNG), row: rowOf(one) })).toEqual([]);
    const contents = new Map([[one, { file: factsOf(), verdict: damaged }]]);
    expect(found({ file: factsOf(), row: rowOf(one) }, { contents })).toEqual(['error: wrong-hash → retire-image']);
  });

  test('looks at no other images than those that are asked for', () => {
    const images = [one, two].map((imageId) => ({ imageId, file: factsOf(), row: undefined }));
    const findings = planVerify(evidenceOf([...images, whole], { imageIds: new Set([two]), queue: [marker] }));
    expect(findings.map(({ repair }) => 'imageId' in repair && repair.imageId)).toEqual([two]);
  });
});

describe('rebuiltRows()', () => {
  test('has a row for each image that has settled, and what is still known of its use', () => {
    const rows = rebuiltRows(
      evidenceOf([
        { imageId: one, file: factsOf({ sizeBytes: 7 }), row: rowOf(one, { hits: 5 }) },
        { imageId: two, file: factsOf(), row: undefined },
        { imageId: three, file: factsOf(YOUNG), row: undefined },
        { imageId: imageIdOf(4), file: undefined, row: rowOf(imageIdOf(4)) },
        { imageId: imageIdOf(5), file: undefined, row: rowOf(imageIdOf(5), { lastModifiedSec: NOW_SEC }) },
      ]),
    );
    expect(rows.map(({ imageId, hits, sizeBytes }) => [imageId, hits, sizeBytes])).toEqual([
      [one, 5, 7],
      [two, 0, 100],
      [imageIdOf(5), 0, 100],
    ]);
  });
});
