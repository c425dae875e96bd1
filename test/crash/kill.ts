/**
 * Shows that a kill at any step of any job leaves nothing wrong, and nothing that the next ordinary runs do not bring to
 * the same end as if nobody had been killed.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { useChildren } from '../support/child.ts';
import { isHalfDone } from '../support/row-keepers.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { copyOf } from './caches.ts';
import { CASES, checkGivenUp, checkInvariant, type DriverCases, mend, stateOf, titleOf } from './cases.ts';
import type { Job } from './jobs.ts';

const AT_ONCE = 4;

type StartJob = ReturnType<typeof useChildren>;

/** Where a job is killed. */
interface Kill {
  readonly layout: CacheLayout;
  /** The step, counted from 0; it is not made. */
  readonly killAt: number;
}

/**
 * Runs a job in a process of its own and kills it when it announces a step.
 *
 * @returns the steps announced
 */
async function runAndKill(startJob: StartJob, job: Job, { layout, killAt }: Kill): Promise<readonly string[]> {
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

/** Declares the tests of a driver. */
export function testKills({ driver, parent = IN_MEMORY, cases = CASES }: DriverCases): void {
  // A kill does not lose what was written: nothing has to wait for a disk.
  const folder = useTempDir(parent);
  const startJob = useChildren('crash/programs/killed-job.ts');

  for (const it of cases) {
    test(`${titleOf(it)} leaves a state that the next runs bring to the same end when it is killed at any step`, async () => {
      const pristine = it.make(join(folder(), 'pristine'), driver);
      const undisturbed = copyOf(pristine, 'undisturbed');
      const steps = await runAndKill(startJob, it.job, {
        layout: undisturbed,
        killAt: Number.POSITIVE_INFINITY,
      });
      expect(steps.length).toBeGreaterThan(1);
      await mend(it, undisturbed);
      const expected = stateOf(undisturbed);

      const killOnce = async (killAt: number): Promise<void> => {
        const layout = copyOf(pristine, String(killAt));
        const announced = await runAndKill(startJob, it.job, { layout, killAt });
        expect(announced).toEqual(steps.slice(0, killAt + 1));
        // Before anything else opens the index, which would roll the journal of the killed process back.
        const hadJournal = isHalfDone(layout);
        if (it.job === 'fetch') await checkGivenUp(copyOf(layout, `${killAt} given up`));
        checkInvariant(it, layout);
        await mend(it, layout);
        expect({ at: steps[killAt], hadJournal, ...stateOf(layout) }).toEqual({
          at: steps[killAt],
          hadJournal,
          ...expected,
        });
      };
      const pending = steps.map((_, killAt) => killAt);
      const worker = async (): Promise<void> => {
        for (let next = pending.shift(); next !== undefined; next = pending.shift()) await killOnce(next);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    }, 120_000);
  }
}
