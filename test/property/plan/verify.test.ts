import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { CachedImage, CacheSnapshot } from '../../../src/cache/snapshot.ts';
import { type ContentCheck, type Evidence, type Finding, planVerify, rebuiltRows } from '../../../src/plan/verify.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { anySnapshot, factsOf, NOW_SEC, snapshotOf } from '../../support/snapshots.ts';

const GRACE_SEC = 60;
const SOUND = { damage: undefined, oddRows: new Set<string>() };

const anyVerdict: fc.Arbitrary<ContentCheck['verdict']> = fc.constantFrom<ContentCheck['verdict']>(
  { kind: 'sound' },
  { kind: 'deleted' },
  { kind: 'damaged', reason: 'wrong-hash', expected: 'a', found: 'b' },
  { kind: 'damaged', reason: 'wrong-length', expected: '1', found: '2' },
);

/** A cache with any damage, of which any images have been read. */
const anyEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    snapshot: anySnapshot,
    isCorrupt: fc.boolean(),
    verdicts: fc.array(fc.option(anyVerdict, { nil: undefined }), { minLength: 12, maxLength: 12 }),
    odd: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    queued: fc.uniqueArray(fc.nat(200), { maxLength: 5 }),
  })
  .map(({ snapshot, isCorrupt, verdicts, odd, queued }) => {
    const contents = new Map<ImageId, ContentCheck>();
    for (const [place, { imageId, file }] of snapshot.images.entries()) {
      const verdict = verdicts[place];
      if (file !== undefined && verdict !== undefined && NOW_SEC - file.changedSec > GRACE_SEC)
        contents.set(imageId, { file, verdict });
    }
    const oddRows = new Set<string>(
      snapshot.images.filter(({ row }, place) => row !== undefined && odd[place]).map(({ imageId }) => imageId),
    );
    const ids = [...queued.map(imageIdOf), ...snapshot.images.slice(0, 2).map(({ imageId }) => imageId)];
    const queue = [...new Set(ids)].map((imageId) => ({ imageId, name: imageId, facts: factsOf() }));
    const health = { damage: isCorrupt ? 'malformed' : undefined, oddRows };
    return { snapshot, health, queue, contents, imageIds: undefined };
  });

/** The cache once every finding is mended, told again from what each repair is for. */
function mended(evidence: Evidence, findings: readonly Finding[]): Evidence {
  const isRebuilt = evidence.health.damage !== undefined;
  const rebuilt = new Map(rebuiltRows(evidence).map((row) => [row.imageId, row]));
  const images = new Map<ImageId, CachedImage>();
  for (const image of evidence.snapshot.images) {
    const row = isRebuilt ? rebuilt.get(image.imageId) : image.row;
    images.set(image.imageId, { ...image, row });
  }
  const dropped = new Set<string>();
  for (const { repair } of findings) {
    if (repair.kind === 'rebuild-index') continue;
    const image = images.get(repair.imageId as ImageId);
    if (repair.kind === 'drop-marker') dropped.add(repair.name);
    else if (image === undefined) continue;
    else if (repair.kind === 'retire-image' || repair.kind === 'remove-image') images.delete(image.imageId);
    else if (repair.kind === 'drop-row') images.set(image.imageId, { ...image, row: undefined });
    else if (repair.kind === 'correct-size') {
      const row = image.row && { ...image.row, sizeBytes: repair.file.sizeBytes };
      images.set(image.imageId, { ...image, row });
    } else images.set(image.imageId, { ...image, row: repair.row });
  }
  const left = [...images.values()].filter(({ file, row }) => file !== undefined || row !== undefined);
  return {
    ...evidence,
    snapshot: snapshotOf(left),
    health: SOUND,
    queue: evidence.queue.filter(({ name }) => !dropped.has(name)),
  };
}

function check(predicate: (evidence: Evidence, findings: readonly Finding[]) => void): void {
  fc.assert(
    fc.property(anyEvidence, (evidence) => predicate(evidence, planVerify(evidence))),
    { numRuns: 500 },
  );
}

/** Sound files, however young: what no repair may take. */
function soundFiles({ snapshot, contents }: Evidence): readonly string[] {
  const isSound = (imageId: ImageId): boolean => (contents.get(imageId)?.verdict.kind ?? 'sound') === 'sound';
  return snapshot.images
    .filter(({ imageId, file }) => file !== undefined && isSound(imageId))
    .map(({ imageId }) => imageId);
}

function filesOf({ images }: CacheSnapshot): readonly string[] {
  return images.filter(({ file }) => file !== undefined).map(({ imageId }) => imageId);
}

describe('planVerify()', () => {
  test('finds nothing any more once everything it found is mended', () => {
    check((evidence, findings) => {
      expect(planVerify(mended(evidence, findings))).toEqual([]);
    });
  });

  test('lets no image go but those whose bytes were found wrong, or that Glance has deleted', () => {
    check((evidence, findings) => {
      expect(filesOf(mended(evidence, findings).snapshot)).toEqual(soundFiles(evidence));
    });
  });

  test('finds at most one thing about an image, and one about its place in the queue', () => {
    check((_evidence, findings) => {
      const keys = findings.map(({ repair }) => {
        if (repair.kind === 'rebuild-index') return repair.kind;
        return `${repair.kind === 'drop-marker' ? 'queue' : 'image'} ${repair.imageId}`;
      });
      expect(new Set(keys).size).toBe(keys.length);
    });
  });
});
