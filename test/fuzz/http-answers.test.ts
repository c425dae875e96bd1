// Keystone, Glance, and whatever stands before them, may answer anything. A run ends with a sentence about it, in bounded
// time; no image is ever cached that is not the one of Glance; and no terminal obeys what a server says.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { contentOf, hashOf } from '../support/cloud/contents.js';
import { answerAll, answerNext, isDownload, isLogin, isLookup, type Which } from '../support/cloud/scripted.ts';
import { bitFlips, cutOff, damaged, pieceSomewhere } from '../support/damage.ts';
import { expectHarmless } from '../support/harmless.ts';
import { cutAfter, send, sendRaw, sendUntilClose } from '../support/http-answers.ts';
import type { Answer } from '../support/loopback-server.ts';
import { MIB, type PrefetchFixture, usePrefetch } from '../support/prefetch-fixture.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { type RunResult, success } from '../support/run-program.ts';
import { type Trouble, trouble, troubledAnswer } from '../support/troubled-answers.ts';

const prefetch = usePrefetch();

const [ONE, TWO] = [idOf('1'), idOf('2')];
const SIZE = 100_000;
const IMAGES = [
  { id: ONE, sizeBytes: SIZE },
  { id: TWO, sizeBytes: SIZE },
];

/** The kinds of requests that a run makes. */
const KINDS: Readonly<Record<string, Which>> = {
  versions: ({ service, method }) => service === 'keystone' && method === 'GET',
  login: isLogin,
  lookup: isLookup,
  list: ({ service, path }) => service === 'glance' && /\/images$/.test(path),
  download: isDownload,
};

const FETCH = ['--retries', '0', '--stall-timeout', '1'];
const CALLS = [
  ['prefetcher', FETCH],
  ['prefetcher', [...FETCH, '-v']],
  ['prefetcher', [...FETCH, '--format', 'json']],
  ['prefetcher', [...FETCH, '--dry-run', '--format', 'yaml', '--debug']],
  ['manage', ['-f', 'queue-image', 'an image by its name', '--retries', '0', '--stall-timeout', '1']],
] as const;

/** What Keystone and Glance say when they are well. */
function bodyOf(it: PrefetchFixture, kind: string): unknown {
  const image = {
    id: ONE,
    name: 'one',
    status: 'active',
    size: SIZE,
    checksum: null,
    os_hash_algo: 'sha512',
    tags: [],
  };
  const endpoints = [{ interface: 'public', region: 'RegionOne', region_id: 'RegionOne', url: it.cloud.glanceUrl }];
  const token = {
    issued_at: '2026-01-01T00:00:00.000000Z',
    expires_at: '2026-01-01T01:00:00.000000Z',
    project: { id: 'p', name: 'service' },
    roles: [{ name: 'admin' }],
    catalog: [{ type: 'image', name: 'glance', endpoints }],
  };
  const links = [{ rel: 'self', href: `${it.cloud.keystoneUrl}/v3/` }];
  const bodies: Readonly<Record<string, unknown>> = {
    versions: { versions: { values: [{ id: 'v3.14', status: 'stable', links }] } },
    login: { token },
    lookup: image,
    list: { images: [image, { ...image, id: TWO }], next: '/v2/images?marker=x' },
    download: { message: 'No', code: '404 Not Found', title: 'Not Found' },
  };
  return bodies[kind];
}

/** An answer with that trouble. */
function troubled(it: PrefetchFixture, kind: string, how: Trouble): Answer {
  // Most logins are to get so far that the catalog is read.
  const token = `X-Subject-Token: ${it.cloud.issueToken('glance')}`;
  const more = kind === 'login' && how.headers.length < 2 ? [token] : [];
  return sendRaw(troubledAnswer({ ...how, headers: [...more, ...how.headers] }, bodyOf(it, kind)));
}

/** Images of unknown size are hashed in a thread, whose code only the built program has. */
async function run(it: PrefetchFixture, [program, args]: (typeof CALLS)[number]): Promise<RunResult> {
  const within = await callOn(it.cache, program, args, { env: it.env });
  if (!within.stderr.includes('hash-thread-entry')) return within;
  return it.cache.run(program, args, { env: it.env });
}

/** Expects a run that ends as foreseen, and that what is cached is whole; puts the queue back. */
async function expectSound(it: PrefetchFixture, call: (typeof CALLS)[number]): Promise<void> {
  expectHarmless(await run(it, call), call[1], [0, 3, 4, 6, 7, 8, 9, 10]);
  for (const name of it.cache.names('cached')) {
    const content = readFileSync(join(it.cache.root, name));
    expect(content.equals(contentOf(name, SIZE)), `whether ${name} is whole`).toBe(true);
  }
  expect([it.cache.names('incomplete'), it.cache.names('invalid')]).toEqual([[], []]);
  await callOn(it.cache, 'manage', ['-f', 'delete-all-cached-images']);
  await callOn(it.cache, 'manage', ['-f', 'delete-all-queued-images']);
  // What is remembered of bytes that were wrong would put off the next try.
  rmSync(it.cache.layout.parts, { recursive: true, force: true });
  it.queue(ONE);
}

test(
  'the prefetcher ends as foreseen and caches nothing wrong whatever the servers answer',
  async () => {
    const it = await prefetch({ images: IMAGES });
    it.queue(ONE);
    const round = fc.asyncProperty(
      fc.constantFrom(...Object.entries(KINDS)),
      trouble,
      fc.constantFrom(...CALLS),
      fc.boolean(),
      async ([kind, which], how, call, resumes) => {
        if (resumes) {
          const cut = answerNext(it.cloud, isDownload, cutAfter(SIZE / 2, contentOf(ONE, SIZE)));
          await callOn(it.cache, 'prefetcher', FETCH, { env: it.env });
          expect(cut()).toBe(0);
        }
        const heal = answerAll(it.cloud, which, troubled(it, kind, how));
        try {
          await expectSound(it, call);
        } finally {
          heal();
        }
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(50, 6000) });
    // No trouble has left anything that keeps a server that is well from being used.
    expect(await callOn(it.cache, 'prefetcher', FETCH, { env: it.env })).toEqual(success());
    expect(it.cache.names('cached')).toEqual([ONE]);
  },
  patienceMs(120_000),
);

test(
  'the prefetcher caches nothing when the bytes of a download are not those of the image',
  async () => {
    const it = await prefetch({ images: IMAGES });
    it.queue(ONE);
    const whole = contentOf(ONE, SIZE);
    const happened = fc.array(fc.oneof(bitFlips, cutOff, pieceSomewhere(fc.uint8Array({ maxLength: 9 }), 9)), {
      minLength: 1,
      maxLength: 3,
    });
    const told = fc.constantFrom({}, { 'content-md5': hashOf('md5', ONE, SIZE) }, { 'content-length': SIZE });
    const round = fc.asyncProperty(happened, fc.boolean(), told, async (damages, isPart, headers) => {
      const bytes = damaged(whole, damages);
      fc.pre(!bytes.equals(whole));
      const range = isPart ? { 'content-range': `bytes 0-${SIZE - 1}/${SIZE}` } : {};
      const answer = sendUntilClose(isPart ? 206 : 200, bytes, { ...range, ...headers });
      const heal = answerAll(it.cloud, isDownload, answer);
      try {
        const run = await callOn(it.cache, 'prefetcher', FETCH, { env: it.env });
        expectHarmless(run, FETCH, [8, 9]);
        expect(it.cache.names('cached')).toEqual([]);
        await expectSound(it, CALLS[0]);
      } finally {
        heal();
      }
    });
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(15, 2000) });
  },
  patienceMs(120_000),
);

test('the prefetcher ends soon when an answer unfolds to far more than it is', async () => {
  const it = await prefetch({ images: IMAGES });
  it.queue(ONE);
  const bomb = gzipSync(Buffer.alloc(256 * MIB));
  for (const which of Object.values(KINDS)) {
    const heal = answerAll(it.cloud, which, send(200, bomb, { 'content-encoding': 'gzip', 'x-subject-token': 'x' }));
    await expectSound(it, CALLS[0]);
    heal();
  }
});
