/**
 * Whatever glance-api does to an image, done at every single step of ours in turn: what random meetings rarely hit. While
 * we hold the index, it does what needs no lock, and the rest once the lock is free, as one that waits does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { LockTimes } from '../support/lock-times.ts';
import { partNames } from '../support/parts.ts';
import { driverNameOf } from '../support/row-keepers.ts';
import {
  createCache,
  fileIdsOf,
  imageIdOf,
  putFile,
  putImage,
  putRow,
  rowIdsOf,
  rowsOf,
} from '../support/seeded-cache.ts';
import { bytesOfImage, sizeOfImage } from '../support/stand-in/busy-glance.ts';
import {
  beginDownload,
  beginHit,
  clearFiles,
  deleteFile,
  queueImage,
  unlinkIfPresent,
} from '../support/stand-in/glance-api.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';
import { doJob, type Job, type Place, settleAll } from './our-jobs.ts';

const IMAGES = 16;
const LONG_AGO_SEC = 30 * 86_400;

/** What glance-api does at a step: what needs no lock at once, and the rest when it has the lock. */
type Act = (
  layout: CacheLayout,
  number: number,
) => {
  readonly rest: () => void;
  readonly atLast?: () => void;
  /** Whether it is a newly cached image then. */
  readonly isCachedAnew?: boolean;
};

const ACTS: Readonly<Record<string, Act>> = {
  'removes it and caches it anew': (layout, number) => {
    const deleteRow = deleteFile(layout, imageIdOf(number));
    const enterRow = cacheFile(layout, number);
    const rest = (): void => {
      deleteRow();
      enterRow?.(nowSec());
    };
    return { rest, isCachedAnew: enterRow !== undefined };
  },
  'caches it': (layout, number) => {
    const enterRow = cacheFile(layout, number);
    return { rest: () => enterRow?.(nowSec()), isCachedAnew: enterRow !== undefined };
  },
  'removes it': (layout, number) => ({ rest: deleteFile(layout, imageIdOf(number)) }),
  'serves it slowly': (layout, number) => {
    const hit = beginHit(layout, imageIdOf(number), bytesOfImage(number));
    return {
      rest: () => undefined,
      atLast: () => expect(hit?.finish(nowSec()).result ?? 'absent').toMatch(/^(hit|absent)$/),
    };
  },
  'caches it slowly, once it is cleaned up': (layout, number) => {
    unlinkIfPresent(join(layout.areas.incomplete, imageIdOf(number)));
    const cold = beginDownload(layout, imageIdOf(number), bytesOfImage(number));
    cold?.write(1000);
    return {
      rest: () => undefined,
      atLast: () => {
        while (cold?.write(1000) === true);
        cold?.finish(nowSec());
      },
    };
  },
  'begins to cache it and gives up': (layout, number) => {
    const cold = beginDownload(layout, imageIdOf(number), bytesOfImage(number));
    cold?.write(1000);
    return { rest: () => cold?.abort() };
  },
  'clears the cache': (layout) => ({ rest: clearFiles(layout) }),
  'queues it': (layout, number) => {
    queueImage(layout, imageIdOf(number));
    return { rest: () => undefined };
  },
};

/** The job, its round, and the image that it deals with. */
const CASES: readonly (readonly [job: Job | 'mend', round: number, number: number])[] = [
  ['prune', 0, 0],
  ['clean', 0, 12],
  ['delete', 0, 0],
  ['delete all', 0, 1],
  ['queue', 2, 14],
  ['publish', 2, 14],
  ['mend', 0, 10],
  ['mend', 0, 11],
];

function nowSec(): number {
  return Date.now() / 1000;
}

/** Brings the file of an image that is not there; the row comes with the function returned. */
function cacheFile(layout: CacheLayout, number: number): ((atSec: number) => void) | undefined {
  const cold = beginDownload(layout, imageIdOf(number), bytesOfImage(number));
  while (cold?.write(1000) === true);
  return cold?.publish();
}

/** Where and with which driver a case is tried. */
interface Scene {
  readonly root: string;
  readonly driver: DriverName;
}

/** Four images, a row without a file, a file without a row; leftovers only for who cares: a look at who holds them takes time. */
function makeCache({ root, driver }: Scene, job: Job | 'mend'): CacheLayout {
  const layout = createCache(root, driver);
  for (const number of [0, 1, 2, 3]) {
    putImage(layout, imageIdOf(number), { size: sizeOfImage(number), usedSec: nowSec() - 1000 + number });
  }
  putRow(layout, imageIdOf(10), { size: sizeOfImage(10), last_modified: nowSec() });
  putFile(layout, 'cached', imageIdOf(11), { size: sizeOfImage(11) });
  if (job !== 'clean') return layout;
  putFile(layout, 'incomplete', imageIdOf(12), { size: 100, agedSec: LONG_AGO_SEC });
  putFile(layout, 'invalid', imageIdOf(13), { size: 100 });
  return layout;
}

/** Does a job; mending is pruning to no limit, once everything has settled. */
function doCase(job: Job | 'mend', place: Place, round: number): Promise<unknown> {
  return job === 'mend' ? settleAll(place) : doJob(job, place, round);
}

/** The steps of a job, in order. */
async function stepsOf(scene: Scene, job: Job | 'mend', round: number): Promise<readonly string[]> {
  const steps: string[] = [];
  const layout = makeCache(scene, job);
  const hook = (step: string): void => void steps.push(step);
  await doCase(job, { layout, images: IMAGES, times: new LockTimes(), aheadSec: 0, hook }, round);
  return steps;
}

/** A job with something done in between. Returns whether that cached the image anew while nobody changed the index. */
async function disturb(
  [job, round, number]: (typeof CASES)[number],
  layout: CacheLayout,
  { act, at }: { readonly act: Act; readonly at: number },
): Promise<boolean> {
  const state = { step: 0, isChanging: false, holdsLock: false, hasCached: false };
  let pending: (() => void) | undefined;
  let atLast: (() => void) | undefined;
  const finish = (): void => {
    state.isChanging = false;
    state.holdsLock = false;
    pending?.();
    pending = undefined;
  };
  const hook = (step: string): void => {
    // The end of a transaction, or what follows one that failed.
    if (['committed', 'begin', 'list cached', 'restore', 'unpublish'].includes(step)) finish();
    if (state.step++ === at) {
      const done = act(layout, number);
      atLast = done.atLast;
      // Between the look at a file and its rename nothing can be shut out.
      state.hasCached = !state.isChanging && done.isCachedAnew === true;
      if (state.holdsLock) pending = done.rest;
      else done.rest();
    }
    if (step === 'begin') state.isChanging = true;
    if (step === (driverNameOf(layout) === 'sqlite' ? 'begin' : 'begin in database')) state.holdsLock = true;
  };
  await doCase(job, { layout, images: IMAGES, times: new LockTimes(), aheadSec: 0, hook }, round);
  finish();
  expectWhole(layout);
  atLast?.();
  return state.hasCached;
}

function expectWhole(layout: CacheLayout): void {
  for (const id of fileIdsOf(layout)) {
    const isWhole = readFileSync(join(layout.root, id)).equals(bytesOfImage(Number.parseInt(id, 16)));
    expect({ id, isWhole }).toEqual({ id, isWhole: true });
  }
}

/** Tries all of it with a driver. */
export function testInBetween({
  driver,
  parent = IN_MEMORY,
}: Pick<Scene, 'driver'> & { readonly parent?: string }): void {
  const folder = useTempDir(parent);
  const cases = driver === 'sqlite' ? CASES : CASES.filter(([job]) => job !== 'clean' && job !== 'queue');

  describe.each(cases)(`%s with ${driver}`, (job, round, number) => {
    test.each(Object.entries(ACTS))(
      'leaves whole images, a live writer and what has come since the plan alone when glance-api %s in between',
      { timeout: 60_000 },
      async (_name, act) => {
        const steps = await stepsOf({ root: join(folder(), 'undisturbed'), driver }, job, round);
        expect(steps.length).toBeGreaterThan(2);
        const planned = steps.lastIndexOf('list cached');
        for (const [at, step] of steps.entries()) {
          // The look at the file was right before it: between the two nothing can be shut out.
          if (step === 'unlink incomplete') continue;
          const layout = makeCache({ root: join(folder(), `step-${at}`), driver }, job);
          const hasCached = await disturb([job, round, number], layout, { act, at });
          expectWhole(layout);
          if (hasCached && at > planned) {
            const isThere = [fileIdsOf(layout), rowIdsOf(layout)].map((ids) => ids.includes(imageIdOf(number)));
            expect({ at, step, isThere }).toEqual({ at, step, isThere: [true, true] });
          }
          await settleAll({ layout, images: IMAGES, times: new LockTimes(), aheadSec: 0 });
          expectWhole(layout);
          const rows = rowsOf(layout).map(({ image_id, size }) => [image_id, size]);
          expect(rows).toEqual(fileIdsOf(layout).map((id) => [id, sizeOfImage(Number.parseInt(id, 16))]));
          const left = [readdirSync(layout.areas.invalid), readdirSync(layout.areas.incomplete), partNames(layout)];
          expect(left).toEqual([[], [], []]);
        }
      },
    );
  });
}
