/**
 * Shows that a kill of a built program at any instant leaves nothing wrong, and nothing that the next ordinary runs do
 * not bring to the same end as if nobody had been killed; and that a signal at any instant ends it in a clean state, with
 * a report that tells what was done and nothing else. The seed is printed; `TEST_SEED` sets it, and `TEST_LONG` makes
 * 2,100 kills of it instead of some 300.
 */
import { once } from 'node:events';
import { mkdirSync, rmSync, watch } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CacheFixture } from '../support/cache-fixture.ts';
import { outcomeOf } from '../support/cache-outcome.ts';
import { type Child, useChildren } from '../support/child.ts';
import { patienceMs, seedOfRun } from '../support/rounds.ts';
import { isHalfDone } from '../support/row-keepers.ts';
import type { RunResult } from '../support/run-program.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import {
  complaintsAbout,
  copyOf,
  forEach,
  makeCache,
  startCall,
  type Undisturbed,
  undisturbedRun,
} from './disturbed-run.ts';
import { useCloudOf } from './kill-cloud.ts';
import type { KillJob } from './kill-jobs.ts';
import { LARGE_IMAGES } from './large-jobs.ts';
import { complaintsAboutStop, firstPlace, telling } from './stopped-run.ts';

/** What disturbs, in turns. */
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGINT', 'SIGKILL'] as const;

/** Into how many instants the work is divided. */
const PARTS = 1_000_000;

const seed = seedOfRun();

type Environment = Readonly<Record<string, string>>;

/** What there was before anything was disturbed, what comes of it undisturbed, and who does the killing. */
interface Scene extends Undisturbed {
  readonly job: KillJob;
  readonly env: Environment;
  readonly killer: Child;
}

/** Where a disturbance hit a program. */
type Hit = 'before' | 'half way' | 'after';

const CORRECTION: Readonly<Record<Hit, number>> = { before: 1.05, 'half way': 1, after: 0.9 };

/** How long a job is at work, milliseconds. */
async function workMsOf(cache: CacheFixture, job: KillJob, env: Environment): Promise<number> {
  const watcher = watch(firstPlace(cache, job));
  const begun = once(watcher, 'change');
  const running = startCall(cache, job.call, { env });
  await begun;
  const startMs = performance.now();
  watcher.close();
  await running.ended;
  return performance.now() - startMs;
}

/** One disturbance. */
interface Disturbance {
  readonly signal: (typeof SIGNALS)[number];
  /** After work has begun. */
  readonly delayMs: number;
  /** Whether the signal is sent twice, as by somebody who has no patience. */
  readonly isTwice: boolean;
}

/** Disturbs a run, and looks what has come of it. */
async function disturb(
  cache: CacheFixture,
  scene: Scene,
  disturbance: Disturbance,
): Promise<{ readonly hit: Hit; readonly complaints: readonly string[] }> {
  const { job, env } = scene;
  const { signal, isTwice } = disturbance;
  const run = await runDisturbed(cache, scene, disturbance);
  const hadJournal = isHalfDone(cache.layout);
  const stop = signal === 'SIGKILL' || isTwice ? [] : complaintsAboutStop(cache, scene, { run, signal });
  const outcome = JSON.stringify(outcomeOf(cache.layout));
  const isUntouched = outcome === JSON.stringify(scene.before) && !hadJournal;
  const hit = outcome === JSON.stringify(scene.after) ? 'after' : isUntouched ? 'before' : 'half way';
  return { hit, complaints: [...stop, ...(await complaintsAbout(cache, job, scene, env))] };
}

/** Runs a job, which the killer disturbs. */
async function runDisturbed(
  cache: CacheFixture,
  { job, env, killer }: Scene,
  { signal, isTwice, delayMs }: Disturbance,
): Promise<RunResult> {
  killer.say(`watch ${cache.base} ${firstPlace(cache, job)}`);
  await killer.line();
  const running = startCall(cache, signal === 'SIGKILL' ? job.call : telling(job.call), { env });
  running.process.on('exit', () => killer.say(`ended ${cache.base}`));
  killer.say(`kill ${cache.base} ${running.process.pid} ${signal} ${isTwice ? 2 : 1} ${delayMs}`);
  return running.ended;
}

/** Disturbs each of some jobs so many times. */
export function testRandomKills(jobs: readonly KillJob[], numRuns: number, parent = IN_MEMORY): void {
  const folder = useTempDir(parent);
  const startKiller = useChildren('system/programs/killer.ts');
  const environmentOf = useCloudOf(LARGE_IMAGES);
  const allHits = { before: 0, 'half way': 0, after: 0 };

  for (const job of jobs) {
    const title = `glance-cache-${job.call.slice(0, 3).join(' ')} (${job.driver ?? 'sqlite'})`;
    test(
      `${title} leaves what the next runs bring to the same end when it is killed or stopped at any instant`,
      async () => {
        const env = environmentOf(job);
        const pristine = makeCache(folder(), 'pristine', job);
        for (const place of [pristine.layout.locks, pristine.layout.parts]) mkdirSync(place, { recursive: true });
        const undisturbed = await undisturbedRun(pristine, job, { env });
        // Grows and shrinks with what hits too early and too late: others may be at work on this machine.
        let spanMs = await workMsOf(copyOf(pristine, 'timed'), job, env);
        const instants = fc.noBias(fc.nat(PARTS)).map((part) => part / PARTS);
        const killer = startKiller();
        const hits = { before: 0, 'half way': 0, after: 0 };
        const complaints: string[] = [];
        await forEach(fc.sample(instants, { seed, numRuns }), async (instant, place) => {
          const cache = copyOf(pristine, String(place));
          const signal = SIGNALS[place % SIGNALS.length] ?? 'SIGKILL';
          const disturbance = { signal, delayMs: instant * spanMs, isTwice: place % 10 === 6 };
          const found = await disturb(cache, { ...undisturbed, job, env, killer }, disturbance);
          hits[found.hit]++;
          allHits[found.hit]++;
          spanMs *= CORRECTION[found.hit];
          if (found.complaints.length > 0)
            complaints.push([JSON.stringify(disturbance), ...found.complaints].join('\n  '));
          rmSync(cache.base, { recursive: true });
        });
        console.log(`${title}: TEST_SEED=${seed}, in ${Math.round(spanMs)} ms of work: ${JSON.stringify(hits)}`);
        expect(complaints, `TEST_SEED=${seed}`).toEqual([]);
      },
      patienceMs(120_000),
    );
  }

  // A single job may be done before anybody on a busy machine gets to disturb it.
  test('enough of the disturbances have hit a program at work', () => {
    expect(allHits['half way'], JSON.stringify(allHits)).toBeGreaterThan((jobs.length * numRuns) / 5);
  });
}
