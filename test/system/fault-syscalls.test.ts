/**
 * Shows that no failing system call is passed over in silence: whichever call of a program on the cache fails, the first
 * time, the second time or always, and with whatever errno.
 */
import { expect, test } from 'vitest';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { JOBS } from './fault-jobs.ts';
import { FaultTrials } from './fault-trials.ts';
import { faultsOf, shuffled } from './faults.ts';

const AT_ONCE = 3;
const IN_CI = 25;

const folder = useTempDir();
const seed = seedOfRun();

const TITLED = JOBS.map((job) => [job.program, job.title, job] as const);

test.each(TITLED)(
  'glance-cache-%s (%s) does its work or tells what failed, loses nothing, and is mended by the next run',
  async (_program, _title, job) => {
    const program = await FaultTrials.watch(job, folder());
    const all = faultsOf(program.calls);
    const complaints = await program.complaintsAboutAll(
      shuffled(all, seed).slice(0, rounds(IN_CI, all.length)),
      AT_ONCE,
    );
    expect(complaints, `TEST_SEED=${seed}`).toEqual([]);
    // Whether a call is made again depends on how it went; most are.
    expect(program.injected).toBeGreaterThan(rounds(IN_CI, all.length) / 2);
  },
  patienceMs(120_000),
);
