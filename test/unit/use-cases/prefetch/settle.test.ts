import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../../src/cache/layout.ts';
import { settle } from '../../../../src/use-cases/prefetch/settle.ts';
import { errorWith, failingAt } from '../../../support/index-work.ts';
import { partNames, putJournal, putPart } from '../../../support/parts.ts';
import { accessTo, createCache, imageIdOf, putFile } from '../../../support/seeded-cache.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { thrownBy } from '../../../support/thrown.ts';

const folder = useTempDir();
const [one, two] = [imageIdOf(1), imageIdOf(2)];
const WANTED = { imageId: one, markers: [one], queuedSec: 0, isUrgent: false };
let layout: CacheLayout;

beforeEach(() => {
  layout = createCache(join(folder(), 'cache'));
  for (const imageId of [one, two]) {
    putFile(layout, 'queue', imageId, { size: 0 });
    putPart(layout, imageId);
    putJournal(layout, imageId);
  }
});

const queued = (): readonly string[] => readdirSync(layout.areas.queue).sort();

describe('settle()', () => {
  test('removes part, journal and markers of the one image, the markers last', () => {
    const steps: string[] = [];
    settle(accessTo(layout, { hook: (step) => steps.push(step) }), WANTED);
    expect(steps).toEqual(['remove part', 'remove journal', 'unlink queue']);
    expect([queued(), partNames(layout)]).toEqual([[two], [`${two}.json`, `${two}.part`]]);
  });

  test('removes every marker of an image that was queued under several spellings', () => {
    const plain = one.replaceAll('-', '');
    writeFileSync(join(layout.areas.queue, plain), '');
    settle(accessTo(layout), { ...WANTED, markers: [one, plain] });
    expect(queued()).toEqual([two]);
  });

  test('keeps the markers when the part cannot be removed, so that the next run does it', () => {
    const error = errorWith('CACHE_PERMISSION');
    const access = accessTo(layout, { hook: failingAt('remove part', one, error) });
    expect(thrownBy(() => settle(access, WANTED))).toBe(error);
    expect(queued()).toContain(one);
  });

  test('is done when there is nothing left of the image', () => {
    settle(accessTo(layout), WANTED);
    settle(accessTo(layout), WANTED);
    expect(queued()).toEqual([two]);
  });
});
