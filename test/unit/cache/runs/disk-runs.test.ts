import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { DiskRuns } from '../../../../src/cache/runs/disk-runs.ts';
import { runRecordText, withRun } from '../../../../src/cache/runs/run-record.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';
import { clockAhead } from '../../../support/clocks.ts';
import { entriesOf } from '../../../support/directory-state.ts';
import { endedRun } from '../../../support/ended-run.ts';
import { createCache } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { rejectionOf, thrownBy } from '../../../support/thrown.ts';

const folder = useTempDir();
let layout: CacheLayout;
let runs: DiskRuns;
let path: string;

const PROGRAM = 'glance-cache-cleaner';

const RUN = endedRun(PROGRAM);

const ONCE = withRun(undefined, RUN);

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  runs = new DiskRuns(layout, systemClock);
  path = join(layout.runs, `${PROGRAM}.json`);
});

describe('DiskRuns', () => {
  test('has no record when none was written', () => {
    expect(runs.read(PROGRAM)).toBeUndefined();
  });

  test('enters runs one after the other, and keeps programs apart', async () => {
    expect(await runs.enter(RUN)).toBe(true);
    expect(await runs.enter({ ...RUN, exitCode: 143, errorCode: 'SIGTERM' })).toBe(true);
    expect(await new DiskRuns(layout, systemClock).enter({ ...RUN, program: 'glance-cache-pruner' })).toBe(true);
    expect(runs.read(PROGRAM)?.totals).toMatchObject({ images: 6, runs: { success: 1, stopped: 1 } });
    expect(runs.read('glance-cache-pruner')?.totals).toMatchObject({ images: 3, runs: { success: 1, stopped: 0 } });
    expect(readdirSync(layout.runs)).toEqual(['glance-cache-cleaner.json', 'glance-cache-pruner.json']);
    expect([layout.runs, path].map((it) => (lstatSync(it).mode & 0o777).toString(8))).toEqual(['750', '640']);
  });

  test.each([
    ['empty', ''],
    ['torn', runRecordText(ONCE).slice(0, 99)],
    ['whole', runRecordText(ONCE)],
  ])('replaces a fresh file that a killed run has left when it is %s', async (_what, text) => {
    mkdirSync(layout.runs, { recursive: true });
    writeFileSync(`${path}.new`, text);
    expect(runs.read(PROGRAM)).toBeUndefined();
    expect(await new DiskRuns(layout, clockAhead(2)).enter(RUN)).toBe(true);
    expect(runs.read(PROGRAM)).toEqual(ONCE);
    expect(readdirSync(layout.runs)).toEqual([`${PROGRAM}.json`]);
  });

  test.each([
    ['empty', ''],
    ['torn', runRecordText(ONCE).slice(0, 99)],
    ["another program's", runRecordText({ ...ONCE, program: 'glance-cache-pruner' })],
    ['no JSON', '\0\0\0\0'],
  ])('begins anew when the record is %s', async (_what, text) => {
    mkdirSync(layout.runs, { recursive: true });
    writeFileSync(path, text);
    expect(runs.read(PROGRAM)).toBeUndefined();
    await runs.enter(RUN);
    expect(runs.read(PROGRAM)).toEqual(ONCE);
  });

  test('reads no file that is larger than a record', () => {
    mkdirSync(layout.runs, { recursive: true });
    writeFileSync(path, runRecordText(ONCE));
    truncateSync(path, 1e12);
    expect(runs.read(PROGRAM)).toBeUndefined();
  });

  test('waits for another run that is just writing, and counts both', async () => {
    await runs.enter(RUN);
    // Another one, between its first and its last step.
    const fresh = `${path}.new`;
    writeFileSync(fresh, '');
    const waiting = new DiskRuns(layout, {
      ...systemClock,
      sleep: async () => {
        writeFileSync(fresh, runRecordText(withRun(ONCE, RUN)));
        renameSync(fresh, path);
      },
    });
    expect(await waiting.enter(RUN)).toBe(true);
    expect(runs.read(PROGRAM)?.totals).toMatchObject({ images: 9, runs: { success: 3 } });
  });

  test("takes no fresh file for a killed run's that is another one each time, and gives up in the end", async () => {
    await runs.enter(RUN);
    const fresh = `${path}.new`;
    let [nowSec, inodes] = [0, 0];
    const sleep = async (seconds: number): Promise<void> => {
      nowSec += seconds;
      // Two of them at once, so that the number of the one is not that of the other.
      writeFileSync(`${fresh}-${++inodes}`, '');
      renameSync(`${fresh}-${inodes}`, fresh);
    };
    writeFileSync(fresh, '');
    const hurried = new DiskRuns(layout, { nowSec: () => 0, monotonicSec: () => nowSec, sleep });
    expect(await hurried.enter(RUN)).toBe(false);
    expect(nowSec).toBeGreaterThan(1.9);
    expect(runs.read(PROGRAM)).toEqual(ONCE);
  });

  test('replaces what a killed run has left although the clock was set back, after a while', async () => {
    mkdirSync(layout.runs, { recursive: true });
    writeFileSync(`${path}.new`, '');
    let waitedSec = 0;
    const sleep = async (seconds: number): Promise<void> => {
      waitedSec += seconds;
    };
    const clock = { nowSec: () => 0, monotonicSec: () => waitedSec, sleep };
    expect(await new DiskRuns(layout, clock).enter(RUN)).toBe(true);
    expect([waitedSec > 1, waitedSec < 1.1]).toEqual([true, true]);
    expect(runs.read(PROGRAM)).toEqual(ONCE);
  });

  test('keeps the old record, and no fresh file, when it cannot be replaced', async () => {
    await runs.enter(RUN);
    const before = readFileSync(path, 'utf8');
    const fresh = `${path}.new`;
    mkdirSync(fresh);
    expect(await rejectionOf(runs.enter(RUN))).toMatchObject({ code: 'CACHE_DIR', details: { path: fresh } });
    rmSync(fresh, { recursive: true });
    expect([readFileSync(path, 'utf8'), readdirSync(layout.runs)]).toEqual([before, [`${PROGRAM}.json`]]);
  });
});

/** What is in folders, but for their times: a fresh file may have come and gone. */
function contentsOf(folders: readonly string[]): unknown {
  return folders.map((it) => entriesOf(it).map(({ modified: _, ...entry }) => entry));
}

const PLANTS: readonly (readonly [string, (at: string, victim: string) => void])[] = [
  ['a link to a file', (at, victim) => symlinkSync(victim, at)],
  ['a link to nowhere', (at, victim) => symlinkSync(`${victim}-not`, at)],
  ['a FIFO', (at) => void execFileSync('mkfifo', [at])],
  ['a folder', (at) => mkdirSync(at)],
];

describe.each(PLANTS)('DiskRuns with %s', (_what, plant) => {
  test.each([
    ['a record', '.json'],
    ['a fresh file', '.json.new'],
  ])('in place of %s has no record, writes none, and leaves it alone', async (_where, suffix) => {
    const victim = join(folder(), 'elsewhere', 'victim');
    mkdirSync(dirname(victim));
    // What a link leads to would pass for a record.
    writeFileSync(victim, runRecordText(ONCE));
    mkdirSync(layout.runs, { recursive: true });
    plant(join(layout.runs, `${PROGRAM}${suffix}`), victim);
    const before = contentsOf([layout.runs, dirname(victim)]);
    expect(runs.read(PROGRAM)).toBeUndefined();
    expect(await rejectionOf(runs.enter(RUN))).toMatchObject({ code: 'CACHE_DIR' });
    expect(contentsOf([layout.runs, dirname(victim)])).toEqual(before);
  });
});

describe.each([
  ['where only the owner may write', 0o755],
  ['where others may write', 0o777],
])('DiskRuns %s', (_where, mode) => {
  test.each([
    ['.glance-cache-tools', (): string => layout.tools],
    ['runs', (): string => layout.runs],
  ])('refuses a link in place of %s', async (_name, pathOf) => {
    const elsewhere = join(folder(), 'elsewhere');
    mkdirSync(join(elsewhere, 'runs'), { recursive: true });
    for (const at of [elsewhere, join(elsewhere, 'runs')])
      writeFileSync(join(at, `${PROGRAM}.json`), runRecordText(ONCE));
    if (pathOf() === layout.runs) mkdirSync(layout.tools);
    symlinkSync(elsewhere, pathOf());
    chmodSync(layout.root, mode);
    const before = entriesOf(elsewhere);
    const refusal = { code: 'CACHE_DIR', message: `Cannot use ${JSON.stringify(pathOf())}: it is not a folder` };
    expect(thrownBy(() => runs.read(PROGRAM))).toMatchObject(refusal);
    expect(await rejectionOf(runs.enter(RUN))).toMatchObject(refusal);
    expect(entriesOf(elsewhere)).toEqual(before);
  });
});
