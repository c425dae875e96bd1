import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import { fetchPart } from '../../../../src/execute/prefetch/fetch-part.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import { CountedHashers, cut, fetchPortsOf, imageOf, ScriptedGlance } from '../../../support/fetch-ports.ts';
import { createCache } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const CONTENT = contentOf('resumed', 5000);

const folder = useTempDir();
let parts: DiskParts;

beforeEach(() => {
  parts = new DiskParts(createCache(join(folder(), 'cache')));
});

/** One answer of a server that is not at its best. */
const anyAnswer = fc.record({
  sentBytes: fc.oneof(fc.nat(CONTENT.length), fc.nat(100)),
  isCut: fc.boolean(),
  isWhole: fc.boolean(),
});

type Answer = typeof anyAnswer extends fc.Arbitrary<infer T> ? T : never;

/** What is to come of answers: where each download begins, and whether all ends well. */
function expectedOf(answers: readonly Answer[], sizeBytes: number) {
  const offsets: number[] = [];
  let [atBytes, endedBytes] = [0, -1];
  for (const { sentBytes, isCut, isWhole } of [...answers, { sentBytes: sizeBytes, isCut: false, isWhole: false }]) {
    if (atBytes === sizeBytes) break;
    offsets.push(atBytes);
    atBytes = Math.min(sizeBytes, (isWhole ? 0 : atBytes) + sentBytes);
    if (isCut || atBytes === sizeBytes) continue;
    if (atBytes === endedBytes) return { offsets, isWhole: false };
    endedBytes = atBytes;
  }
  return { offsets, isWhole: true };
}

function glanceOf(content: Uint8Array, answers: readonly Answer[]): ScriptedGlance {
  return new ScriptedGlance(
    content,
    answers.map(({ isCut, ...answer }) => (isCut ? { ...answer, error: cut() } : answer)),
  );
}

const anyContent = fc.nat(CONTENT.length).map((length) => CONTENT.subarray(0, length));

describe('fetchPart()', () => {
  test('makes one whole image of whatever pieces a server sends, and asks for what is missing only', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, fc.array(anyAnswer, { maxLength: 8 }), async (content, answers) => {
        const image = imageOf(content);
        parts.remove(image.imageId);
        const [glance, hashers, lengths] = [glanceOf(content, answers), new CountedHashers(), [] as number[]];
        const ports = fetchPortsOf({ parts, glance, retries: 100, createHasher: hashers.create });
        const outcome = await fetchPart(ports, {
          image,
          storePath: undefined,
          growth: { maxBytes: content.length, onLength: (bytes) => lengths.push(bytes) },
          onRetry: () => undefined,
          onNote: (note) => expect.unreachable(note),
        }).catch((error: unknown) => error);
        const expected = expectedOf(answers, content.length);
        expect(glance.offsets).toEqual(expected.offsets);
        expect([glance.openAnswers, hashers.open]).toEqual([0, 0]);
        const bytes = readFileSync(parts.path(image.imageId));
        expect(bytes.equals(content.subarray(0, bytes.length))).toBe(true);
        expect(lengths.at(-1)).toBe(bytes.length);
        if (expected.isWhole) expect(outcome).toEqual({ source: 'http', sizeBytes: content.length, resumedBytes: 0 });
        else expect(outcome).toMatchObject({ code: 'INTEGRITY_SIZE' });
        expect(bytes.length === content.length).toBe(expected.isWhole);
      }),
    );
  });

  test('makes one whole image in as many runs as are cut, and asks for no byte twice', async () => {
    const anyRuns = fc.array(fc.nat(CONTENT.length), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(anyContent, anyRuns, async (content, runs) => {
        const image = imageOf(content);
        parts.remove(image.imageId);
        let presentBytes = 0;
        for (const sentBytes of [...runs, content.length]) {
          const glance = new ScriptedGlance(content, [{ sentBytes, error: cut() }]);
          const fetched = await fetchPart(fetchPortsOf({ parts, glance, retries: 0 }), {
            image,
            storePath: undefined,
            growth: { maxBytes: content.length, onLength: () => undefined },
            onRetry: () => undefined,
            onNote: (note) => expect.unreachable(note),
          }).catch((error: unknown) => error);
          const isWhole = presentBytes + sentBytes >= content.length;
          expect(glance.offsets).toEqual(presentBytes === content.length ? [] : [presentBytes]);
          const whole = { source: 'http', sizeBytes: content.length, resumedBytes: presentBytes };
          expect(fetched).toMatchObject(isWhole ? whole : { code: 'REMOTE_CUT' });
          presentBytes = Math.min(content.length, presentBytes + sentBytes);
          expect(readFileSync(parts.path(image.imageId)).equals(content.subarray(0, presentBytes))).toBe(true);
        }
      }),
    );
  });
});
