/**
 * Shows that the prefetcher takes a failing system call on the cache as the other programs do, wherever the bytes come
 * from: it has fetched all or tells what failed, publishes nothing that is not the image, and the next run fetches the rest.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CacheFixture } from '../support/cache-fixture.ts';
import { type Cloud, startCloud } from '../support/cloud/cloud.js';
import { contentOf } from '../support/cloud/contents.js';
import { loginOf } from '../support/prefetch-fixture.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { queueWanted, WANTED, WANTED_BYTES } from './fault-jobs.ts';
import { FaultTrials } from './fault-trials.ts';
import { faultsOf, shuffled } from './faults.ts';

const AT_ONCE = 3;
const IN_CI = 25;

const folder = useTempDir();
const seed = seedOfRun();
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ images: WANTED.map((id) => ({ id, sizeBytes: WANTED_BYTES })) });
});
afterAll(() => cloud.close());

/** Puts the images where Glance's file store would have them. */
function fillStore(cache: CacheFixture): void {
  queueWanted(cache);
  const store = join(cache.base, 'store');
  mkdirSync(store);
  for (const imageId of WANTED) writeFileSync(join(store, imageId), contentOf(imageId, WANTED_BYTES));
  cache.configure('[glance_store]', `filesystem_store_datadir = ${store}`);
}

test.each([
  ['over HTTP', queueWanted],
  ['from the file store', fillStore],
] as const)(
  'glance-cache-prefetcher fetches %s or tells what failed, loses nothing, and is mended by the next run',
  async (_title, prepare) => {
    const job = { program: 'prefetcher', args: ['--jobs', '1'], env: loginOf(cloud), prepare } as const;
    const program = await FaultTrials.watch(job, folder());
    const all = faultsOf(program.calls);
    const complaints = await program.complaintsAboutAll(
      shuffled(all, seed).slice(0, rounds(IN_CI, all.length)),
      AT_ONCE,
    );
    expect(complaints, `TEST_SEED=${seed}`).toEqual([]);
    expect(program.injected).toBeGreaterThan(rounds(IN_CI, all.length) / 2);
  },
  patienceMs(120_000),
);
