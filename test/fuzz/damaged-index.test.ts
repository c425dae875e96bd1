// The index may hold anything: bits flip, a disk gives back another page, somebody copies it while it is written, a backup
// brings back half of it. Whatever it is, the programs say so or go on; only what a plan names is ever removed.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CacheFixture, useCache } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import {
  damages,
  garbageJournal,
  IMAGE_BYTES,
  IMAGES,
  indexBytes,
  makeIndex,
  making,
  missing,
  restore,
} from './index-damage.ts';

const cache = useCache();

/** Room for half of the images. */
const MAX_BYTES = (IMAGES.length / 2) * IMAGE_BYTES;

beforeEach(() => {
  // Everything has settled: what is without a file or a row is judged, not left alone as too young.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  cache().configure(`image_cache_max_size = ${MAX_BYTES}`);
});
afterEach(() => void vi.useRealTimers());

const LOOKS = [
  ['manage', ['list-cached']],
  ['manage', ['list-cached', '--format', 'json']],
  ['manage', ['list-cached', '--format', 'yaml', '--debug']],
  ['manage', ['list-cached', '--format', 'csv', '-v']],
  ['manage', ['list-cached', '--format', 'value']],
  ['manage', ['list-cached', '--sort-column', 'size']],
  ['manage', ['list-queued']],
  ['manage', ['list-invalid']],
  ['cleaner', ['--dry-run', '-v']],
  ['manage', ['delete-cached-image', '--dry-run', IMAGES[3] ?? '']],
  ['prefetcher', ['--dry-run']],
  ['prefetcher', []],
] as const;

/** What removes images, and how the same is asked for as a plan. */
const CHANGES = [
  ['pruner', ['--format', 'json']],
  ['pruner', ['--max-size', '0', '--format', 'json']],
  ['manage', ['-f', 'delete-all-cached-images', '--format', 'json']],
  ['manage', ['-f', 'delete-cached-image', ...IMAGES.slice(0, 3), '--format', 'json']],
  ['cleaner', ['--format', 'json']],
] as const;

interface PlannedItem {
  readonly action: string;
  readonly image_id: string;
}

/** Expects that a look changes no image, and a change only what its plan names. */
async function expectSafe(
  it: CacheFixture,
  look: (typeof LOOKS)[number],
  change: (typeof CHANGES)[number],
): Promise<void> {
  expectHarmless(await callOn(it, look[0], look[1]), look[1]);
  const [program, args] = change;
  const planned = await callOn(it, program, [...args, '--dry-run']);
  expectHarmless(planned, args);
  expect(missing(it)).toEqual([]);
  const run = await callOn(it, program, args);
  expectHarmless(run, args);
  const gone = missing(it);
  const told = `${args.join(' ')}: ${planned.stdout}${run.stdout}${run.stderr}`;
  if (planned.code !== 0) {
    // What cannot be read is not changed either.
    expect([run.code, gone], told).toEqual([planned.code, []]);
    return;
  }
  const { items } = jsonOf(planned) as { readonly items: readonly PlannedItem[] };
  const mayGo = items.filter(({ action }) => action === 'remove').map(({ image_id }) => image_id);
  expect(mayGo, told).toEqual(expect.arrayContaining([...gone]));
  if (run.code === 0) expect(gone, told).toEqual(mayGo.filter((id) => IMAGES.includes(id)).sort());
}

test(
  'no program fails unforeseen or removes what no plan names when the index is damaged',
  async () => {
    const it = cache();
    const round = fc.asyncProperty(
      making,
      damages,
      fc.option(garbageJournal, { freq: 4 }),
      fc.constantFrom(...LOOKS),
      fc.constantFrom(...CHANGES),
      async (how, damage, journal, look, change) => {
        restore(it);
        const bytes = damage.reduce<Buffer>((before, happen) => happen(before, how.pageSize), indexBytes(it.base, how));
        writeFileSync(it.layout.index, bytes);
        if (journal !== null) writeFileSync(`${it.layout.index}-journal`, journal);
        await expectSafe(it, look, change);
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(60, 8000) });
  },
  patienceMs(60_000),
);

/** What a writer leaves that is killed while it writes pages: a half-changed index, and the journal that mends it. */
function killedWriter(folder: string): { readonly index: Buffer; readonly journal: Buffer } {
  const path = join(folder, 'killed.db');
  for (const name of [path, `${path}-journal`]) rmSync(name, { force: true });
  makeIndex(path, { pageSize: 512, encoding: 'UTF-8', autoVacuum: 0, journalMode: 'delete' });
  const db = new Database(path);
  try {
    // So few pages are held that changed ones are written before the commit.
    db.pragma('cache_size = 2');
    db.exec("BEGIN; DELETE FROM cached_images WHERE image_id < '6'; UPDATE cached_images SET size = 7, hits = 7");
    return { index: readFileSync(path), journal: readFileSync(`${path}-journal`) };
  } finally {
    db.close();
  }
}

test('every program takes back what a killed writer has changed when its journal is there', async () => {
  const it = cache();
  for (const [program, args] of LOOKS.slice(0, 6)) {
    restore(it);
    const { index, journal } = killedWriter(it.base);
    writeFileSync(it.layout.index, index);
    writeFileSync(`${it.layout.index}-journal`, journal);
    expect((await callOn(it, program, args)).code).toBe(0);
    expect(it.rows().filter((row) => (row as { readonly size: number }).size === IMAGE_BYTES)).toHaveLength(
      IMAGES.length,
    );
  }
});

test(
  'no program fails unforeseen or removes what no plan names when the journal of a killed writer is damaged',
  async () => {
    const it = cache();
    const { index, journal } = killedWriter(it.base);
    const round = fc.asyncProperty(
      damages,
      fc.constantFrom(...LOOKS),
      fc.constantFrom(...CHANGES),
      async (damage, look, change) => {
        restore(it);
        writeFileSync(it.layout.index, index);
        const damaged = damage.reduce<Buffer>((before, happen) => happen(before, 512), Buffer.from(journal));
        writeFileSync(`${it.layout.index}-journal`, damaged);
        await expectSafe(it, look, change);
      },
    );
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(30, 8000) });
  },
  patienceMs(60_000),
);
