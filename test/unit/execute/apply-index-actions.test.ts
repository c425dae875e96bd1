import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheLayout } from '../../../src/cache/layout.ts';
import { errorWith, failingAt, type IndexWork, resultsOf, useIndexWork } from '../../support/index-work.ts';
import {
  fileIdsOf,
  imageIdOf,
  inIndex,
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

describe('applyIndexActions()', () => {
  test('removes rows, then moves the files into invalid/, then commits, then unlinks', async () => {
    putImage(layout, one);
    putImage(layout, two);
    const steps: string[] = [];
    const result = await work.apply(await work.toPrune(), (step, id) => {
      if (!step.startsWith('look')) steps.push(`${step} ${Number.parseInt(id || '0', 16)}`.replace(' 0', ''));
    });
    expect(resultsOf(result)).toEqual(['done', 'done']);
    expect(steps).toEqual([
      'begin',
      'remove 1',
      'retire 1',
      'remove 2',
      'retire 2',
      'commit',
      'committed',
      'unlink invalid 1',
      'unlink invalid 2',
    ]);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([[], [], []]);
  });

  test('does nothing at all when there is nothing to do', async () => {
    const steps: string[] = [];
    expect(await work.apply([], (step) => steps.push(step))).toEqual({ outcomes: [], failure: undefined });
    expect(steps).toEqual([]);
  });

  test.each<[string, string, () => void]>([
    ['gone', 'is gone', () => rmSync(join(layout.root, one))],
    ['changed', 'was written to', () => writeFileSync(join(layout.root, one), 'new')],
    ['changed', 'has got another time', () => utimesSync(join(layout.root, one), 1, 1)],
    ['used', 'was used', () => inIndex(layout, (db) => db.exec('UPDATE cached_images SET last_accessed = 1001'))],
  ])('skips an image as %s when it %s since it was planned', async (reason, _when, change) => {
    putImage(layout, one);
    putImage(layout, two, { usedSec: 1001 });
    const actions = await work.toPrune();
    change();
    expect(resultsOf(await work.apply(actions))).toEqual([reason, 'done']);
    expect(rowIdsOf(layout)).toEqual([one]);
    expect(fileIdsOf(layout)).toEqual(reason === 'gone' ? [] : [one]);
  });

  test('skips an orphan that has got a row and was used since it was planned', async () => {
    putFile(layout, 'cached', one);
    const actions = await work.toPrune();
    putRow(layout, one);
    expect(resultsOf(await work.apply(actions))).toEqual(['used']);
  });

  test('removes an image that was used since, when it was asked for', async () => {
    putImage(layout, one);
    const actions = await work.toDelete();
    inIndex(layout, (db) => db.exec('UPDATE cached_images SET last_accessed = 5000, hits = 7'));
    expect(resultsOf(await work.apply(actions))).toEqual(['done']);
  });

  test('adopts, drops and corrects what the plan says, and skips what has mended itself', async () => {
    putFile(layout, 'cached', one, { size: 11 });
    putRow(layout, two);
    putFile(layout, 'cached', three, { size: 33 });
    putRow(layout, three, { size: 1 });
    const actions = await work.toMend();
    expect(actions.map(({ kind }) => kind)).toEqual(['adopt-file', 'drop-row', 'correct-size']);
    expect(resultsOf(await work.apply(actions))).toEqual(['done', 'done', 'done']);
    expect(rowsOf(layout).map(({ image_id, size }) => [image_id, size])).toEqual([
      [one, 11],
      [three, 33],
    ]);
    putFile(layout, 'cached', two);
    expect(resultsOf(await work.apply(actions))).toEqual(['present', 'present', 'done']);
  });

  test.each([
    ['gone', () => rmSync(join(layout.root, one))],
    ['changed', () => writeFileSync(join(layout.root, one), 'new')],
  ])('does not adopt a file that is %s', async (reason, change) => {
    putFile(layout, 'cached', one);
    const actions = await work.toMend();
    change();
    expect(resultsOf(await work.apply(actions))).toEqual([reason]);
    expect(rowIdsOf(layout)).toEqual([]);
  });

  test.each(['CACHE_PERMISSION', 'CACHE_IO'] as const)(
    'leaves row and file, and removes the others, when one cannot be moved (%s)',
    async (code) => {
      for (const id of [one, two, three]) putImage(layout, id);
      inIndex(layout, (db) => db.exec('UPDATE cached_images SET hits = 7, last_accessed = 0, last_modified = 12.5'));
      const before = rowsOf(layout)[1];
      const error = errorWith(code);
      const result = await work.apply(await work.toPrune(), failingAt('retire', two, error));
      expect(resultsOf(result)).toEqual(['done', 'failed', 'done']);
      expect(result.outcomes[1]).toMatchObject({ error });
      expect([fileIdsOf(layout), rowsOf(layout)]).toEqual([[two], [before]]);
    },
  );

  test('leaves an image whose file cannot be looked at, and removes the others', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const result = await work.apply(await work.toPrune(), failingAt('look cached', one, errorWith('CACHE_IO')));
    expect(resultsOf(result)).toEqual(['failed', 'done']);
    expect([fileIdsOf(layout), rowIdsOf(layout)]).toEqual([[one], [one]]);
  });

  test('fails one item, and goes on, when a mend cannot look at its file', async () => {
    putFile(layout, 'cached', one);
    putFile(layout, 'cached', two);
    const result = await work.apply(await work.toMend(), failingAt('look cached', one, errorWith('CACHE_IO')));
    expect([resultsOf(result), result.failure]).toEqual([['failed', 'done'], undefined]);
    // What could not be looked at is still there for all anybody knows: it is not to lie beside an index without rows.
    expect(rowIdsOf(layout)).toEqual([one, two]);
  });

  test('reports a file it could not unlink, which is out of the cache all the same', async () => {
    for (const id of [one, two]) putImage(layout, id);
    const result = await work.apply(await work.toPrune(), failingAt('unlink invalid', one, errorWith('CACHE_IO')));
    expect(resultsOf(result)).toEqual(['failed', 'done']);
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([[], [one], []]);
  });

  test('stops after the batch in hand when it is aborted, and leaves the freeing to the cleaner', async () => {
    for (const id of [one, two, three]) putImage(layout, id);
    const controller = new AbortController();
    const result = await work.apply(
      await work.toPrune(),
      (step, id) => step === 'retire' && id === two && controller.abort(),
      controller.signal,
    );
    expect(result).toMatchObject({
      outcomes: [one, two].map((imageId) => ({ action: { imageId }, result: 'done', isUnfreed: true })),
      failure: controller.signal.reason as unknown,
    });
    expect([fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([[three], [one, two], [three]]);
  });

  test('does nothing when it was aborted before', async () => {
    putImage(layout, one);
    const signal = AbortSignal.abort();
    expect(await work.apply(await work.toPrune(), undefined, signal)).toEqual({
      outcomes: [],
      failure: signal.reason as unknown,
    });
    expect(fileIdsOf(layout)).toEqual([one]);
  });

  test('gives the lock back after 20 ms of work', async () => {
    for (let i = 0; i < 10; i++) putImage(layout, imageIdOf(i));
    const actions = await work.toPrune();
    let batch = 0;
    const batches: number[] = [];
    work.clock.lookSec = 0.006;
    const result = await work.apply(actions, (step) => {
      if (step === 'retire') batch++;
      if (step === 'committed') batches.push(batch);
      if (step === 'committed') batch = 0;
    });
    expect(resultsOf(result)).toEqual(Array.from({ length: 10 }, () => 'done'));
    expect(batches).toEqual([4, 4, 2]);
  });

  test('lets others have the lock after half a second of short batches', async () => {
    for (let i = 0; i < 100; i++) putImage(layout, imageIdOf(i));
    const actions = await work.toPrune();
    work.clock.lookSec = 0.021;
    const startSec = work.clock.seconds;
    const result = await work.apply(actions);
    expect(new Set(resultsOf(result))).toEqual(new Set(['done']));
    const workedSec = work.clock.seconds - startSec - work.clock.sleeps.reduce((sum, slept) => sum + slept, 0);
    expect(new Set(work.clock.sleeps)).toEqual(new Set([0.06]));
    expect(workedSec / (work.clock.sleeps.length + 1)).toBeLessThan(0.65);
    expect(work.clock.sleeps.length).toBeLessThan(workedSec / 0.5);
  });

  test('removes thousands of small images', async () => {
    const ids = Array.from({ length: 5000 }, (_, i) => imageIdOf(i));
    for (const id of ids) putFile(layout, 'cached', id, { size: 10 });
    inIndex(layout, (db) => {
      const insert = db.prepare(
        'INSERT INTO cached_images (image_id, last_accessed, last_modified, size) VALUES (?, 1000, 1000, 10)',
      );
      db.transaction(() => {
        for (const id of ids) insert.run(id);
      })();
    });
    const result = await work.apply(await work.toPrune());
    expect(new Set(resultsOf(result))).toEqual(new Set(['done']));
    expect([result.outcomes.length, fileIdsOf(layout), fileIdsOf(layout, 'invalid'), rowIdsOf(layout)]).toEqual([
      5000,
      [],
      [],
      [],
    ]);
  });
});
