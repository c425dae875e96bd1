/**
 * Runs a program on a cache while one of its system calls fails, and judges how it takes that: all of its work is done, or
 * it ends with an exit code, one sentence that names path and cause, and a hint; nothing is lost; the next run mends.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CacheFixture } from '../support/cache-fixture.ts';
import { type CacheOutcome, damageIn, outcomeOf } from '../support/cache-outcome.ts';
import { clockSetAhead } from '../support/program-clock.ts';
import type { RunResult } from '../support/run-program.ts';
import {
  callsBelow,
  type Fault,
  failing,
  ONE_POOL_THREAD,
  type WatchedCall,
  wasInjected,
  watchedInto,
} from '../support/strace.ts';
import { type FaultJob, fillCache } from './fault-jobs.ts';

/** Stands for the place of a cache, which is another one for each run. */
const PLACE = '<base>';

/** Late enough for everything to have settled. */
const AHEAD_SEC = 3600;

interface Expected {
  readonly run: RunResult;
  readonly before: CacheOutcome;
  readonly after: CacheOutcome;
  readonly mended: CacheOutcome;
}

/** One program that is disturbed again and again, each time on a cache of its own. */
export class FaultTrials {
  readonly #job: FaultJob;
  readonly #folder: string;
  readonly #expected: Expected;
  /** Calls of the program on the cache; their paths stand for those of any cache. */
  readonly calls: readonly WatchedCall[];
  /** How many faults were injected. */
  injected = 0;
  #runs = 0;

  private constructor(job: FaultJob, folder: string, seen: { calls: readonly WatchedCall[]; expected: Expected }) {
    this.#job = job;
    this.#folder = folder;
    this.#expected = seen.expected;
    this.calls = seen.calls;
  }

  /** Runs the program undisturbed, to see what it does. */
  static async watch(job: FaultJob, folder: string): Promise<FaultTrials> {
    const cache = makeCache(join(folder, 'undisturbed'), job);
    const before = outcomeOf(cache.layout);
    const log = join(cache.base, 'log');
    const run = await runJob(cache, job, watchedInto(log));
    if (run.code !== 0) throw new Error(`Undisturbed it ends with ${run.code}: ${run.stderr}`);
    const calls = callsBelow(cache.root, log).map((call) => ({ ...call, path: placeless(call.path, cache) }));
    const after = outcomeOf(cache.layout);
    await mend(cache, job);
    const told = { ...run, stdout: placeless(run.stdout, cache), stderr: placeless(run.stderr, cache) };
    const expected = { run: told, before, after, mended: outcomeOf(cache.layout) };
    return new FaultTrials(job, folder, { calls, expected });
  }

  /**
   * What is wrong with how faults are taken, each in a text.
   *
   * @param atOnce how many are tried side by side
   */
  async complaintsAboutAll(faults: readonly Fault[], atOnce: number): Promise<readonly string[]> {
    const pending = [...faults];
    const complaints: string[] = [];
    const worker = async (): Promise<void> => {
      for (let fault = pending.pop(); fault !== undefined; fault = pending.pop()) {
        const found = await this.complaintsAbout(fault);
        if (found.length > 0) complaints.push(found.join('\n  '));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return complaints;
  }

  /** What is wrong with how a fault is taken; nothing where it is taken well. */
  async complaintsAbout(fault: Fault): Promise<readonly string[]> {
    const cache = makeCache(join(this.#folder, `run${this.#runs++}`), this.#job);
    const log = join(cache.base, 'log');
    const path = fault.path.replace(PLACE, cache.base);
    const run = await runJob(cache, this.#job, failing({ ...fault, path }, log));
    const complaints: string[] = [];
    if (wasInjected(log)) {
      this.injected++;
      complaints.push(...this.#judge(run, fault, cache), ...(await this.#judgeNext(cache)));
    }
    rmSync(cache.base, { recursive: true });
    return complaints.length === 0 ? [] : [JSON.stringify(fault), ...complaints, placeless(run.stderr, cache)];
  }

  #judge(run: RunResult, fault: Fault, cache: CacheFixture): readonly string[] {
    const { before, after, run: undisturbed } = this.#expected;
    const damage = damageIn(cache.layout, before, after);
    // What is not known of an image has no say in what is done to others, and is known in the next run.
    if (fault.name === 'getxattr') return HONEST_CODES.includes(Number(run.code)) ? damage : [...damage, `${run.code}`];
    const complaints = [...damage, ...judgeEnd(run, fault, cache)];
    if (run.code !== 0) return complaints;
    if (!isSame(outcomeOf(cache.layout), after)) {
      complaints.push('a silent success', JSON.stringify(outcomeOf(cache.layout)));
    }
    if (placeless(run.stdout, cache) !== undisturbed.stdout) complaints.push(`another output: ${run.stdout}`);
    if (placeless(run.stderr, cache) !== undisturbed.stderr) complaints.push('a success, and yet a complaint');
    return complaints;
  }

  async #judgeNext(cache: CacheFixture): Promise<readonly string[]> {
    const failed = (await mend(cache, this.#job)).filter(({ code }) => code !== 0);
    const complaints = failed.map(({ code, stderr }) => `not mended: ${code} ${stderr}`);
    const mended = outcomeOf(cache.layout);
    return isSame(mended, this.#expected.mended)
      ? complaints
      : [...complaints, `mended to something else: ${JSON.stringify(mended)}`];
  }
}

function makeCache(base: string, { prepare, driver }: FaultJob): CacheFixture {
  mkdirSync(base);
  const cache = new CacheFixture(base, driver);
  fillCache(cache);
  prepare?.(cache);
  return cache;
}

function runJob(
  cache: CacheFixture,
  { program, args, env }: FaultJob,
  within: readonly string[] = [],
): Promise<RunResult> {
  const all = { ...clockSetAhead(cache.base, AHEAD_SEC), ...ONE_POOL_THREAD, ...env };
  return cache.run(program, [...args, '--lock-timeout', '1'], { within, env: all });
}

/** The ordinary next runs. */
async function mend(cache: CacheFixture, job: FaultJob): Promise<readonly RunResult[]> {
  const next: readonly FaultJob[] = [job, { program: 'cleaner', args: [] }, { program: 'pruner', args: [] }];
  const results: RunResult[] = [];
  for (const each of next) results.push(await runJob(cache, each));
  return results;
}

/** A text without the place of the cache, and without times, which differ from cache to cache. */
function placeless(text: string, cache: CacheFixture): string {
  return text.replaceAll(cache.base, PLACE).replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?/g, '<time>');
}

/** Exit codes that a failing file system may lead to: an I/O error, or a lock that cannot be had; some of several. */
const HONEST_CODES = [0, 4, 5, 10];

/** What SQLite says, which keeps the errno to itself; and what an errno is told as that has a meaning of its own. */
const OTHER_CAUSES = [
  'disk I/O error',
  'database or disk is full',
  'database disk image is malformed',
  'unable to open database file',
  'attempt to write a readonly database',
  // What SQLite makes of any lock that it does not get.
  'database is locked|another run of it is at work|Glance holds the lock',
  // A link, as it looks.
  'it is not an? (empty )?regular file',
  'it is not the regular file that it was',
  'its folder cannot be looked at',
].join('|');

/**
 * What tells which path is meant: a journal goes by the name of its index, a part by that of its image. What is held open is
 * known by a number, which is nobody's business.
 */
function namesOf(path: string): readonly string[] {
  if (path.startsWith('/proc/')) return [PLACE];
  const names = [path, path.replace(/-(journal|wal)$/, ''), path.replace(/\.new$/, '')];
  return path.endsWith('.part') ? [...names, basename(path, '.part')] : names;
}

function judgeEnd(run: RunResult, { path, errno }: Fault, cache: CacheFixture): readonly string[] {
  const text = placeless(run.stderr, cache);
  const complaints: string[] = [];
  if (!HONEST_CODES.includes(Number(run.code))) complaints.push(`exit code ${run.code}`);
  if (/^ +at .*:\d+/m.test(text)) complaints.push('a stack trace');
  if (run.code === 0) return complaints;
  if (!/^ERROR: Cannot [^\n]+\nhint: [^\n]+\n$/m.test(text)) complaints.push('not one sentence and a hint');
  if (!namesOf(path).some((name) => text.includes(name)) && run.code !== 5) complaints.push('no path');
  if (!new RegExp(`\\(${errno}\\)|${OTHER_CAUSES}`).test(text)) complaints.push('no cause');
  return complaints;
}

function isSame(one: CacheOutcome, other: CacheOutcome): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
