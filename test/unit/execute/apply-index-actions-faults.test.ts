import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import type { Hook } from '../../support/hooked-ports.ts';
import { errorWith, failingAt, type IndexWork, resultsOf, useIndexWork } from '../../support/index-work.ts';
import {
  fileIdsOf,
  imageIdOf,
  inIndex,
  isIntact,
  putFile,
  putImage,
  putRow,
  rowIdsOf,
  rowsOf,
} from '../../support/seeded-cache.ts';
import { useTempDir } from '../../support/temp-dir.ts';

const folder = useTempDir();
const current = useIndexWork(folder);
const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
let work: IndexWork;
let layout: CacheLayout;

beforeEach(() => {
  work = current();
  layout = work.layout;
});

describe('applyIndexActions() when the commit fails', () => {
  test('puts rows and files back, and tells nothing of what it had done', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const before = rowsOf(layout);
    const error = errorWith('INDEX_IO');
    expect(await work.apply(await work.toPrune(), failingAt('commit', '', error))).toEqual({
      outcomes: [],
      failure: error,
    });
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowsOf(layout)]).toEqual([[one, two], [], before]);
    expect(isIntact(layout)).toBe(true);
  });

  test('keeps what earlier batches have done', async () => {
    for (const id of [one, two]) putImage(layout, id);
    let commits = 0;
    work.clock.lookSec = 1;
    const error = errorWith('INDEX_IO');
    const result = await work.apply(await work.toPrune(), (step) => {
      if (step === 'commit' && ++commits === 2) throw error;
    });
    expect([resultsOf(result), result.failure]).toEqual([['done'], error]);
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[two], [two]]);
  });

  test('never puts a file back over one that glance-api has cached meanwhile', async () => {
    putImage(layout, one);
    await work.apply(await work.toPrune(), (step) => {
      if (step !== 'commit') return;
      writeFileSync(join(layout.root, one), 'newer');
      throw errorWith('INDEX_IO');
    });
    expect(readFileSync(join(layout.root, one), 'utf8')).toBe('newer');
    expect(fileIdsOf(layout, 'invalid')).toEqual([]);
  });

  test('puts the other files back, and tells what ended the work, when one cannot be', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    const error = errorWith('INDEX_IO');
    const result = await work.apply(await work.toPrune(), (step, id) => {
      if (step === 'commit') throw error;
      if (step === 'restore' && id === two) throw errorWith('CACHE_IO');
    });
    expect(result.failure).toBe(error);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([
      [one, three],
      [two],
      [one, two, three],
    ]);
  });
});

describe('applyIndexActions() when glance-api deletes everything at this moment, the journal of the index included', () => {
  test('finds that the commit took effect after all, and finishes the removal', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    const actions = (await work.toPrune()).slice(0, 2);
    const result = await work.apply(actions, (step) => {
      if (step === 'commit') rmSync(`${layout.index}-journal`);
    });
    expect([resultsOf(result), result.failure]).toEqual([['done', 'done'], undefined]);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([[three], [], [three]]);
    expect(inIndex(layout, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  test('finds that what it mended is mended', async () => {
    putFile(layout, 'cached', one);
    const result = await work.apply(await work.toMend(), (step) => {
      if (step === 'commit') rmSync(`${layout.index}-journal`);
    });
    expect([resultsOf(result), result.failure]).toEqual([['done'], undefined]);
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[one], [one]]);
  });
});

describe('applyIndexActions() on a full disk', () => {
  const full = (times: number): Hook => {
    let left = times;
    return (step) => {
      if (step === 'remove' && left-- > 0) throw errorWith('CACHE_NO_SPACE');
    };
  };

  test('frees one victim without the index, and then goes on as ever', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const steps: string[] = [];
    const isFull = full(1);
    const result = await work.apply(await work.toPrune(), (step, id) => {
      steps.push(step);
      isFull(step, id);
    });
    expect([resultsOf(result), result.failure]).toEqual([['done', 'done'], undefined]);
    expect(steps.filter((step) => step.startsWith('unlink'))).toEqual(['unlink cached', 'unlink invalid']);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([[], [], []]);
  });

  test('frees one after another as long as that is not enough', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    const result = await work.apply(await work.toPrune(), full(2));
    expect([resultsOf(result), result.failure]).toEqual([['done', 'done', 'done'], undefined]);
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[], []]);
  });

  test('fails, and has changed nothing, when there is nothing to free', async () => {
    putFile(layout, 'cached', one, { size: 0 });
    putRow(layout, one, { size: 0 });
    const result = await work.apply(await work.toPrune(), full(Infinity));
    expect(result).toMatchObject({ outcomes: [], failure: { code: 'CACHE_NO_SPACE' } });
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[one], [one]]);
  });

  test.each<[string, string, () => void]>([
    ['changed', 'was written to', () => writeFileSync(join(layout.root, one), 'new')],
    ['gone', 'is gone', () => rmSync(join(layout.root, one))],
  ])('looks again before it frees one, and skips it as %s when it %s', async (reason, _when, change) => {
    for (const id of [one, two]) putImage(layout, id);
    const actions = await work.toPrune();
    change();
    const files = fileIdsOf(layout);
    expect(resultsOf(await work.apply(actions, full(1)))).toEqual([reason, 'done']);
    expect(fileIdsOf(layout)).toEqual(files.filter((id) => id !== two));
    expect(rowIdsOf(layout)).toEqual([one]);
  });

  test('tries the next one when the first cannot be removed', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const isFull = full(1);
    const result = await work.apply(await work.toPrune(), (step, id) => {
      isFull(step, id);
      if (step === 'unlink cached' && id === one) throw errorWith('CACHE_IO');
    });
    expect([resultsOf(result), result.failure]).toEqual([['done', 'done'], undefined]);
  });
});

describe('applyIndexActions() when a file cannot be moved', () => {
  test.each(['retire', 'look cached'])('enters an image that had no row, which %s fails for', async (step) => {
    putFile(layout, 'cached', one);
    putImage(layout, two);
    const result = await work.apply(await work.toPrune(), failingAt(step, one, errorWith('CACHE_IO')));
    expect(resultsOf(result)).toEqual(['failed', 'done']);
    // Beside an index without rows no run would touch the file any more.
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[one], [one]]);
    expect(resultsOf(await work.apply(await work.toPrune()))).toEqual(['done']);
  });

  test('frees it in place when the folder it is to go to cannot grow on a full disk', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    let isFull = true;
    const result = await work.apply(await work.toPrune(), (step, id) => {
      if (step === 'retire' && isFull) throw errorWith('CACHE_NO_SPACE');
      if (step === 'unlink cached' && id === two) isFull = false;
    });
    expect([resultsOf(result), result.failure]).toEqual([['done', 'done', 'done'], undefined]);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([[], [], []]);
  });
});
