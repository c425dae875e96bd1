/**
 * The cloud of the jobs that fetch or ask, for a file of tests.
 */
import { afterAll, beforeAll } from 'vitest';
import { type SpawnedCloud, spawnCloud } from '../support/cloud/spawn-cloud.js';
import { loginOf } from '../support/prefetch-fixture.ts';
import type { KillJob } from './kill-jobs.ts';

/** Starts a cloud with these images; gives the environment of a job, which logs in where it needs to. */
export function useCloudOf(
  images: readonly { readonly id: string; readonly sizeBytes: number }[],
): (job: KillJob) => Readonly<Record<string, string>> {
  let cloud: SpawnedCloud;
  beforeAll(async () => {
    // Clocks of programs are set ahead: a token has to be good by them, too.
    cloud = await spawnCloud({ images, tokenLifeSec: 1e6 });
  });
  afterAll(() => cloud.close());
  return ({ needsCloud }) => (needsCloud ? loginOf(cloud) : {});
}
