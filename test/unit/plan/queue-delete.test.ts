import { describe, expect, test } from 'vitest';
import type { CacheFile } from '../../../src/cache/directory.ts';
import { planDelete, planDeleteAll } from '../../../src/plan/delete.ts';
import { planPin, planUnpin } from '../../../src/plan/pins.ts';
import { planDequeue, planQueue } from '../../../src/plan/queue.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NO_PINS, NOW_SEC, rowOf, snapshotOf } from '../../support/snapshots.ts';

const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];

describe('planQueue()', () => {
  test('gives images queued at once places in the order given, ten microseconds apart', () => {
    const { actions } = planQueue([three, one, two, one], new Map(), 1000);
    expect(actions).toEqual([
      { kind: 'add-marker', imageId: three, queuedSec: 1000 },
      { kind: 'add-marker', imageId: one, queuedSec: 1000.00001 },
      { kind: 'add-marker', imageId: two, queuedSec: 1000.00002 },
    ]);
  });

  test('refuses with the reason, and leaves no gap, when an image is somewhere already', () => {
    const { actions, refused } = planQueue([one, two], new Map([[one, 'being-cached']]), 1000);
    expect(refused).toEqual([{ imageId: one, reason: 'being-cached' }]);
    expect(actions).toEqual([{ kind: 'add-marker', imageId: two, queuedSec: 1000 }]);
  });
});

describe('planDequeue()', () => {
  const marker = (name: string): CacheFile => ({ imageId: one, name, facts: factsOf() });

  test('drops every spelling of an image when the stock tool queued it several times', () => {
    const plan = planDequeue([marker(one), marker(one.toUpperCase()), marker(one.replaceAll('-', ''))], [one, one]);
    expect(plan.actions.map(({ name }) => name)).toEqual([one, one.toUpperCase(), one.replaceAll('-', '')]);
    expect(plan.absent).toEqual([]);
  });

  test('drops nothing when none are asked for', () => {
    expect(planDequeue([marker(one)], [])).toEqual({ actions: [], absent: [] });
  });
});

describe('planDelete()', () => {
  const file = factsOf();
  const snapshot = snapshotOf(
    [
      { imageId: one, file, row: rowOf(one) },
      { imageId: two, file: undefined, row: rowOf(two) },
    ],
    { foreignRows: ['../x'] },
  );

  test('takes the file with its row, a row alone, and names what is absent', () => {
    const { actions, absent } = planDelete(snapshot, [two, three, one, two]);
    expect(actions).toEqual([
      { kind: 'drop-row', imageId: two },
      { kind: 'remove-image', imageId: one, reason: 'requested', file, row: rowOf(one), lastUsedSec: NOW_SEC - 4000 },
    ]);
    expect(absent).toEqual([three]);
  });

  test('leaves a file that has just come and has no row, when everything is asked for, unless it adopts', () => {
    const young = { imageId: three, file: factsOf({ changedSec: NOW_SEC }), row: undefined };
    expect(planDeleteAll(snapshotOf([young]), { adopt: false, pinned: NO_PINS })).toEqual({
      actions: [],
      absent: [],
      young: [three],
      pinned: [],
    });
    const { actions, young: left } = planDeleteAll(snapshotOf([young]), { adopt: true, pinned: NO_PINS });
    expect([actions.map(({ kind }) => kind), left]).toEqual([['remove-image'], []]);
  });

  test('takes foreign rows when everything is asked for, and only then', () => {
    expect(planDeleteAll(snapshot, { adopt: false, pinned: NO_PINS }).actions.at(-1)).toEqual({
      kind: 'drop-row',
      imageId: '../x',
    });
  });

  test('leaves what is pinned and has a file, and enters it into an index that would be left without rows', () => {
    const orphan = { imageId: three, file, row: undefined };
    const images = [...snapshot.images, orphan];
    const { actions, pinned } = planDeleteAll(snapshotOf(images), { adopt: false, pinned: new Set([two, three]) });
    expect(actions.map(({ kind, imageId }) => [kind, imageId])).toEqual([
      ['adopt-file', three],
      ['remove-image', one],
      ['drop-row', two],
    ]);
    expect(pinned).toEqual([three]);
  });
});

describe('planPin() and planUnpin()', () => {
  test('take each image once, in the order given, and name those that are as they should be', () => {
    const pinned = new Set([two]);
    expect(planPin([three, two, one, three], pinned)).toEqual({
      actions: [
        { kind: 'add-pin', imageId: three },
        { kind: 'add-pin', imageId: one },
      ],
      present: [two],
    });
    expect(planUnpin([three, two, three, two], pinned)).toEqual({
      actions: [{ kind: 'drop-pin', imageId: two }],
      absent: [three],
    });
  });
});
