/**
 * The caches that jobs are killed on: one that has one of everything, one whose queue is to be fetched, and one whose
 * index was given up.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import { type CacheLayout, cacheLayout } from '../../src/cache/layout.ts';
import { putJournal, putPart, putTornJournal } from '../support/parts.ts';
import { copyCache, keeperOf } from '../support/row-keepers.ts';
import { createCache, imageIdOf, putFile, putImage, putPin, putRow } from '../support/seeded-cache.ts';
import { contentTold } from './memory-glance.ts';

/** The image that is published: its part is whole and verified. */
export const VERIFIED = imageIdOf(40);
export const VERIFIED_SIZE = 100;

/** Queued, and nothing is there of it. */
export const NEW = imageIdOf(50);
/** Queued, and an earlier run has fetched a half of it. */
export const HALF = imageIdOf(51);
/** Queued, and an earlier run has fetched the half of another content. */
export const CHANGED = imageIdOf(52);
export const FETCHED_SIZE = 1000;

/** Queued, and never to be had. */
export const NOT_YET = imageIdOf(30);

/** A cache with images, rows without files, files without rows, and leftovers. */
export function makeMixed(root: string, driver?: DriverName): CacheLayout {
  const layout = createCache(root, driver);
  for (const number of [1, 2, 3]) putImage(layout, imageIdOf(number), { usedSec: 1000 + number });
  // A row that is gone leaves a free page behind, which the next change to the index reuses.
  putRow(layout, imageIdOf(6));
  putFile(layout, 'cached', imageIdOf(7), { agedSec: 1e6 });
  putFile(layout, 'cached', imageIdOf(10));
  putRow(layout, imageIdOf(10), { size: 1, last_accessed: 6000 });
  for (const area of ['invalid', 'incomplete'] as const) {
    for (const number of [1, 20]) putFile(layout, area, imageIdOf(number), { agedSec: 1e6 });
  }
  rmSync(join(layout.areas.incomplete, imageIdOf(1)));
  putMarkers(layout, 30, 31, 32);
  putParts(layout);
  return layout;
}

/** What is pinned there; the last one is not cached. */
export const PINNED = [2, 7, 10, 77].map(imageIdOf);

/** The same with pins: of images that would go first, of one without a row, and of one that is not there. */
export function makePinned(root: string, driver?: DriverName): CacheLayout {
  const layout = makeMixed(root, driver);
  for (const imageId of PINNED) putPin(layout, imageId);
  return layout;
}

/** A part to be published, and what prefetches have left that nobody goes on with. */
function putParts(layout: CacheLayout): void {
  putPart(layout, VERIFIED, { size: VERIFIED_SIZE });
  putJournal(layout, VERIFIED);
  putMarkers(layout, 40);
  putPart(layout, imageIdOf(41), { agedSec: 1e6 });
  putJournal(layout, imageIdOf(41), { agedSec: 1e6 });
  putPart(layout, imageIdOf(42));
  putTornJournal(layout, imageIdOf(43));
}

/** A cache with a queue: of images that were never begun, half fetched, half fetched of something else, not to be had. */
export function makeQueued(root: string, driver?: DriverName): CacheLayout {
  const layout = createCache(root, driver);
  putImage(layout, imageIdOf(1));
  putMarkers(layout, 50, 51, 52, 30);
  putPart(layout, HALF, { size: 500 });
  putJournal(layout, HALF, { content: contentTold(HALF, FETCHED_SIZE) });
  putPart(layout, CHANGED, { size: 500 });
  putJournal(layout, CHANGED);
  return layout;
}

/** A cache without any image, whose first one is about to come. */
export function makeLonely(root: string, driver?: DriverName): CacheLayout {
  const layout = createCache(root, driver);
  putMarkers(layout, 30, 40);
  putPart(layout, VERIFIED, { size: VERIFIED_SIZE });
  putJournal(layout, VERIFIED);
  return layout;
}

/** A cache beside a glance-api that has moved to another driver: the files are there, the index has lost its rows. */
export function makeFlipped(root: string, driver?: DriverName): CacheLayout {
  const layout = createCache(root, driver);
  // The oldest ones go first.
  for (const number of [1, 2, 3]) putFile(layout, 'cached', imageIdOf(number), { agedSec: 1e6 - 100 * number });
  putMarkers(layout, 30);
  return layout;
}

/** The same without any index: it is made anew. */
export function makeWithoutIndex(root: string, driver?: DriverName): CacheLayout {
  const layout = makeFlipped(root, driver);
  keeperOf(layout).remove(layout);
  return layout;
}

/** A copy of a cache, in its state and with its times. */
export function copyOf(layout: CacheLayout, name: string): CacheLayout {
  const root = join(dirname(layout.root), name);
  const copy = cacheLayout(root, 'cache.db');
  copyCache(layout, copy);
  return copy;
}

function putMarkers(layout: CacheLayout, ...numbers: readonly number[]): void {
  for (const number of numbers) writeFileSync(join(layout.areas.queue, imageIdOf(number)), '');
}
