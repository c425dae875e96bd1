import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prune } from '../../src/use-cases/prune.ts';
import { useChildren } from '../support/child.ts';
import { clockAhead } from '../support/clocks.ts';
import { accessTo, createCache, fileIdsOf, imageIdOf, inIndex, isIntact, rowsOf } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';

/** How often the two have to meet. */
const REMOVALS = 200;
const IMAGES = 16;
const SIZE = 5000;

/** What the stand-in says in the end. */
interface StandInReport {
  readonly inserts: Readonly<Record<string, number>>;
  readonly hits: number;
  readonly torn: number;
  readonly lockedOut: number;
  readonly longestWaitMs: number;
}

// In memory where that can be had: how long a lock is held must not depend on what else this machine writes to its disk.
const folder = useTempDir(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
const startGlance = useChildren('crash/programs/glance-stand-in.ts');

test('prune() beside a glance-api at work removes what it says, and neither loses nor tears anything else', async () => {
  const layout = createCache(join(folder(), 'cache'));
  const stopFile = join(folder(), 'stop');
  const glance = startGlance(layout.root, String(IMAGES), stopFile);
  const state = { isOver: false };
  const said = glance.line().finally(() => {
    state.isOver = true;
  });
  // On the real clock: the files that come are young, as they are beside a real glance-api.
  const access = accessTo(layout, { clock: clockAhead(0), lockTimeoutSec: 10 });
  const limits = { maxSizeBytes: 6 * SIZE, lowWatermarkPercent: 50, minFree: undefined, maxAgeSec: undefined };
  const removals = new Map<string, number>();
  const failures: unknown[] = [];
  const pruneOnce = async (): Promise<void> => {
    const { items, errors, failure } = await prune(access, { dryRun: false, adopt: false, ...limits });
    failures.push(...errors, ...(failure === undefined ? [] : [failure]));
    for (const { imageId, action, result } of items) {
      if (action === 'remove' && result === 'done') removals.set(imageId, (removals.get(imageId) ?? 0) + 1);
    }
  };
  const removed = (): number => [...removals.values()].reduce((sum, count) => sum + count, 0);
  while (!state.isOver && failures.length === 0 && removed() < REMOVALS) await pruneOnce();
  writeFileSync(stopFile, '');
  const line = await said;
  expect({ end: await glance.finish(), complaint: glance.complaint }).toEqual({ end: 0, complaint: '' });

  const report = JSON.parse(line ?? '{}') as StandInReport;
  expect(failures).toEqual([]);
  expect(report).toMatchObject({ torn: 0, lockedOut: 0 });
  expect(report.longestWaitMs).toBeLessThan(2000);
  // Each image is there as often as it came and was not removed: once or not at all.
  const present = new Set(fileIdsOf(layout));
  for (const id of Array.from({ length: IMAGES }, (_, i) => imageIdOf(i))) {
    const count = (report.inserts[id] ?? 0) - (removals.get(id) ?? 0);
    expect({ id, count }).toEqual({ id, count: present.has(id) ? 1 : 0 });
  }
  expect(rowsOf(layout).map(({ image_id, size }) => [image_id, size])).toEqual([...present].map((id) => [id, SIZE]));
  expect(isIntact(layout)).toBe(true);
  expect(inIndex(layout, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  expect([readdirSync(layout.areas.invalid), readdirSync(layout.areas.incomplete)]).toEqual([[], []]);
  expect(report.hits).toBeGreaterThan(0);

  await pruneOnce();
  expect(fileIdsOf(layout).length).toBeLessThanOrEqual(6);
});
