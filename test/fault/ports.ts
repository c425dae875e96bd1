/**
 * Shows that no failing step of a job is passed over in silence: whichever step fails, once or from then on, and with
 * whatever cause, all of the work is done or an error names path and cause; nothing is lost; and once the fault is gone
 * the next ordinary runs end as if there had been none.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { finish } from '../../src/cli/finish.ts';
import { CacheError } from '../../src/errors/cache-error.ts';
import { copyOf } from '../crash/caches.ts';
import { CASES, checkInvariant, type DisturbedJob, type DriverCases, mend, stateOf, titleOf } from '../crash/cases.ts';
import { doJob } from '../crash/jobs.ts';
import { type CacheOutcome, damageIn } from '../support/cache-outcome.ts';
import type { Hook } from '../support/hooked-ports.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { faultsAt, type PortFault } from './faults.ts';

const seed = seedOfRun();

const NO_LOG = { error: () => undefined, warning: () => undefined, info: () => undefined, debug: () => undefined };

/** Does the job of a case, as a program would: a failure of any kind is thrown. */
async function run({ job }: DisturbedJob, layout: CacheLayout, hook: Hook): Promise<unknown> {
  try {
    finish(await doJob(job, layout, { hook }), new AbortController().signal, NO_LOG);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What is wrong with how a failure was told. */
function complaintsAbout(error: unknown, { path, cause }: PortFault): readonly string[] {
  if (!(error instanceof CacheError)) return [`no error of ours: ${String(error)}`];
  const complaints: string[] = [];
  if (error.exitCode < 4) complaints.push(`exit code ${error.exitCode}`);
  if (!error.message.includes(path)) complaints.push('no path');
  if (!error.message.includes(cause)) complaints.push('no cause');
  if (error.hint === undefined) complaints.push('no hint');
  return complaints.length === 0 ? [] : [...complaints, error.message];
}

interface Expected {
  readonly before: CacheOutcome;
  readonly after: CacheOutcome;
  readonly mended: CacheOutcome;
}

/** How often a fault comes: at one step alone, or from that one on at every one of its name. */
const REACHES = ['once', 'from then on'] as const;

/** Declares the tests of a driver. */
export function testFaults({ driver, parent = tmpdir(), cases = CASES }: DriverCases): void {
  const folder = useTempDir(parent);

  test.each(cases.map((it) => [titleOf(it), it] as const))(
    '%s tells of every fault, loses nothing, and comes to the same end without it',
    async (_title, it) => {
      const pristine = it.make(join(folder(), 'pristine'), driver);
      const before = stateOf(pristine);
      const undisturbed = copyOf(pristine, 'undisturbed');
      const steps: string[] = [];
      expect(await run(it, undisturbed, (step) => void steps.push(step))).toBeUndefined();
      const after = stateOf(undisturbed);
      await mend(it, undisturbed);
      const expected: Expected = { before, after, mended: stateOf(undisturbed) };
      expect(steps.length).toBeGreaterThan(3);

      const complaints: string[] = [];
      for (const [at, step] of steps.entries()) {
        // That is no step: it is over then.
        if (step === 'committed') continue;
        complaints.push(...(await takeFaults(it, pristine, { at, step, expected })));
      }
      expect(complaints, `TEST_SEED=${seed}`).toEqual([]);
    },
    patienceMs(60_000),
  );
}

/** Each step fails with some of its faults; with all of them in the long form. */
async function takeFaults(
  it: DisturbedJob,
  pristine: CacheLayout,
  { at, step, expected }: Pick<Trial, 'at' | 'step' | 'expected'>,
): Promise<readonly string[]> {
  const kinds = faultsAt(pristine, step, it.job).length * REACHES.length;
  const complaints: string[] = [];
  for (let take = 0; take < rounds(1, kinds); take++) {
    const layout = copyOf(pristine, `${at}-${take}`);
    const kind = (seed + at * 5 + take) % kinds;
    const fault = faultsAt(layout, step, it.job)[kind >> 1];
    if (fault === undefined) throw new Error('No such fault');
    const reach = REACHES[kind % 2] ?? 'once';
    const found = await takeFault(it, layout, { fault, at, step, reach, expected });
    if (found.length > 0) complaints.push([step, at, reach, fault.cause, ...found].join(' | '));
  }
  return complaints;
}

interface Trial {
  readonly fault: PortFault;
  readonly at: number;
  readonly step: string;
  readonly reach: (typeof REACHES)[number];
  readonly expected: Expected;
}

async function takeFault(it: DisturbedJob, layout: CacheLayout, trial: Trial): Promise<readonly string[]> {
  const { fault, at, step, reach, expected } = trial;
  let made = 0;
  const error = await run(it, layout, (now) => {
    const place = made++;
    if (place === at || (reach === 'from then on' && place > at && now === step)) throw fault.error;
  });
  checkInvariant(it, layout);
  const complaints = [...damageIn(layout, expected.before, expected.after)];
  if (error !== undefined) complaints.push(...complaintsAbout(error, fault));
  // Hits have no say in what goes: an image whose hits cannot be read is let be until they can.
  else if (step !== 'look attribute' && !isSame(done(stateOf(layout)), done(expected.after))) {
    complaints.push('a silent success', JSON.stringify(stateOf(layout)));
  }
  await mend(it, layout);
  if (!isSame(stateOf(layout), expected.mended)) complaints.push('not mended', JSON.stringify(stateOf(layout)));
  return complaints;
}

/** What was done: a file in `invalid/` is the cleaner's, whether it was there before or has just come. */
function done({ files, rows }: CacheOutcome): CacheOutcome {
  return { files: files.filter((file) => !file.startsWith('invalid/')), rows };
}

function isSame(one: CacheOutcome, other: CacheOutcome): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
