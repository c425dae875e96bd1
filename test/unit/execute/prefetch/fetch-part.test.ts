import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageId } from '../../../../src/cache/image-id.ts';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { DiskParts } from '../../../../src/cache/prefetch/disk-parts.ts';
import type { PartFile, Parts } from '../../../../src/cache/prefetch/parts.ts';
import { CacheStateError, IntegrityError } from '../../../../src/errors/cache-error.ts';
import { type FetchedPart, fetchPart } from '../../../../src/execute/prefetch/fetch-part.ts';
import type { FetchPorts } from '../../../../src/execute/prefetch/fetch-ports.ts';
import { Hashers } from '../../../../src/execute/transfer/hashers.ts';
import { RingPool } from '../../../../src/execute/transfer/ring-pool.ts';
import type { Image } from '../../../../src/glance/image.ts';
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
import { useHashThread } from '../../../support/hash-thread.ts';
import { HookedParts } from '../../../support/hooked-ports.ts';
import { partNames } from '../../../support/parts.ts';
import { createCache, imageIdOf } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

const CONTENT = contentOf('fetch', 10_000);
const OTHER = contentOf('another', 10_000);
const SIZE = CONTENT.length;
const IMAGE = imageOf(CONTENT);
const one = imageIdOf(1);

const folder = useTempDir();
const code = useHashThread();
let layout: CacheLayout;
let parts: DiskParts;
let hashers: CountedHashers;
let descriptors: number;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  parts = new DiskParts(layout);
  hashers = new CountedHashers();
  mkdirSync(join(folder(), 'store'));
  descriptors = openDescriptors();
});

afterEach(() => {
  expect({ hashes: hashers.open, descriptors: openDescriptors() }).toEqual({ hashes: 0, descriptors });
});

interface Case {
  readonly image?: Image;
  readonly answers?: readonly (DownloadAnswer | Error)[];
  /** What the store has; it has nothing unless given. */
  readonly stored?: Uint8Array;
  readonly storePath?: string;
  readonly ports?: Partial<FetchPorts>;
}

interface Outcome {
  readonly fetched: FetchedPart | undefined;
  readonly error: unknown;
  readonly offsets: readonly (number | undefined)[];
  readonly notes: readonly string[];
  readonly lengths: readonly number[];
  readonly retries: readonly unknown[];
}

async function fetchIt({ image = IMAGE, answers, stored, ports, ...more }: Case = {}): Promise<Outcome> {
  const glance = new ScriptedGlance(CONTENT, answers);
  const path = join(folder(), 'store', one);
  if (stored !== undefined) writeFileSync(path, stored);
  const storePath = more.storePath ?? (stored === undefined ? undefined : path);
  const [notes, lengths, retries] = [[] as string[], [] as number[], [] as unknown[]];
  const outcome = await fetchPart(fetchPortsOf({ parts, glance, createHasher: hashers.create, ...ports }), {
    image,
    storePath,
    growth: { maxBytes: image.sizeBytes ?? 1e6, onLength: (bytes) => lengths.push(bytes) },
    onRetry: (error, delaySec) => retries.push([error, delaySec]),
    onNote: (note) => notes.push(note),
  }).then(
    (fetched) => ({ fetched, error: undefined }),
    (error: unknown) => ({ fetched: undefined, error }),
  );
  expect(glance.openAnswers).toBe(0);
  return { ...outcome, offsets: glance.offsets, notes, lengths, retries };
}

/** What an earlier run has left. */
function left(
  bytes: Uint8Array,
  content: Image = IMAGE,
  more: { mismatches?: number; lastMismatchSec?: number } = {},
): void {
  parts.writeJournal({ imageId: one, content, mismatches: 0, lastMismatchSec: 0, ...more });
  writeFileSync(parts.path(one), bytes);
}

function partBytes(): Buffer {
  return readFileSync(parts.path(one));
}

/** Parts that cannot be written to. */
class FullParts extends DiskParts {
  readonly error = new CacheStateError('CACHE_NO_SPACE', 'Cannot write: no space left on device (ENOSPC)');

  override async open(imageId: ImageId): Promise<PartFile> {
    const file = await super.open(imageId);
    return {
      write: () => Promise.reject(this.error),
      truncate: (length) => file.truncate(length),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }
}

/** Parts that tell of each step. */
function watched(steps: string[]): Parts {
  return new HookedParts(parts, (step) => steps.push(step));
}

describe('fetchPart()', () => {
  test('downloads an image into its part, under a journal that tells what it is to become', async () => {
    const { fetched, lengths, notes } = await fetchIt();
    expect(fetched).toEqual({ source: 'http', sizeBytes: SIZE, resumedBytes: 0 });
    expect([lengths[0], lengths.at(-1), notes]).toEqual([0, SIZE, []]);
    expect(partBytes().equals(CONTENT)).toBe(true);
    const { sizeBytes, digest } = IMAGE;
    expect(parts.journal(one)).toEqual({
      imageId: one,
      content: { sizeBytes, digest },
      mismatches: 0,
      lastMismatchSec: 0,
    });
    expect(partNames(layout)).toEqual([`${one}.json`, `${one}.part`]);
  });

  test.each([CONTENT, undefined])('has the journal in place before there is a part', async (stored) => {
    const steps: string[] = [];
    await fetchIt({ ports: { parts: watched(steps) }, ...(stored === undefined ? {} : { stored }) });
    expect(steps.indexOf('write journal')).toBeGreaterThanOrEqual(0);
    expect(steps.indexOf('write journal')).toBeLessThan(steps.indexOf('open part'));
  });

  test('makes no part when the journal cannot be written', async () => {
    const fault = new CacheStateError('CACHE_NO_SPACE', 'Cannot write');
    const failing = new HookedParts(parts, (step) => {
      if (step === 'write journal') throw fault;
    });
    const { error, offsets } = await fetchIt({ ports: { parts: failing } });
    expect([error, offsets, partNames(layout)]).toEqual([fault, [], []]);
  });

  test('removes a part of other content before its journal tells of the new one', async () => {
    left(OTHER, imageOf(OTHER));
    const steps: string[] = [];
    const { fetched } = await fetchIt({ ports: { parts: watched(steps) } });
    expect(fetched).toMatchObject({ resumedBytes: 0 });
    expect(steps.indexOf('remove part')).toBeLessThan(steps.indexOf('write journal'));
    expect(partBytes().equals(CONTENT)).toBe(true);
  });

  test('remembers how often the image went wrong before', async () => {
    left(Buffer.of(), imageOf(OTHER), { mismatches: 3, lastMismatchSec: 1_700_000_000 });
    await fetchIt();
    expect(parts.journal(one)).toMatchObject({ mismatches: 3, lastMismatchSec: 1_700_000_000 });
  });

  test('keeps part and journal when it fails, so that the next run goes on', async () => {
    const failure = cut();
    const { error, retries } = await fetchIt({ answers: [{ sentBytes: 6000, error: failure }], ports: { retries: 0 } });
    expect([error, retries]).toEqual([failure, []]);
    expect(partBytes().equals(CONTENT.subarray(0, 6000))).toBe(true);
    const { fetched, offsets, lengths } = await fetchIt();
    expect([fetched, offsets]).toEqual([{ source: 'http', sizeBytes: SIZE, resumedBytes: 6000 }, [6000]]);
    expect([lengths[0], lengths.at(-1)]).toEqual([0, SIZE]);
  });

  test('tells of each failure that it tries again', async () => {
    const failure = cut();
    const { retries, fetched } = await fetchIt({ answers: [failure, { sentBytes: 5, error: failure }] });
    expect([retries, fetched?.source]).toEqual([
      [
        [failure, 0.25],
        [failure, 0.5],
      ],
      'http',
    ]);
  });

  test('verifies a part that is complete, and asks for nothing', async () => {
    left(CONTENT);
    const { fetched, offsets } = await fetchIt();
    expect([fetched, offsets]).toEqual([{ source: 'http', sizeBytes: SIZE, resumedBytes: SIZE }, []]);
  });

  test('is INTEGRITY_HASH when the bytes are those of another image, downloaded or left over', async () => {
    expect(await fetchIt({ answers: [{ content: OTHER }] })).toMatchObject({ error: { code: 'INTEGRITY_HASH' } });
    left(OTHER.subarray(0, 100));
    expect(await fetchIt()).toMatchObject({ error: { code: 'INTEGRITY_HASH' }, offsets: [100] });
  });

  test('ends with the reason, and asks for nothing, when it was stopped before', async () => {
    const reason = new Error('stopped');
    for (const stored of [{ stored: CONTENT }, {}]) {
      expect(await fetchIt({ ...stored, ports: { signal: AbortSignal.abort(reason) } })).toMatchObject({
        error: reason,
        offsets: [],
        notes: [],
      });
    }
  });

  test('hashes in threads what has no size, and side by side', async () => {
    const threaded = new Hashers({ threadEntry: code().entry });
    const rings = new RingPool();
    const glance = new ScriptedGlance(CONTENT, [{ sentBytes: 4000, error: cut() }]);
    const ports = fetchPortsOf({ parts, glance, rings, createHasher: (image) => threaded.create(image) });
    const fetches = [2, 3, 4, 5, 6].map((number) =>
      fetchPart(ports, {
        image: { ...IMAGE, imageId: imageIdOf(number), sizeBytes: undefined },
        storePath: undefined,
        growth: { maxBytes: 1e6, onLength: () => undefined },
        onRetry: () => undefined,
        onNote: () => undefined,
      }),
    );
    for (const fetched of await Promise.all(fetches)) expect(fetched.sizeBytes).toBe(SIZE);
    await threaded.close();
  });
});

describe('fetchPart() with a store', () => {
  test('copies the image, and asks Glance for no byte', async () => {
    left(CONTENT.subarray(0, 100));
    const { fetched, offsets, notes, lengths } = await fetchIt({ stored: CONTENT });
    expect(fetched).toEqual({ source: 'store', sizeBytes: SIZE, resumedBytes: 0 });
    expect([offsets, notes, lengths.at(-1)]).toEqual([[], [], SIZE]);
    expect(partBytes().equals(CONTENT)).toBe(true);
    expect(parts.journal(one)?.content).toEqual({ sizeBytes: SIZE, digest: IMAGE.digest });
  });

  test.each<readonly [string, Case, RegExp]>([
    ['cannot be read', { storePath: '/proc/self/mem' }, /^Cannot read "\/proc\/self\/mem": i\/o error \(EIO\); /],
    ['is of another image', { stored: OTHER }, /^Cannot use the bytes of image .*: their sha512 is .*, not /],
    ['is short', { stored: CONTENT.subarray(1) }, /^Cannot use the bytes of image .*: they are 9999 B, not 10000 B; /],
    ['is long', { stored: Buffer.concat([CONTENT, OTHER]) }, /^Cannot take the image: there are more bytes than /],
  ])('downloads the image from its start, and says why, when the file %s', async (_what, stored, note) => {
    left(CONTENT.subarray(0, 100));
    const { fetched, offsets, notes } = await fetchIt(stored);
    expect([fetched, offsets]).toEqual([{ source: 'http', sizeBytes: SIZE, resumedBytes: 0 }, [0]]);
    expect(notes).toEqual([expect.stringMatching(note)]);
    expect(notes[0]).toContain('; downloading it instead of copying "');
    expect(partBytes().equals(CONTENT)).toBe(true);
  });

  test('goes on with what an earlier run has left when the file cannot even be opened', async () => {
    left(CONTENT.subarray(0, 100));
    const { fetched, offsets, notes } = await fetchIt({ storePath: '/nonexistent/image' });
    expect([fetched, offsets]).toEqual([{ source: 'http', sizeBytes: SIZE, resumedBytes: 100 }, [100]]);
    expect(notes).toEqual([expect.stringMatching(/^the file is not there any more; .* "\/nonexistent\/image"$/)]);
    expect(partBytes().equals(CONTENT)).toBe(true);
  });

  test('does not download what the disk has no room for', async () => {
    const full = new FullParts(layout);
    const { error, offsets, notes } = await fetchIt({ stored: CONTENT, ports: { parts: full } });
    expect([error, offsets, notes]).toEqual([full.error, [], []]);
  });

  test('does not download what cannot be verified', async () => {
    const unknown = new IntegrityError('INTEGRITY_UNVERIFIABLE', 'Cannot verify with "sha1024"');
    const createHasher = (): never => {
      throw unknown;
    };
    const { error, offsets, notes } = await fetchIt({ stored: CONTENT, ports: { createHasher } });
    expect([error, offsets, notes]).toEqual([unknown, [], []]);
  });

  test('takes a file of whatever length when Glance knows neither size nor hash', async () => {
    const image = { ...IMAGE, sizeBytes: undefined, digest: undefined };
    const { fetched, offsets } = await fetchIt({ image, stored: OTHER.subarray(0, 77) });
    expect([fetched, offsets]).toEqual([{ source: 'store', sizeBytes: 77, resumedBytes: 0 }, []]);
  });

  test('ends with the reason when it is stopped while it copies, and does not begin to download', async () => {
    const [stop, reason] = [new AbortController(), new Error('stopped')];
    const createHasher: FetchPorts['createHasher'] = (image) => ({
      ...hashers.create(image),
      update: async () => stop.abort(reason),
    });
    const outcome = await fetchIt({ stored: CONTENT, ports: { createHasher, signal: stop.signal } });
    expect(outcome).toMatchObject({ error: reason, offsets: [], notes: [] });
    expect(parts.journal(one)).toBeDefined();
  });
});
