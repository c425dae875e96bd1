/**
 * Shows that no failing call on the attributes or the times of an image is passed over in silence by a program that keeps
 * its index in them: it does its work or tells what failed, loses nothing, and is mended by the next run.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTRIBUTES, WITHOUT_ATTRIBUTES } from '../support/attributes.ts';
import { type Cloud, startCloud } from '../support/cloud/cloud.js';
import { loginOf } from '../support/prefetch-fixture.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import { useTempDir } from '../support/temp-dir.ts';
import '../support/xattr-rows.ts';
import { type FaultJob, queueWanted, WANTED, WANTED_BYTES } from './fault-jobs.ts';
import { FaultTrials } from './fault-trials.ts';
import { faultsOf, shuffled } from './faults.ts';

const AT_ONCE = 3;
const IN_CI = 30;

const folder = useTempDir(ATTRIBUTES.parent);
const seed = seedOfRun();
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ images: WANTED.map((id) => ({ id, sizeBytes: WANTED_BYTES })) });
});
afterAll(() => cloud.close());

const JOBS: readonly FaultJob[] = [
  { title: 'prune', program: 'pruner', args: ['--max-size', '350'] },
  { title: 'repair', program: 'manage', args: ['verify', '--repair'] },
  { title: 'prefetch', program: 'prefetcher', args: ['--jobs', '1'], prepare: queueWanted },
];

test.skipIf(ATTRIBUTES.missing !== undefined).each(JOBS.map((job) => [job.title, job] as const))(
  `%s takes a fault of any call on attributes and times as it should${WITHOUT_ATTRIBUTES}`,
  async (_title, job) => {
    const program = await FaultTrials.watch({ ...job, driver: 'xattr', env: loginOf(cloud) }, folder());
    const all = faultsOf(program.calls.filter(({ path }) => path.startsWith('/proc/')));
    const some = shuffled(all, seed).slice(0, rounds(IN_CI, all.length));
    const complaints = await program.complaintsAboutAll(some, AT_ONCE);
    expect(complaints, `TEST_SEED=${seed}`).toEqual([]);
    expect(program.injected).toBeGreaterThan(some.length / 2);
  },
  patienceMs(120_000),
);
