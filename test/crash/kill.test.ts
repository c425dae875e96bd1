import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { useChildren } from '../support/child.ts';
import { partPath } from '../support/parts.ts';
import { contentOf, fileIdsOf, imageIdOf, inIndex, isIntact, rowIdsOf, rowsOf } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { doJob, FETCHED, FETCHED_SIZE, type Job, makeCache } from './jobs.ts';

const AT_ONCE = 4;

const folder = useTempDir();
const startJob = useChildren('crash/programs/killed-job.ts');

/**
 * Runs a job in a process of its own and kills it when it announces a step.
 *
 * @param killAt the step, counted from 0; it is not made
 * @returns the steps announced
 */
async function runAndKill(job: Job, layout: CacheLayout, killAt: number): Promise<readonly string[]> {
  const child = startJob(job, layout.root);
  const steps: string[] = [];
  for (;;) {
    const step = await child.line();
    if (step === undefined || step.startsWith('failed')) throw new Error(`${step ?? 'died'} ${child.complaint}`);
    if (step === 'end') break;
    steps.push(step);
    if (steps.length > killAt) {
      await child.kill();
      return steps;
    }
    child.say('');
  }
  expect(await child.finish()).toBe(0);
  return steps;
}

/** Everything there is, but for the times, which differ from cache to cache. */
function stateOf(layout: CacheLayout): unknown {
  return {
    files: readdirSync(layout.root, { recursive: true }).sort(),
    rows: rowsOf(layout).map(({ image_id, size, hits }) => [image_id, size, hits]),
  };
}

/** What a kill may never leave behind, whatever comes after. */
function checkInvariant(layout: CacheLayout): void {
  expect(isIntact(layout)).toBe(true);
  expect(inIndex(layout, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  expect(fileIdsOf(layout, 'queue')).toContain(imageIdOf(30));
  checkFetched(layout);
}

/** What was fetched is there once, as a part or as the image, with all its bytes, and has no row before it is the image. */
function checkFetched(layout: CacheLayout): void {
  const image = join(layout.root, FETCHED);
  const paths = [partPath(layout, FETCHED), image].filter((path) => existsSync(path));
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual([contentOf(FETCHED, FETCHED_SIZE)]);
  if (rowIdsOf(layout).includes(FETCHED)) expect(paths).toEqual([image]);
}

/** The ordinary next runs: the job itself once more, the cleaner, and the pruner, which comes when it comes. */
const KILLED: readonly (readonly [job: Job, next: readonly Job[]])[] = [
  ['prune', ['prune', 'clean']],
  ['prune to nothing', ['prune to nothing', 'clean']],
  ['delete all', ['delete all', 'clean']],
  ['clean', ['clean']],
  ['publish', ['publish', 'prune', 'clean']],
  ['publish', ['clean', 'prune', 'publish', 'prune']],
];

async function mend(next: readonly Job[], layout: CacheLayout): Promise<void> {
  for (const job of next) await doJob(job, layout);
}

test.each(KILLED)(
  '%s leaves a state that the next runs (%j) bring to the same end when it is killed at any step',
  async (job, next) => {
    const undisturbed = makeCache(join(folder(), 'undisturbed'));
    const steps = await runAndKill(job, undisturbed, Number.POSITIVE_INFINITY);
    expect(steps.length).toBeGreaterThan(2);
    await mend(next, undisturbed);
    const expected = stateOf(undisturbed);

    const killOnce = async (killAt: number): Promise<void> => {
      const layout = makeCache(join(folder(), String(killAt)));
      const announced = await runAndKill(job, layout, killAt);
      expect(announced).toEqual(steps.slice(0, killAt + 1));
      // Before anything else opens the index, which would roll the journal of the killed process back.
      const hadJournal = existsSync(`${layout.index}-journal`);
      checkInvariant(layout);
      await mend(next, layout);
      expect({ at: steps[killAt], hadJournal, ...Object(stateOf(layout)) }).toEqual({
        at: steps[killAt],
        hadJournal,
        ...Object(expected),
      });
    };
    const pending = steps.map((_, killAt) => killAt);
    const worker = async (): Promise<void> => {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) await killOnce(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  },
);
