/**
 * Runs of built programs that are disturbed, on copies of one cache; and the ordinary runs after them, which are made
 * within this process, as they are many.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import { parseRunRecord } from '../../src/cache/runs/run-record.ts';
import { CacheFixture } from '../support/cache-fixture.ts';
import { type CacheOutcome, damageIn, outcomeOf } from '../support/cache-outcome.ts';
import { callOn } from '../support/call-in-process.ts';
import { partNames } from '../support/parts.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import { copyCache, driverNameOf } from '../support/row-keepers.ts';
import type { RunningProgram, RunResult } from '../support/run-program.ts';
import { fileIdsOf } from '../support/seeded-cache.ts';
import { ONE_POOL_THREAD } from '../support/strace.ts';
import { type KillJob, type ProgramCall, takesThreads } from './kill-jobs.ts';

/** How far the clock of most is ahead, so that what has just been made has settled. */
const AHEAD_SEC = 3600;

const AT_ONCE = 3;

/** What an undisturbed run comes to. */
export interface Undisturbed {
  readonly pristine: CacheFixture;
  readonly before: CacheOutcome;
  readonly after: CacheOutcome;
  /** Once the next runs have been as well. */
  readonly mended: CacheOutcome;
}

/** Makes the cache of a job. */
export function makeCache(folder: string, name: string, { fill, driver }: KillJob): CacheFixture {
  const cache = emptyCache(folder, name, driver);
  fill(cache);
  return cache;
}

/** Makes a copy of a cache beside it, in its state and with its times. */
export function copyOf(pristine: CacheFixture, name: string): CacheFixture {
  const cache = emptyCache(dirname(pristine.base), name, driverNameOf(pristine.layout));
  rmSync(cache.root, { recursive: true });
  copyCache(pristine.layout, cache.layout);
  return cache;
}

function emptyCache(folder: string, name: string, driver: DriverName | undefined): CacheFixture {
  const base = join(folder, name);
  mkdirSync(base);
  return new CacheFixture(base, driver);
}

/** Starts the built program of a job. */
export function startCall(
  cache: CacheFixture,
  [program, ...args]: ProgramCall,
  {
    within = [],
    env = {},
  }: { readonly within?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): RunningProgram {
  // A token that comes from another time would be none.
  const clock = program === 'prefetcher' ? {} : clockSetAhead(cache.base, AHEAD_SEC);
  return cache.start(program, args, { within, env: { ...clock, ...ONE_POOL_THREAD, ...env } });
}

/**
 * Makes the ordinary next runs.
 *
 * @returns how those ended that did not end well
 */
export async function mend(
  cache: CacheFixture,
  { next }: KillJob,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const bad: string[] = [];
  for (const [program, ...args] of next) {
    const call = (): Promise<RunResult> => callOn(cache, program, args, { env });
    const { code, stderr } = takesThreads(args)
      ? await startCall(cache, [program, ...args], { env }).ended
      : program === 'prefetcher'
        ? await call()
        : await ahead(call);
    if (code !== 0) bad.push(`${program} ${args.join(' ')}: ${code} ${stderr}`);
  }
  return bad;
}

/** Does work while the clock of this process is ahead. */
async function ahead<T>(work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + AHEAD_SEC * 1000;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

/** Runs a job undisturbed, and then what comes next. */
export async function undisturbedRun(
  pristine: CacheFixture,
  job: KillJob,
  { within = [], env = {} }: { readonly within?: readonly string[]; readonly env?: Readonly<Record<string, string>> },
): Promise<Undisturbed & { readonly cache: CacheFixture }> {
  const before = outcomeOf(pristine.layout);
  const cache = copyOf(pristine, 'undisturbed');
  const { code, stderr } = await startCall(cache, job.call, { within, env }).ended;
  if (code !== 0) throw new Error(`The undisturbed run ended with ${code}: ${stderr}`);
  const after = outcomeOf(cache.layout);
  const bad = await mend(cache, job, env);
  if (bad.length > 0) throw new Error(`The next runs ended badly: ${bad.join('\n')}`);
  return { pristine, before, after, mended: outcomeOf(cache.layout), cache };
}

/** Of each file among the records of runs, whether it is a good one. */
function recordsIn({ layout }: CacheFixture): readonly ('good' | 'fresh' | 'spoiled')[] {
  if (!existsSync(layout.runs)) return [];
  return readdirSync(layout.runs).map((name) => {
    if (name.endsWith('.new')) return 'fresh';
    const text = readFileSync(join(layout.runs, name), 'utf8');
    return parseRunRecord(text, basename(name, '.json')) === undefined ? 'spoiled' : 'good';
  });
}

/** Rows that were made for images that are not there. */
function promisesIn({ layout }: CacheFixture, before: CacheOutcome): readonly string[] {
  const images = fileIdsOf(layout);
  const made = outcomeOf(layout).rows.filter((row) => !before.rows.includes(row));
  return made.filter((row) => !images.some((id) => row.startsWith(id))).map((row) => `no image for row ${row}`);
}

/** What a prefetch has left that stays for ever, should nobody want the images any more. */
async function complaintsOnceGivenUp(cache: CacheFixture): Promise<readonly string[]> {
  cache.configure('image_cache_stall_time = 60');
  const next: readonly ProgramCall[] = [['manage', '-f', 'delete-all-queued-images'], ['cleaner']];
  const bad = await mend(cache, { call: ['cleaner'], fill: () => undefined, next, needsCloud: false });
  const left = partNames(cache.layout);
  rmSync(cache.base, { recursive: true });
  return left.length === 0 ? bad : [...bad, `left for ever: ${left.join()}`];
}

/** What is wrong with a cache in which a run was disturbed, now and after the next runs; nothing where all is well. */
export async function complaintsAbout(
  cache: CacheFixture,
  job: KillJob,
  { before, after, mended }: Undisturbed,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const complaints = [
    ...damageIn(cache.layout, before, after),
    ...promisesIn(cache, before),
    ...(job.call[0] === 'prefetcher'
      ? await complaintsOnceGivenUp(copyOf(cache, `${basename(cache.base)}-given-up`))
      : []),
    ...recordsIn(cache).filter((record) => record === 'spoiled'),
    ...(await mend(cache, job, env)),
    // Whatever was half written of a record is gone once the program has run again.
    ...recordsIn(cache).filter((record) => record !== 'good'),
  ];
  const outcome = outcomeOf(cache.layout);
  if (JSON.stringify(outcome) !== JSON.stringify(mended)) {
    complaints.push(`${JSON.stringify(outcome)} instead of ${JSON.stringify(mended)}`);
  }
  return complaints;
}

/** Does something for each of many things, a few at a time. */
export async function forEach<T>(
  things: readonly T[],
  work: (thing: T, place: number) => Promise<void>,
): Promise<void> {
  const queue = things.entries();
  const worker = async (): Promise<void> => {
    for (const [place, thing] of queue) await work(thing, place);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
