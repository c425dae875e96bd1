// Whatever has become of the index, `verify --repair` makes one of it that nothing is wrong with, loses no image, and keeps
// the damaged one.
import { rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CacheFixture, useCache } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { damages, garbageJournal, IMAGES, indexBytes, making, missing, restore } from './index-damage.ts';

const cache = useCache();

beforeEach(() => {
  // Everything has settled: what is without a file or a row is judged, not left alone as too young.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
});
afterEach(() => void vi.useRealTimers());

interface Verified {
  readonly errors: number;
  readonly hints: number;
  readonly set_aside: string | null;
}

async function verifyOn(it: CacheFixture, ...flags: readonly string[]): Promise<{ code: unknown; report?: Verified }> {
  const run = await callOn(it, 'manage', ['verify', '--format', 'json', ...flags]);
  expectHarmless(run, flags);
  const { code } = run;
  return code === 0 || code === 9 ? { code, report: jsonOf(run) as Verified } : { code };
}

test(
  'verify --repair leaves an index that nothing is wrong with, and all images, whatever the damage',
  async () => {
    const it = cache();
    const ends = new Map<string, number>();
    const round = fc.asyncProperty(
      making,
      damages,
      fc.option(garbageJournal, { freq: 4 }),
      async (how, damage, journal) => {
        restore(it);
        rmSync(it.layout.setAside, { recursive: true, force: true });
        const bytes = damage.reduce<Buffer>((before, happen) => happen(before, how.pageSize), indexBytes(it.base, how));
        writeFileSync(it.layout.index, bytes);
        if (journal !== null) writeFileSync(`${it.layout.index}-journal`, journal);

        const looked = await verifyOn(it);
        const mended = await verifyOn(it, '--repair');
        expect(missing(it)).toEqual([]);
        const end = `${String(looked.code)} ${String(mended.code)}`;
        ends.set(end, (ends.get(end) ?? 0) + 1);
        // Not Glance's schema any more: whether that is the index at all is for somebody to decide.
        if (looked.code === 4) return void expect(mended.code).toBe(4);
        expect([looked.code, mended.code]).toEqual([looked.report?.errors === 0 ? 0 : 9, 0]);
        expect(await verifyOn(it)).toMatchObject({ code: 0, report: { errors: 0, hints: 0 } });
        expect(it.rowIds()).toEqual(expect.arrayContaining([...IMAGES]));
        expect((await callOn(it, 'pruner', ['-v'])).code).toBe(0);
        expect(missing(it)).toEqual([]);
      },
    );
    const seed = seedOfRun();
    await fc.assert(round, { seed, numRuns: rounds(40, 5000) });
    console.log(`TEST_SEED=${seed}: exit codes of verify and verify --repair: ${JSON.stringify([...ends])}`);
    // Enough of them were of each kind.
    expect(ends.get('9 0')).toBeGreaterThan(3);
  },
  patienceMs(60_000),
);
