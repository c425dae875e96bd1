/**
 * Shows that a signal at any step of any job ends it after that step, in a clean state, with a report that tells what
 * was done and nothing else; and that the next ordinary runs do the rest.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { InterruptedError } from '../../src/errors/cache-error.ts';
import type { RunResult } from '../../src/use-cases/report.ts';
import { isHalfDone } from '../support/row-keepers.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { goneToTell, inventoryOf, saidCome, saidGone } from '../support/told.ts';
import { copyOf } from './caches.ts';
import { CASES, checkInvariant, type DriverCases, mend, stateOf, titleOf } from './cases.ts';
import { doJob, type Job } from './jobs.ts';

const STOPPED = new InterruptedError('SIGTERM', 'Stopped by SIGTERM');

/**
 * Runs a job and stops it when it announces a step.
 *
 * @param stopAt the step, counted from 0; it is made
 */
async function runAndStop(
  job: Job,
  layout: CacheLayout,
  stopAt: number,
): Promise<{ readonly steps: readonly string[]; readonly result: RunResult | undefined }> {
  const controller = new AbortController();
  const steps: string[] = [];
  const hook = (step: string, imageId: string): void => {
    if (/^(look|list)/.test(step)) return;
    if (steps.push(`${step} ${imageId}`) === stopAt + 1) controller.abort(STOPPED);
  };
  try {
    return { steps, result: await doJob(job, layout, { hook, signal: controller.signal }) };
  } catch (error) {
    if (error !== STOPPED) throw error;
    return { steps, result: undefined };
  }
}

/** What kind of work a job is to a report. */
function kindOf(job: Job): 'clean' | 'fetch' | 'change' {
  return job === 'clean' || job === 'fetch' ? job : 'change';
}

/** Declares the tests of a driver. */
export function testStops({ driver, parent = IN_MEMORY, cases = CASES }: DriverCases): void {
  // A stop does not lose what was written: nothing has to wait for a disk.
  const folder = useTempDir(parent);

  // Once an image is verified its way into the cache is not stopped any more.
  for (const it of cases.filter(({ job }) => job !== 'publish')) {
    test(`${titleOf(it)} ends after the step, in a clean state, and tells what was done when it is stopped at any step`, async () => {
      const pristine = it.make(join(folder(), 'pristine'), driver);
      const undisturbed = copyOf(pristine, 'undisturbed');
      const { steps } = await runAndStop(it.job, undisturbed, Number.POSITIVE_INFINITY);
      await mend(it, undisturbed);
      const expected = stateOf(undisturbed);
      for (const [stopAt, at] of steps.entries()) {
        const layout = copyOf(pristine, String(stopAt));
        const before = inventoryOf(layout);
        const { steps: made, result } = await runAndStop(it.job, layout, stopAt);
        expect(made.slice(0, stopAt + 1)).toEqual(steps.slice(0, stopAt + 1));
        expect([at, isHalfDone(layout)]).toEqual([at, false]);
        checkInvariant(it, layout);
        const after = inventoryOf(layout);
        // Whatever was stopped while it waited has changed nothing.
        const report = result ?? { items: [], errors: [], failure: undefined };
        expect([at, report.errors]).toEqual([at, []]);
        expect([at, undefined, STOPPED]).toContain(report.failure);
        expect([at, goneToTell(before, after, kindOf(it.job))]).toEqual([at, saidGone(report.items)]);
        for (const entry of saidCome(report.items)) expect(after, at).toContain(entry);
        await mend(it, layout);
        expect({ at, ...stateOf(layout) }).toEqual({ at, ...expected });
      }
    }, 120_000);
  }
}
