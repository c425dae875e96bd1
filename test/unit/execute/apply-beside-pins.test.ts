import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import type { Hook } from '../../support/hooked-ports.ts';
import { errorWith, failingAt, type IndexWork, resultsOf, useIndexWork } from '../../support/index-work.ts';
import { fileIdsOf, imageIdOf, putFile, putImage, rowIdsOf, rowsOf } from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const current = useIndexWork(folder);
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let work: IndexWork;
let layout: CacheLayout;

beforeEach(() => {
  work = current();
  layout = work.layout;
  for (const id of [one, two]) putImage(layout, id);
  putFile(layout, 'cached', three);
});

/** Pins an image at a step. */
function pinningAt(step: string, imageId: ImageId): Hook {
  return (at, id) => {
    if (at === step && id === imageId) work.pinned.add(imageId);
  };
}

function thereIs(): readonly unknown[] {
  return [fileIdsOf(layout), rowIdsOf(layout), fileIdsOf(layout, 'invalid')];
}

describe('applyIndexActions() beside pins', () => {
  test('leaves what was pinned since the plan, and enters it where it has no row', async () => {
    const actions = await work.toPrune();
    for (const id of [two, three]) work.pinned.add(id);
    const steps: string[] = [];
    expect(resultsOf(await work.apply(actions, (step) => steps.push(step)))).toEqual(['pinned', 'done', 'pinned']);
    expect(steps.filter((step) => step === 'retire')).toHaveLength(1);
    expect(thereIs()).toEqual([[two, three], [two, three], []]);
  });

  test('puts back what was pinned while it was taken out, the same file with the same row', async () => {
    const before = [lstatSync(join(layout.root, two)).ino, rowsOf(layout).filter(({ image_id }) => image_id === two)];
    expect(resultsOf(await work.apply(await work.toPrune(), pinningAt('retire', two)))).toEqual([
      'done',
      'done',
      'pinned',
    ]);
    expect(thereIs()).toEqual([[two], [two], []]);
    expect([lstatSync(join(layout.root, two)).ino, rowsOf(layout)]).toEqual(before);
  });

  test('puts back what has no row, and gives it one', async () => {
    const result = await work.apply(await work.toPrune(), pinningAt('retire', three));
    expect([resultsOf(result), thereIs()]).toEqual([
      ['pinned', 'done', 'done'],
      [[three], [three], []],
    ]);
  });

  test('lets go what was pinned after it was final', async () => {
    const result = await work.apply(await work.toPrune(), (step) => {
      if (step === 'commit') work.pinned.add(two);
    });
    expect([resultsOf(result), thereIs()]).toEqual([
      ['done', 'done', 'done'],
      [[], [], []],
    ]);
  });

  test('tells of what cannot be put back, leaves it in invalid/, and goes on with the others', async () => {
    const actions = await work.toPrune();
    const pinning = pinningAt('retire', two);
    const failing = failingAt('restore', two, errorWith('CACHE_IO'));
    const result = await work.apply(actions, (step, id) => {
      pinning(step, id);
      failing(step, id);
    });
    expect([resultsOf(result), result.failure]).toEqual([['done', 'done', 'failed'], undefined]);
    expect(thereIs()).toEqual([[], [], [two]]);
  });

  test('puts everything back when it cannot be known at last what is pinned', async () => {
    const actions = await work.toPrune();
    let looks = 0;
    Object.defineProperty(work, 'pinned', {
      get() {
        if (looks++ > 0) throw errorWith('CACHE_IO');
        return new Set();
      },
    });
    expect(await work.apply(actions)).toMatchObject({ outcomes: [], failure: { code: 'CACHE_IO' } });
    expect(thereIs()).toEqual([[one, two, three], [one, two], []]);
  });

  test('frees nothing that is pinned to make room on a full disk', async () => {
    work.pinned.add(three);
    let isFull = true;
    const result = await work.apply(await work.toPrune(), (step, id) => {
      if (step === 'unlink cached') expect(id).toBe(one);
      if (step === 'insert' && isFull) {
        isFull = false;
        throw errorWith('CACHE_NO_SPACE');
      }
    });
    expect([resultsOf(result), thereIs()]).toEqual([
      ['pinned', 'done', 'done'],
      [[three], [three], []],
    ]);
  });
});
