// What the toolkit itself keeps in the cache may be spoiled like anything else: parts, their journals, locks. No image is
// made of spoiled bytes, nothing that is spoiled stays for ever, and in the end the image is there.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { contentOf, hashOf } from '../support/cloud/contents.js';
import { expectHarmless } from '../support/harmless.ts';
import { ESCAPES } from '../support/hostile-text.ts';
import { partPath } from '../support/parts.ts';
import { FETCHED, usePrefetch } from '../support/prefetch-fixture.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { success } from '../support/run-program.ts';
import { asImageId } from '../support/seeded-cache.ts';

const prefetch = usePrefetch();

afterEach(() => void vi.useRealTimers());

const ONE = asImageId(idOf('1'));
const SIZE = 30_000;
const MONTH_MS = 30 * 86_400_000;

const FETCH = ['--retries', '0'];

const wellFormed = {
  version: 1,
  image_id: ONE,
  size: SIZE,
  digest: { algorithm: 'sha512', hex: hashOf('sha512', ONE, SIZE) },
  mismatches: 0,
  last_mismatch: 0,
};
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0.5, 1e300, -1e300, 2 ** 53 - 1, '', '1', [], {}, SIZE - 1, 2, ...ESCAPES),
  fc.constantFrom<unknown>(
    { algorithm: 'none', hex: 'zz' },
    { algorithm: 'md5', hex: '' },
    { algorithm: '__proto__', hex: '00' },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const journal = fc.oneof(
  // A good one often, for only that makes anybody go on with a part.
  { weight: 5, arbitrary: fc.constant(JSON.stringify(wellFormed)) },
  fc
    .array(fc.tuple(fc.constantFrom(...Object.keys(wellFormed)), odd), { minLength: 1, maxLength: 3 })
    .map((changes) => JSON.stringify({ ...wellFormed, ...Object.fromEntries(changes) })),
  fc.nat(200).map((length) => JSON.stringify(wellFormed).slice(0, length)),
  fc.constantFrom(
    '',
    '\0',
    '[',
    '['.repeat(60_000),
    '{"version":1,"version":2}',
    'null',
    ' '.repeat(70_000),
    '\ufeff{}',
  ),
  fc.string({ unit: 'binary', maxLength: 50 }),
);
const part = fc.oneof(
  fc.nat(SIZE).map((length) => contentOf(ONE, SIZE).subarray(0, length)),
  fc.constantFrom(
    Buffer.alloc(0),
    Buffer.alloc(SIZE),
    Buffer.alloc(SIZE + 1, 1),
    Buffer.concat([contentOf(ONE, SIZE), Buffer.from('x')]),
  ),
  fc.tuple(fc.nat(SIZE - 1), fc.integer({ min: 1, max: 255 })).map(([at, byte]) => {
    const bytes = Buffer.from(contentOf(ONE, SIZE));
    bytes[at] = (bytes[at] ?? 0) ^ byte;
    return bytes;
  }),
);

test(
  'the prefetcher fetches the image whole, and the cleaner leaves nothing, whatever part and journal were there',
  async () => {
    const it = await prefetch({ images: [{ id: ONE, sizeBytes: SIZE }] });
    const { layout } = it.cache;
    const call = (program: 'prefetcher' | 'cleaner', args: readonly string[]) =>
      callOn(it.cache, program, args, { env: it.env });
    const round = fc.asyncProperty(
      fc.option(part, { freq: 5 }),
      fc.option(journal, { freq: 5 }),
      fc.option(journal, { freq: 2 }),
      fc.constantFrom<readonly string[]>([], ['-v'], ['--debug'], ['--format', 'json']),
      async (bytes, text, torn, more) => {
        vi.useFakeTimers({ toFake: ['Date'] });
        rmSync(layout.parts, { recursive: true, force: true });
        mkdirSync(layout.parts, { recursive: true });
        it.queue(ONE);
        if (bytes !== null) writeFileSync(partPath(layout, ONE), bytes);
        if (text !== null) writeFileSync(partPath(layout, ONE, 'json'), text);
        if (torn !== null) writeFileSync(partPath(layout, ONE, 'json.new'), torn);
        for (const args of [['--dry-run', ...more], more]) {
          expectHarmless(await call('cleaner', ['--dry-run', ...more]), more, [0]);
          expectHarmless(await call('prefetcher', [...FETCH, ...args]), args, [0, 9]);
        }
        vi.setSystemTime(Date.now() + MONTH_MS);
        expectHarmless(await call('cleaner', more), more, [0]);
        expect(readdirSync(layout.parts)).toEqual([]);
        // Nothing that was remembered puts it off any more.
        if (it.cache.names('queue').length > 0) expect(await call('prefetcher', FETCH)).toEqual(success());
        expect(it.stateOf(ONE)).toEqual(FETCHED);
        expect(readFileSync(join(layout.root, ONE)).equals(contentOf(ONE, SIZE))).toBe(true);
        await callOn(it.cache, 'manage', ['-f', 'delete-cached-image', ONE]);
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(20, 3000) });
  },
  patienceMs(120_000),
);

test('every program that changes something ends with 4 and changes nothing when its lock is no empty file', async () => {
  const it = await prefetch({ images: [{ id: ONE, sizeBytes: SIZE }] });
  it.queue(ONE);
  it.cache.addImage(idOf('2'));
  it.cache.addFile('invalid', idOf('3'));
  it.cache.configure('image_cache_max_size = 0');
  const contents = ['1234\n', 'SQLite format 3\0', '\0'.repeat(5000), '\x1b[31m'];
  mkdirSync(it.cache.layout.locks, { recursive: true });
  for (const [place, content] of contents.entries()) {
    for (const program of ['pruner', 'cleaner', 'prefetcher', 'manage'] as const) {
      writeFileSync(join(it.cache.layout.locks, `glance-cache-${program}`), content);
    }
    for (const lock of ['glance-cache', 'glance-cache-prune', 'glance-cache-clean']) {
      writeFileSync(join(it.cache.root, lock), place === 0 ? content : '');
    }
    for (const [program, args] of [
      ['pruner', []],
      ['cleaner', []],
      ['prefetcher', FETCH],
    ] as const) {
      const run = await callOn(it.cache, program, args, { env: it.env });
      expectHarmless(run, args, [4]);
      expect(run.stderr).toContain('it is not an empty regular file');
    }
    expect([it.cache.names('cached'), it.cache.names('invalid'), it.cache.names('queue')]).toEqual([
      [idOf('2')],
      [idOf('3')],
      [ONE],
    ]);
  }
});

test('the prefetcher ends with 4 and keeps the queue as long as the index is spoiled', async () => {
  const it = await prefetch({ images: [{ id: ONE, sizeBytes: SIZE }] });
  it.queue(ONE);
  const whole = readFileSync(it.cache.layout.index);
  const spoiled = [Buffer.alloc(8192, 'rubbish'), whole.subarray(0, 5000), Buffer.from(whole).fill(0xff, 4096)];
  for (const bytes of spoiled) {
    writeFileSync(it.cache.layout.index, bytes);
    const run = await callOn(it.cache, 'prefetcher', FETCH, { env: it.env });
    expectHarmless(run, FETCH, [4]);
    expect(it.stateOf(ONE)).toMatchObject({ isCached: false, isQueued: true });
    expect(readFileSync(it.cache.layout.index).equals(bytes)).toBe(true);
  }
  writeFileSync(it.cache.layout.index, whole);
  expect(await callOn(it.cache, 'prefetcher', FETCH, { env: it.env })).toEqual(success());
  expect(it.stateOf(ONE)).toEqual(FETCHED);
});
