/**
 * The programs whose system calls are made to fail, each on a cache that gives it something of everything to do.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { CacheFixture } from '../support/cache-fixture.ts';
import { contentOf, hashOf } from '../support/cloud/contents.js';
import { partPath, putJournal, putPart, putTornJournal } from '../support/parts.ts';
import type { ProgramName } from '../support/run-program.ts';
import { imageIdOf, putFile, putImage, putPin, putRow } from '../support/seeded-cache.ts';

/** A program to be disturbed. */
export interface FaultJob {
  readonly program: ProgramName;
  /** What it is called in the title of a test. */
  readonly title?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** What keeps the rows; sqlite where it is absent. */
  readonly driver?: DriverName;
  /** Makes the cache other than it is for all. */
  readonly prepare?: (cache: CacheFixture) => void;
}

const OLD_SEC = 1e6;

/** Images, rows without files, files without rows, a wrong size, and what failures have left. */
export function fillCache({ layout }: CacheFixture): void {
  for (const number of [1, 2, 3, 4]) putImage(layout, imageIdOf(number), { usedSec: 1000 + number });
  putRow(layout, imageIdOf(6));
  putFile(layout, 'cached', imageIdOf(7), { agedSec: OLD_SEC });
  putFile(layout, 'cached', imageIdOf(10));
  putRow(layout, imageIdOf(10), { size: 1, last_accessed: 6000 });
  putFile(layout, 'invalid', imageIdOf(21), { agedSec: OLD_SEC });
  putFile(layout, 'incomplete', imageIdOf(20), { agedSec: OLD_SEC });
  for (const number of [30, 31]) writeFileSync(join(layout.areas.queue, imageIdOf(number)), '');
  putPart(layout, imageIdOf(41), { agedSec: OLD_SEC });
  putJournal(layout, imageIdOf(41), { agedSec: OLD_SEC });
  putPart(layout, imageIdOf(42), { agedSec: OLD_SEC });
  putTornJournal(layout, imageIdOf(43));
  mkdirSync(layout.locks, { recursive: true });
}

/** Leaves nothing but the cache directory: what Glance has never started on. */
function emptyOut({ layout }: CacheFixture): void {
  rmSync(layout.root, { recursive: true });
  mkdirSync(layout.root);
}

/** Pins an image that would go first, one that would not, and one that is not there. */
function pinSome({ layout }: CacheFixture): void {
  for (const number of [1, 3, 77]) putPin(layout, imageIdOf(number));
}

/** The jobs that need no cloud. */
export const JOBS: readonly (FaultJob & { readonly title: string })[] = [
  { title: 'prune', program: 'pruner', args: ['--max-size', '250'] },
  { title: 'clean', program: 'cleaner', args: [] },
  { title: 'delete all', program: 'manage', args: ['-f', 'delete-all-cached-images'] },
  { title: 'delete one', program: 'manage', args: ['-f', 'delete-cached-image', imageIdOf(2)] },
  { title: 'queue', program: 'manage', args: ['-f', 'queue-image', imageIdOf(50), imageIdOf(51)] },
  { title: 'dequeue', program: 'manage', args: ['-f', 'delete-all-queued-images'] },
  { title: 'pin', program: 'manage', args: ['pin-image', imageIdOf(2), imageIdOf(50)] },
  { title: 'unpin', program: 'manage', args: ['unpin-image', imageIdOf(3), imageIdOf(50)], prepare: pinSome },
  { title: 'prune beside pins', program: 'pruner', args: ['--max-size', '250'], prepare: pinSome },
  { title: 'list pinned', program: 'manage', args: ['list-pinned'], prepare: pinSome },
  { title: 'list cached', program: 'manage', args: ['list-cached'] },
  { title: 'list queued', program: 'manage', args: ['list-queued'] },
  { title: 'list invalid', program: 'manage', args: ['list-invalid'] },
  { title: 'plan to prune', program: 'pruner', args: ['--dry-run', '--max-size', '250'] },
  { title: 'prune an empty folder', program: 'pruner', args: [], prepare: emptyOut },
  {
    title: 'queue in an empty folder',
    program: 'manage',
    args: ['-f', 'queue-image', imageIdOf(50)],
    prepare: emptyOut,
  },
];

/** Images that a cloud has, and how long each is. */
export const WANTED = [imageIdOf(60), imageIdOf(61)] as const;
export const WANTED_BYTES = 100_000;

/** Queues them; of one, an earlier run has fetched a half. */
export function queueWanted({ layout }: CacheFixture): void {
  for (const number of [30, 31]) rmSync(join(layout.areas.queue, imageIdOf(number)));
  for (const imageId of WANTED) writeFileSync(join(layout.areas.queue, imageId), '');
  const [, imageId] = WANTED;
  const content = contentOf(imageId, WANTED_BYTES);
  writeFileSync(partPath(layout, imageId), content.subarray(0, WANTED_BYTES / 2), { mode: 0o640 });
  const hex = hashOf('sha512', imageId, WANTED_BYTES);
  putJournal(layout, imageId, { content: { sizeBytes: WANTED_BYTES, digest: { algorithm: 'sha512', hex } } });
}
