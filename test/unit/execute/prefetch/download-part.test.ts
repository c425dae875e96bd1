import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import { CacheStateError, IntegrityError, NotFoundError, RemoteError } from '../../../../src/errors/cache-error.ts';
import { downloadPart } from '../../../../src/execute/prefetch/download-part.ts';
import type { FetchPorts } from '../../../../src/execute/prefetch/fetch-ports.ts';
import { WorkingPart } from '../../../../src/execute/prefetch/working-part.ts';
import type { Image } from '../../../../src/glance/image.ts';
import { RetryBudget } from '../../../../src/http/with-retries.ts';
import { FakeClock } from '../../../support/clocks.ts';
import { contentOf } from '../../../support/cloud/contents.js';
import {
  CountedHashers,
  cut,
  type DownloadAnswer,
  fetchPortsOf,
  imageOf,
  openDescriptors,
  ScriptedGlance,
} from '../../../support/fetch-ports.ts';
import { createCache } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const MIB = 1024 * 1024;
const CONTENT = contentOf('download', 10_000);
const LARGE = contentOf('large', 3 * MIB + 5);
const SIZE = CONTENT.length;
const UNSIZED: Partial<Image> = { sizeBytes: undefined };
const NAMELESS: Partial<Image> = { sizeBytes: undefined, digest: undefined };

const folder = useTempDir();
let parts: DiskParts;
let hashers: CountedHashers;
let descriptors: number;

beforeEach(() => {
  parts = new DiskParts(createCache(join(folder(), 'cache')));
  hashers = new CountedHashers();
  descriptors = openDescriptors();
});

afterEach(() => {
  expect({ hashes: hashers.open, descriptors: openDescriptors() }).toEqual({ hashes: 0, descriptors });
});

/** What came of a download. */
interface Outcome {
  readonly error: unknown;
  /** Where the downloads were to begin. */
  readonly offsets: readonly (number | undefined)[];
  /** What the part has in the end. */
  readonly bytes: Buffer;
  /** What was tried again, in their order. */
  readonly retried: readonly unknown[];
  readonly sleeps: readonly number[];
}

interface Case {
  readonly content?: Uint8Array;
  readonly image?: Partial<Image>;
  readonly ports?: Partial<FetchPorts>;
  readonly maxBytes?: number;
}

/** Downloads, and verifies as far as the download succeeded. */
async function download(answers: readonly (DownloadAnswer | Error)[], it: Case = {}): Promise<Outcome> {
  const { content = CONTENT, maxBytes = content.length } = it;
  const clock = new FakeClock();
  const glance = new ScriptedGlance(content, answers);
  const ports = fetchPortsOf({ parts, glance, clock, createHasher: hashers.create, ...it.ports });
  const image = imageOf(content, it.image);
  const retried: unknown[] = [];
  const budget = new RetryBudget({ ...ports, onRetry: (error) => retried.push(error) });
  const part = await WorkingPart.open({ ports, image, growth: { maxBytes, onLength: () => undefined } }, 0);
  const error: unknown = await downloadPart({ ports, image, part, budget })
    .then(() => part.finish())
    .catch((caught: unknown) => caught);
  expect([glance.openAnswers, part.lengthBytes]).toEqual([0, parts.look(image.imageId)?.sizeBytes]);
  await part.close();
  const bytes = readFileSync(parts.path(image.imageId));
  return { error, offsets: glance.offsets, bytes, retried, sleeps: clock.sleeps };
}

function expectWhole({ error, bytes }: Outcome, content: Uint8Array = CONTENT): void {
  expect(error).toBeUndefined();
  expect(bytes.equals(content)).toBe(true);
}

describe('downloadPart()', () => {
  test('downloads an image in one answer', async () => {
    const outcome = await download([{}]);
    expectWhole(outcome);
    expect([outcome.offsets, outcome.retried]).toEqual([[0], []]);
  });

  test('asks for nothing when the image has no bytes', async () => {
    const outcome = await download([], { content: Buffer.of() });
    expectWhole(outcome, Buffer.of());
    expect(outcome.offsets).toEqual([]);
  });

  test('goes on where an answer was cut, after a pause each time', async () => {
    const errors = [cut(), cut(), cut()];
    const outcome = await download(errors.map((error, place) => ({ sentBytes: place * 1000, error })));
    expectWhole(outcome);
    expect(outcome.offsets).toEqual([0, 0, 1000, 3000]);
    expect([outcome.retried, outcome.sleeps]).toEqual([errors, [0.25, 0.5, 1]]);
  });

  test('starts over, in file and hash, when the answer begins at the start of the image', async () => {
    const outcome = await download([
      { sentBytes: 4000, error: cut(), content: Buffer.alloc(SIZE, 'x') },
      { isWhole: true, sentBytes: 5000, error: cut() },
      { isWhole: true },
    ]);
    expectWhole(outcome);
    expect(outcome.offsets).toEqual([0, 4000, 5000]);
  });

  test('needs no further answer when only the end of the last one was lost', async () => {
    const outcome = await download([{ error: cut() }], { ports: { retries: 0 } });
    expectWhole(outcome);
    expect([outcome.offsets, outcome.sleeps]).toEqual([[0], []]);
  });

  test('tries again what Glance does not answer for a moment', async () => {
    const busy = new RemoteError('REMOTE_STATUS', 'busy', { isTransient: true, retryAfterSec: 7 });
    const outcome = await download([busy, { sentBytes: 10, error: cut() }, busy]);
    expectWhole(outcome);
    expect([outcome.offsets, outcome.sleeps]).toEqual([
      [0, 0, 10, 10],
      [7.25, 0.5, 8],
    ]);
  });

  test.each([0, 1, 3])('gives up after %d retries that brought little, and keeps what came', async (retries) => {
    const last = cut();
    const answers = [
      ...Array.from({ length: retries }, () => ({ sentBytes: 100, error: cut() })),
      { sentBytes: 100, error: last },
    ];
    const outcome = await download(answers, { ports: { retries } });
    expect(outcome.error).toBe(last);
    expect([outcome.offsets.length, outcome.bytes.length]).toEqual([retries + 1, (retries + 1) * 100]);
    expect(outcome.bytes.equals(CONTENT.subarray(0, outcome.bytes.length))).toBe(true);
  });

  test('counts the failures anew when a mebibyte has come in between, and not when less has', async () => {
    const mebibyte = () => ({ sentBytes: MIB, error: cut() });
    const outcome = await download([mebibyte(), mebibyte(), mebibyte()], { content: LARGE, ports: { retries: 1 } });
    expectWhole(outcome, LARGE);
    expect(outcome.offsets).toEqual([0, MIB, 2 * MIB, 3 * MIB]);
    const less = await download([mebibyte(), { sentBytes: MIB - 1, error: cut() }], {
      content: LARGE,
      ports: { retries: 1 },
    });
    expect(less.error).toMatchObject({ code: 'REMOTE_CUT' });
  });

  test('does not take for progress what comes anew each time', async () => {
    const anew = () => ({ isWhole: true, sentBytes: 2 * MIB, error: cut() });
    const outcome = await download([anew(), anew(), anew(), {}], { content: LARGE, ports: { retries: 1 } });
    expect(outcome.error).toMatchObject({ code: 'REMOTE_CUT' });
    expect(outcome.offsets).toEqual([0, 2 * MIB]);
  });

  test.each<readonly [string, Error]>([
    ['the image is gone', new NotFoundError('NOT_FOUND_IMAGE', 'Cannot get image')],
    ['the failure will not pass', new RemoteError('REMOTE_STATUS', 'Cannot download', { isTransient: false })],
    ['the disk fails', new CacheStateError('CACHE_IO', 'Cannot write')],
    ['the program does', new TypeError('bug')],
  ])('does not try again when %s', async (_why, error) => {
    expect(await download([error])).toMatchObject({ error, offsets: [0], retried: [] });
    expect(await download([{ sentBytes: 50, error }])).toMatchObject({ error, offsets: [0], retried: [] });
  });
});

describe('downloadPart(), when an answer ends as it should and is short', () => {
  test('goes on from there, as after a cut', async () => {
    const outcome = await download([{ sentBytes: 10 }, { sentBytes: 20 }, { sentBytes: 30 }]);
    expectWhole(outcome);
    expect(outcome.offsets).toEqual([0, 10, 30, 60]);
    expect(outcome.retried[0]).toMatchObject({
      code: 'REMOTE_CUT',
      message: expect.stringContaining(`the answer ended after 10 of ${SIZE} B`) as unknown,
    });
  });

  test.each<readonly [string, readonly DownloadAnswer[], number]>([
    ['at once', [{ sentBytes: 10 }, { sentBytes: 0 }], 10],
    ['without any byte', [{ sentBytes: 0 }, { sentBytes: 0 }], 0],
    ['after a cut at the same place', [{ sentBytes: 10 }, { sentBytes: 0, error: cut() }, { sentBytes: 0 }], 10],
    ['having begun anew', [{ sentBytes: 10 }, { isWhole: true, sentBytes: 10 }], 10],
  ])('is INTEGRITY_SIZE when it ends at the same place again: %s', async (_how, answers, lengthBytes) => {
    const outcome = await download(answers);
    expect(outcome.error).toBeInstanceOf(IntegrityError);
    expect(outcome.error).toMatchObject({
      code: 'INTEGRITY_SIZE',
      details: { expected: SIZE, found: lengthBytes },
    });
    expect(outcome.offsets).toHaveLength(answers.length);
  });

  test('fails with the cut when there are no retries', async () => {
    const outcome = await download([{ sentBytes: 10 }], { ports: { retries: 0 } });
    expect([outcome.error, outcome.bytes.length]).toMatchObject([{ code: 'REMOTE_CUT' }, 10]);
  });
});

describe('downloadPart(), when the length is not that of the image', () => {
  test('is INTEGRITY_SIZE, with as much as there may be, when there are more bytes', async () => {
    const outcome = await download([{ content: Buffer.concat([CONTENT, Buffer.from('x')]) }]);
    expect(outcome.error).toMatchObject({ code: 'INTEGRITY_SIZE', details: { expected: SIZE } });
    expect([outcome.bytes.equals(CONTENT), outcome.retried]).toEqual([true, []]);
  });

  test.each([SIZE - 1, SIZE + 1])(
    'is INTEGRITY_SIZE, and reads nothing, when the answer tells of %d bytes',
    async (totalBytes) => {
      const outcome = await download([{ totalBytes }]);
      expect(outcome.error).toMatchObject({ code: 'INTEGRITY_SIZE', details: { expected: SIZE, found: totalBytes } });
      expect([outcome.bytes.length, outcome.offsets]).toEqual([0, [0]]);
    },
  );

  test('takes an answer that tells the right length', async () => {
    expectWhole(await download([{ totalBytes: SIZE, sentBytes: 5000, error: cut() }, { totalBytes: SIZE }]));
  });
});

describe('downloadPart(), when Glance does not know the size', () => {
  test('takes what comes until the end, by its hash, and begins anew after a cut', async () => {
    const outcome = await download([{ sentBytes: 3000, error: cut() }, {}], { image: UNSIZED, maxBytes: 1e6 });
    expectWhole(outcome);
    expect(outcome.offsets).toEqual([undefined, undefined]);
  });

  test('is INTEGRITY_HASH when what came is not all, or something else', async () => {
    for (const answer of [{ sentBytes: 3000 }, { content: LARGE, sentBytes: 5000 }]) {
      expect(await download([answer], { image: UNSIZED, maxBytes: 1e6 })).toMatchObject({
        error: { code: 'INTEGRITY_HASH' },
        offsets: [undefined],
      });
    }
  });

  test('takes an image of which it knows no hash either when the answer tells its length', async () => {
    expectWhole(await download([{ totalBytes: SIZE }], { image: NAMELESS, maxBytes: 1e6 }));
    const empty = { content: Buffer.of(), image: NAMELESS, maxBytes: 1e6 };
    expectWhole(await download([{ totalBytes: 0 }], empty), Buffer.of());
  });

  test('is INTEGRITY_UNVERIFIABLE when nothing tells whether it is whole', async () => {
    expect(await download([{}], { image: NAMELESS, maxBytes: 1e6 })).toMatchObject({
      error: { code: 'INTEGRITY_UNVERIFIABLE' },
      offsets: [undefined],
    });
  });

  test.each([NAMELESS, UNSIZED])('is INTEGRITY_SIZE when the answer told of another length (%j)', async (image) => {
    expect(await download([{ totalBytes: SIZE + 1 }], { image, maxBytes: 1e6 })).toMatchObject({
      error: { code: 'INTEGRITY_SIZE', details: { expected: SIZE + 1, found: SIZE } },
    });
  });

  test('is INTEGRITY_SIZE, with exactly as much as there may be, when there is no more room', async () => {
    const outcome = await download([{}], { image: UNSIZED, maxBytes: 7777 });
    expect(outcome.error).toMatchObject({ code: 'INTEGRITY_SIZE' });
    expect(outcome.bytes.equals(CONTENT.subarray(0, 7777))).toBe(true);
  });
});

describe('downloadPart(), when it is stopped', () => {
  const reason = new Error('stopped');

  test('ends with the reason while bytes come, and keeps what came', async () => {
    const stop = new AbortController();
    const answer = { sentBytes: 5000, onSent: () => stop.abort(reason), error: cut() };
    const outcome = await download([answer], { ports: { signal: stop.signal } });
    expect([outcome.error, outcome.offsets, outcome.retried]).toEqual([reason, [0], []]);
    expect(outcome.bytes.equals(CONTENT.subarray(0, 5000))).toBe(true);
  });

  test('ends with the reason while it waits to try again', async () => {
    const stop = new AbortController();
    const clock = new FakeClock();
    clock.sleep = async (_seconds, signal) => {
      stop.abort(reason);
      signal.throwIfAborted();
    };
    const outcome = await download([{ sentBytes: 5000, error: cut() }], { ports: { signal: stop.signal, clock } });
    expect([outcome.error, outcome.offsets, outcome.bytes.length]).toEqual([reason, [0], 5000]);
  });
});
