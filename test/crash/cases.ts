/**
 * Which job is disturbed on which cache, and which ordinary runs come next: the job itself once more, the cleaner, and
 * the pruner, which comes when it comes.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { outcomeOf } from '../support/cache-outcome.ts';
import { partNames, partPath } from '../support/parts.ts';
import { integrityOf } from '../support/row-keepers.ts';
import { contentOf, fileIdsOf, isIntact, pinIdsOf, readQuietly, rowIdsOf } from '../support/seeded-cache.ts';
import {
  makeFlipped,
  makeLonely,
  makeMixed,
  makePinned,
  makeQueued,
  makeWithoutIndex,
  NOT_YET,
  PINNED,
  VERIFIED,
  VERIFIED_SIZE,
} from './caches.ts';
import { doJob, type Job } from './jobs.ts';

/** One of them. */
export interface DisturbedJob {
  readonly job: Job;
  readonly make: (root: string, driver?: DriverName) => CacheLayout;
  readonly next: readonly Job[];
}

/** What is shown of a driver. */
export interface DriverCases {
  readonly driver: DriverName;
  /** Where the caches lie. */
  readonly parent?: string;
  readonly cases?: readonly DisturbedJob[];
}

/** All of them. */
export const CASES: readonly DisturbedJob[] = [
  { job: 'prune', make: makeMixed, next: ['prune', 'clean'] },
  { job: 'prune to nothing', make: makeMixed, next: ['prune to nothing', 'clean'] },
  { job: 'delete some', make: makeMixed, next: ['delete some', 'clean', 'prune'] },
  { job: 'delete all', make: makeMixed, next: ['delete all', 'clean'] },
  { job: 'prune', make: makePinned, next: ['prune', 'clean'] },
  { job: 'delete all', make: makePinned, next: ['delete all', 'clean'] },
  { job: 'pin', make: makePinned, next: ['pin'] },
  { job: 'unpin', make: makePinned, next: ['unpin'] },
  { job: 'clean', make: makeMixed, next: ['clean'] },
  { job: 'queue', make: makeMixed, next: ['queue'] },
  { job: 'dequeue some', make: makeMixed, next: ['dequeue some'] },
  { job: 'dequeue all', make: makeQueued, next: ['dequeue all'] },
  { job: 'adopt', make: makeFlipped, next: ['adopt', 'clean'] },
  { job: 'adopt', make: makeWithoutIndex, next: ['adopt', 'clean'] },
  { job: 'repair', make: makeMixed, next: ['repair', 'clean'] },
  { job: 'repair', make: makeFlipped, next: ['repair', 'clean'] },
  { job: 'remove stale', make: makeMixed, next: ['remove stale', 'clean', 'prune'] },
  { job: 'publish', make: makeMixed, next: ['publish', 'prune', 'clean'] },
  { job: 'publish', make: makeMixed, next: ['clean', 'prune', 'publish', 'prune'] },
  { job: 'publish', make: makeLonely, next: ['clean', 'prune nothing', 'publish', 'clean'] },
  { job: 'fetch', make: makeQueued, next: ['fetch', 'prune', 'clean'] },
  { job: 'fetch', make: makeLonely, next: ['fetch', 'clean', 'prune nothing', 'clean'] },
];

/** Those that have to do with the index. */
export const INDEX_CASES = CASES.filter(({ job }) => !/queue|clean|pin$/.test(job));

/** Some of these, for what takes long. */
export const FEW_INDEX_CASES = INDEX_CASES.filter(
  ({ job, make }) => job !== 'prune to nothing' && make !== makeFlipped,
);

/** The ordinary next runs. */
export async function mend({ next }: DisturbedJob, layout: CacheLayout): Promise<void> {
  for (const job of next) await doJob(job, layout);
}

/** What a disturbance may never leave behind, whatever comes after. */
export function checkInvariant({ job, make }: DisturbedJob, layout: CacheLayout): void {
  expect(isIntact(layout)).toBe(true);
  expect(integrityOf(layout)).toBe('ok');
  if (make === makePinned) checkPins(job, layout);
  if (job !== 'dequeue all') expect(fileIdsOf(layout, 'queue')).toContain(NOT_YET);
  if (make === makeMixed || (make === makeLonely && job === 'publish')) checkVerified(layout);
  // No row promises an image that has not been fetched yet.
  if (job === 'fetch') expect(fileIdsOf(layout)).toEqual(expect.arrayContaining([...rowIdsOf(layout)]));
}

/** Whatever a killed prefetch has left goes, even if nobody wants the images any more. */
export async function checkGivenUp(layout: CacheLayout): Promise<void> {
  await doJob('dequeue all', layout);
  // What was published and not entered is entered by the pruner first.
  await doJob('prune', layout);
  await doJob('clean long after', layout);
  expect(partNames(layout)).toEqual([]);
}

/** Only who asks for it takes a pin away, or an image that is pinned. */
function checkPins(job: Job, layout: CacheLayout): void {
  const pins = pinIdsOf(layout);
  expect(pins).toEqual(expect.arrayContaining(job === 'unpin' ? PINNED.slice(1, 2) : PINNED));
  if (job !== 'pin') expect(PINNED).toEqual(expect.arrayContaining([...pins]));
  expect(fileIdsOf(layout)).toEqual(expect.arrayContaining(PINNED.slice(0, 3)));
}

/** What was fetched is there once, as a part or as the image, with all its bytes, and has no row before it is the image. */
function checkVerified(layout: CacheLayout): void {
  const image = join(layout.root, VERIFIED);
  const paths = [partPath(layout, VERIFIED), image].filter((path) => existsSync(path));
  expect(paths.map((path) => readQuietly(path).toString('utf8'))).toEqual([contentOf(VERIFIED, VERIFIED_SIZE)]);
  if (rowIdsOf(layout).includes(VERIFIED)) expect(paths).toEqual([image]);
}

/** Everything there is, but for the times, which differ from cache to cache. */
export const stateOf = outcomeOf;

/** How a case is called in the title of a test. */
export function titleOf({ job, make, next }: DisturbedJob): string {
  return `${job} (${make.name}, then ${next.join(', ')})`;
}
