/**
 * Somebody pins an image while a run removes images, at every single step of the run in turn: an image that is seen where
 * it belongs after it was pinned stays, with its row, whatever step that was.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DriverName } from '../../src/cache/index/index-driver.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { DiskPins } from '../../src/cache/pins/disk-pins.ts';
import { deleteCached } from '../../src/use-cases/delete.ts';
import { prune } from '../../src/use-cases/prune.ts';
import type { RunResult } from '../../src/use-cases/report.ts';
import type { Hook } from '../support/hooked-ports.ts';
import {
  accessTo,
  createCache,
  fileIdsOf,
  imageIdOf,
  isIntact,
  pinIdsOf,
  putFile,
  putImage,
  rowIdsOf,
} from '../support/seeded-cache.ts';
import { IN_MEMORY, useTempDir } from '../support/temp-dir.ts';

const NO_LIMITS = { lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };

const JOBS = {
  'prune to nothing': (layout: CacheLayout, hook: Hook) =>
    prune(accessTo(layout, { hook }), { dryRun: false, adopt: false, ...NO_LIMITS, maxSizeBytes: 0 }),
  'delete all': (layout: CacheLayout, hook: Hook) =>
    deleteCached(accessTo(layout, { hook }), { dryRun: false, adopt: false, imageIds: undefined }),
} as const satisfies Readonly<Record<string, (layout: CacheLayout, hook: Hook) => Promise<RunResult>>>;

/** Two images, and a file that has no row. */
function makeCache(root: string, driver: DriverName): CacheLayout {
  const layout = createCache(root, driver);
  for (const number of [1, 2]) putImage(layout, imageIdOf(number), { usedSec: 1000 + number });
  putFile(layout, 'cached', imageIdOf(3));
  return layout;
}

/** Tries all of it with a driver. */
export function testLatePins({
  driver,
  parent = IN_MEMORY,
}: {
  readonly driver: DriverName;
  readonly parent?: string;
}): void {
  const folder = useTempDir(parent);

  describe.each(Object.entries(JOBS))(`%s with ${driver}`, (_name, job) => {
    // One with a row, and one without.
    test.each([1, 3])('keeps image %i when it was pinned in time, at whatever step', async (number) => {
      const imageId = imageIdOf(number);
      const steps: string[] = [];
      await job(makeCache(join(folder(), `undisturbed-${number}`), driver), (step, id) => {
        steps.push(`${step} ${id === imageId ? 'it' : ''}`.trim());
      });
      const retired = steps.indexOf('retire it');
      expect(retired).toBeGreaterThan(0);
      let saved = 0;
      for (const at of steps.keys()) {
        const layout = makeCache(join(folder(), `${number}-${at}`), driver);
        const pins = new DiskPins(layout);
        let step = 0;
        const seen: boolean[] = [];
        const { errors, failure } = await job(layout, () => {
          if (step++ !== at) return;
          pins.add(imageId);
          seen.push(existsSync(join(layout.root, imageId)));
        });
        expect([errors, failure]).toEqual([[], undefined]);
        const isThere = [fileIdsOf(layout), rowIdsOf(layout)].map((ids) => ids.includes(imageId));
        const isKept = isThere.every((it) => it);
        if (seen.includes(true) || at <= retired)
          expect({ at, step: steps[at], isThere }).toEqual({ at, step: steps[at], isThere: [true, true] });
        // Half of an image is none.
        else expect(isThere[0]).toBe(isThere[1]);
        saved += Number(isKept);
        expect(fileIdsOf(layout, 'invalid')).toEqual([]);
        expect(pinIdsOf(layout)).toEqual([imageId]);
        expect(isIntact(layout)).toBe(true);
      }
      // The last look at the pins comes after the rename: whoever comes in between is in time as well.
      expect(saved).toBeGreaterThan(retired);
    });
  });
}
