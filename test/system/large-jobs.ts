/**
 * The programs that are killed and stopped at random, each on a cache that keeps it at work for a while.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { CacheFixture } from '../support/cache-fixture.ts';
import { putJournal, putPart, putTornJournal } from '../support/parts.ts';
import { imageIdOf, putFile, putImage, putRow } from '../support/seeded-cache.ts';
import { CLEAN, inCloud, job, type KillJob, PRUNE } from './kill-jobs.ts';

const OLD_SEC = 1e6;
const IMAGE_BYTES = 100;

/** Numbers from one to another. */
function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Hundreds of images, rows without files, files without rows, and wrong sizes. */
function fillImages(cache: CacheFixture): void {
  const { layout } = cache;
  const images = range(1, 250);
  for (const number of images) putFile(layout, 'cached', imageIdOf(number), { size: IMAGE_BYTES });
  for (const number of range(1000, 40)) putFile(layout, 'cached', imageIdOf(number), { agedSec: OLD_SEC - number });
  for (const number of images) {
    const size = number % 10 === 0 ? 1 : IMAGE_BYTES;
    putRow(layout, imageIdOf(number), { last_accessed: 1000 + number, last_modified: 1, size });
  }
  for (const number of range(2000, 40)) putRow(layout, imageIdOf(number), { last_accessed: 5000, size: IMAGE_BYTES });
  fillQueue(cache);
}

/** Hundreds of images beside an index without a row. */
function fillFlipped({ layout }: CacheFixture): void {
  for (const number of range(1, 600)) putFile(layout, 'cached', imageIdOf(number), { agedSec: OLD_SEC });
}

/** Hundreds of leftovers of every kind. */
function fillLeftovers({ layout }: CacheFixture): void {
  for (const area of ['invalid', 'incomplete'] as const) {
    for (const number of range(1, 150)) putFile(layout, area, imageIdOf(number), { agedSec: OLD_SEC });
  }
  for (const number of range(200, 50)) {
    putPart(layout, imageIdOf(number), { agedSec: OLD_SEC });
    putJournal(layout, imageIdOf(number), { agedSec: OLD_SEC });
    putPart(layout, imageIdOf(number + 50));
    putTornJournal(layout, imageIdOf(number + 100));
  }
}

/** Hundreds of markers. */
function fillQueue({ layout }: CacheFixture): void {
  for (const number of range(3000, 600)) writeFileSync(join(layout.areas.queue, imageIdOf(number)), '');
}

/** The images of the cloud. */
export const LARGE_IMAGES = range(50, 4).map((number) => ({ id: imageIdOf(number), sizeBytes: 3_000_000 }));

function fillCloudQueue(cache: CacheFixture): void {
  putImage(cache.layout, imageIdOf(1));
  for (const { id } of LARGE_IMAGES) cache.addMarker(id);
}

const MORE_IDS = range(4000, 800).map(imageIdOf);

/** The jobs that need no cloud. */
export const LARGE_JOBS: readonly KillJob[] = [
  job(['pruner', '--max-size', '5000'], fillImages, CLEAN),
  job(['pruner', '--adopt'], fillFlipped, CLEAN),
  job(['cleaner'], fillLeftovers),
  job(['manage', '-f', 'delete-all-cached-images'], fillImages, CLEAN),
  job(['manage', '-f', 'delete-all-queued-images'], fillQueue),
  job(['manage', '-f', 'queue-image', ...MORE_IDS], fillQueue),
];

/** The job that needs one. */
export const LARGE_FETCH_JOB: KillJob = inCloud(job(['prefetcher', '--jobs', '2'], fillCloudQueue, PRUNE, CLEAN));

/** Those that change most, with another driver. */
export function largeJobsWith(driver: DriverName): readonly KillJob[] {
  const jobs = [job(['pruner', '--max-size', '5000'], fillImages, CLEAN), LARGE_FETCH_JOB];
  return jobs.map((it) => ({ ...it, driver }));
}
