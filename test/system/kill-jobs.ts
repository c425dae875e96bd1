/**
 * The programs that are killed and stopped, each on a cache that gives it something of everything to do, and the
 * ordinary runs that come next. A new command is one entry.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { CacheFixture } from '../support/cache-fixture.ts';
import { contentOf } from '../support/cloud/contents.js';
import { partPath, putJournal, putPart, putTornJournal } from '../support/parts.ts';
import { keeperOf } from '../support/row-keepers.ts';
import type { ProgramName } from '../support/run-program.ts';
import { imageIdOf, putFile, putImage, putPin, putRow } from '../support/seeded-cache.ts';

/** A program with its arguments. */
export type ProgramCall = readonly [program: ProgramName, ...args: string[]];

/** A program to be disturbed. */
export interface KillJob {
  readonly call: ProgramCall;
  readonly fill: (cache: CacheFixture) => void;
  readonly next: readonly ProgramCall[];
  readonly needsCloud: boolean;
  /** What keeps the rows; sqlite where it is absent. */
  readonly driver?: DriverName;
}

const OLD_SEC = 1e6;

/** Images, rows without files, files without rows, a wrong size, a queue, and what failures have left. */
function fillMixed({ layout }: CacheFixture): void {
  for (const number of [1, 2, 3]) putImage(layout, imageIdOf(number), { usedSec: 1000 + number });
  putRow(layout, imageIdOf(6));
  putFile(layout, 'cached', imageIdOf(7), { agedSec: OLD_SEC });
  putFile(layout, 'cached', imageIdOf(10));
  putRow(layout, imageIdOf(10), { size: 1, last_accessed: 6000 });
  putFile(layout, 'invalid', imageIdOf(1), { agedSec: OLD_SEC });
  putFile(layout, 'incomplete', imageIdOf(20), { agedSec: OLD_SEC });
  for (const number of [30, 31]) writeFileSync(join(layout.areas.queue, imageIdOf(number)), '');
  putPart(layout, imageIdOf(41), { agedSec: OLD_SEC });
  putJournal(layout, imageIdOf(41), { agedSec: OLD_SEC });
  putPart(layout, imageIdOf(42));
  putTornJournal(layout, imageIdOf(43));
}

/** The same with pins: of images that would go first, and of one that is not there. */
function fillPinned(cache: CacheFixture): void {
  fillMixed(cache);
  for (const number of [1, 7, 77]) putPin(cache.layout, imageIdOf(number));
}

/** Files beside an index that has lost its rows. */
function fillFlipped({ layout }: CacheFixture): void {
  for (const number of [1, 2, 3]) putFile(layout, 'cached', imageIdOf(number), { agedSec: OLD_SEC });
}

/** The same without an index. */
function fillIndexless(cache: CacheFixture): void {
  fillFlipped(cache);
  keeperOf(cache.layout).remove(cache.layout);
}

/** Nothing but the cache directory: what Glance has never started on. */
function emptyOut({ layout }: CacheFixture): void {
  rmSync(layout.root, { recursive: true });
  mkdirSync(layout.root);
}

/** The images of the cloud: queued and new, queued and half fetched. */
const [NEW, HALF] = [imageIdOf(50), imageIdOf(51)];
const CLOUD_IMAGE_BYTES = 100_000;

function fillQueue(cache: CacheFixture): void {
  putImage(cache.layout, imageIdOf(1));
  for (const imageId of [NEW, HALF]) cache.addMarker(imageId);
  const content = contentOf(HALF, CLOUD_IMAGE_BYTES);
  const { layout } = cache;
  const digest = { algorithm: 'sha512', hex: createHash('sha512').update(content).digest('hex') };
  putJournal(layout, HALF, { content: { sizeBytes: content.length, digest } });
  writeFileSync(partPath(layout, HALF), content.subarray(0, content.length / 2));
}

/** What comes when it comes. */
export const PRUNE: ProgramCall = ['pruner'];
export const CLEAN: ProgramCall = ['cleaner'];

/** The jobs that need no cloud. */
const LOCAL_JOBS: readonly KillJob[] = [
  job(['pruner', '--max-size', '250'], fillMixed, CLEAN),
  job(['pruner', '--max-size', '0'], fillMixed, CLEAN),
  job(['pruner', '--max-size', '250'], fillPinned, CLEAN),
  job(['manage', '-f', 'delete-all-cached-images'], fillPinned, CLEAN),
  job(['manage', 'pin-image', imageIdOf(2), imageIdOf(60)], fillPinned),
  job(['manage', 'pin-image', imageIdOf(60)], emptyOut),
  job(['manage', 'unpin-image', imageIdOf(1), imageIdOf(7)], fillPinned),
  job(['pruner', '--adopt'], fillFlipped, CLEAN),
  job(['pruner', '--adopt'], fillIndexless, CLEAN),
  job(['cleaner'], fillMixed),
  job(['manage', '-f', 'delete-cached-image', imageIdOf(2), imageIdOf(6)], fillMixed, CLEAN, PRUNE),
  job(['manage', '-f', 'delete-all-cached-images'], fillMixed, CLEAN),
  job(['manage', 'verify', '--repair'], fillMixed, CLEAN, PRUNE),
  job(['manage', 'verify', '--repair'], fillIndexless, CLEAN),
  job(['manage', '-f', 'queue-image', imageIdOf(60), imageIdOf(61)], fillMixed),
  job(['manage', '-f', 'queue-image', imageIdOf(60)], emptyOut),
  job(['manage', '-f', 'delete-queued-image', imageIdOf(30)], fillMixed),
  job(['manage', '-f', 'delete-all-queued-images'], fillMixed),
];

/** Flags whose work takes threads, which only the built programs have. */
const READ_DATA = '--read-data';
const STALE = '--stale';

/** Whether a call needs a built program. */
export function takesThreads(args: readonly string[]): boolean {
  return args.includes(READ_DATA) || args.includes(STALE);
}

/** The job that needs one. */
const FETCH_JOB: KillJob = inCloud(job(['prefetcher', '--jobs', '1'], fillQueue, PRUNE, CLEAN));

/** One image as it should be, and one with a wrong byte; both are in the cloud. */
function fillDamaged({ layout, root }: CacheFixture): void {
  for (const imageId of [NEW, HALF]) {
    const content = contentOf(imageId, CLOUD_IMAGE_BYTES);
    if (imageId === HALF) content[CLOUD_IMAGE_BYTES / 2] = 0;
    writeFileSync(join(root, imageId), content);
    putRow(layout, imageId, { size: CLOUD_IMAGE_BYTES });
  }
}

/** Another one that does, and reads images. */
const READ_JOB: KillJob = inCloud(job(['manage', 'verify', '--repair', READ_DATA], fillDamaged, CLEAN));

/** The same, and one that is not in the cloud, with a leftover. */
function fillStale(cache: CacheFixture): void {
  fillDamaged(cache);
  putImage(cache.layout, imageIdOf(1));
  putFile(cache.layout, 'invalid', imageIdOf(2), { agedSec: OLD_SEC });
}

/** A third one, which asks in lists. */
const STALE_JOB: KillJob = inCloud(job(['cleaner', STALE, '--stale-limit', '100%'], fillStale, PRUNE));

/** All of them, and what is in the cloud for them. */
export const JOBS: readonly KillJob[] = [...LOCAL_JOBS, FETCH_JOB, READ_JOB, STALE_JOB];
export const CLOUD_IMAGES = [NEW, HALF].map((id) => ({ id, sizeBytes: CLOUD_IMAGE_BYTES }));

/** A job; itself comes first of what comes next. */
export function job(call: ProgramCall, fill: KillJob['fill'], ...next: readonly ProgramCall[]): KillJob {
  return { call, fill, next: [call, ...next], needsCloud: false };
}

/** The jobs that change most, with another driver. */
export function jobsWith(driver: DriverName): readonly KillJob[] {
  const jobs = [
    job(['pruner', '--max-size', '250'], fillMixed, CLEAN),
    job(['manage', '-f', 'delete-cached-image', imageIdOf(2), imageIdOf(6)], fillMixed, CLEAN, PRUNE),
    job(['manage', 'verify', '--repair'], fillIndexless, CLEAN),
    FETCH_JOB,
  ];
  return jobs.map((it) => ({ ...it, driver }));
}

/** A job that logs in. */
export function inCloud(it: KillJob): KillJob {
  return { ...it, needsCloud: true };
}
