import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CacheFile } from '../../../src/cache/directory.ts';
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { FileHolder } from '../../../src/cache/open-files.ts';
import { planClean } from '../../../src/plan/clean.ts';
import { planDelete, planDeleteAll } from '../../../src/plan/delete.ts';
import { type NotQueuedReason, planDequeue, planQueue } from '../../../src/plan/queue.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { anyPins, anySnapshot, factsOf, NO_PINS, NOW_SEC } from '../../support/snapshots.ts';

const anyId = fc.nat(20).map(imageIdOf);

const anyLeftover = fc.record({
  number: fc.nat(50),
  ageSec: fc.constantFrom(-10, 0, 1, 59, 60, 61, 86_400, 86_401),
  holders: fc.option(
    fc.array(
      fc.boolean().map((writes): FileHolder => ({ pid: 1, command: 'glance-api', writes })),
      { maxLength: 2 },
    ),
    { nil: undefined },
  ),
});
type AnyLeftover = typeof anyLeftover extends fc.Arbitrary<infer T> ? T : never;
const anyArea = fc.uniqueArray(anyLeftover, { selector: ({ number }) => number, maxLength: 6 });

describe('planClean()', () => {
  test('removes or keeps every leftover asked for, and removes none that a writer may hold', () => {
    fc.assert(
      fc.property(
        anyArea,
        anyArea,
        fc.record({ stallTimeSec: fc.constantFrom(0, 60, 86_400), invalidGraceSec: fc.constantFrom(0, 60) }),
        (invalid, incomplete, limits) => {
          const holders = new Map<number, readonly FileHolder[] | undefined>();
          const filesOf = (leftovers: readonly AnyLeftover[], firstInode: number): readonly CacheFile[] =>
            leftovers.map(({ number, ageSec, holders: held }) => {
              holders.set(firstInode + number, held);
              const timeSec = NOW_SEC - ageSec;
              const facts = factsOf({ inode: firstInode + number, modifiedSec: timeSec, changedSec: timeSec });
              return { imageId: imageIdOf(number), name: imageIdOf(number), facts };
            });
          const leftovers = { invalid: filesOf(invalid, 100), incomplete: filesOf(incomplete, 200) };
          const openFiles = { blindness: undefined, holders: (file: { inode: number }) => holders.get(file.inode) };
          const plan = planClean({ takenSec: NOW_SEC, ...leftovers, openFiles }, { ...limits, imageIds: undefined });
          const count = invalid.length + incomplete.length;
          const told = [...plan.removals, ...plan.kept].map(({ file }) => file.inode);
          expect(told).toHaveLength(count);
          expect(new Set(told).size).toBe(count);
          for (const { area, file } of plan.removals) {
            const held = holders.get(file.inode);
            expect(held).toBeDefined();
            expect(held?.filter(({ writes }) => writes)).toEqual([]);
            if (area === 'incomplete')
              expect([held, NOW_SEC - file.modifiedSec > limits.stallTimeSec]).toEqual([[], true]);
          }
        },
      ),
    );
  });
});

describe('planQueue()', () => {
  const anyState = fc
    .array(fc.tuple(anyId, fc.constantFrom<NotQueuedReason>('cached', 'being-cached', 'queued')))
    .map((entries) => new Map(entries));

  test('queues or refuses each image once, in the order given, a step apart', () => {
    fc.assert(
      fc.property(fc.array(anyId), anyState, (imageIds, state) => {
        const { actions, refused } = planQueue(imageIds, state, 1.7e9);
        const wanted = [...new Set(imageIds)];
        expect(actions.map(({ imageId }) => imageId)).toEqual(wanted.filter((id) => !state.has(id)));
        expect(refused.map(({ imageId }) => imageId)).toEqual(wanted.filter((id) => state.has(id)));
        const places = actions.map(({ queuedSec }) => Math.floor(queuedSec * 1e6));
        expect(new Set(places).size).toBe(places.length);
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }),
    );
  });
});

describe('planDequeue()', () => {
  test('drops every marker of an image asked for, and names what has none', () => {
    const anyQueue = fc.uniqueArray(
      fc.tuple(anyId, fc.boolean()).map(([imageId, odd]): CacheFile => {
        return { imageId, name: odd ? imageId.toUpperCase() : imageId, facts: factsOf() };
      }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(anyQueue, fc.option(fc.array(anyId), { nil: undefined }), (queue, imageIds) => {
        const { actions, absent } = planDequeue(queue, imageIds);
        const isWanted = (id: ImageId): boolean => imageIds === undefined || imageIds.includes(id);
        expect(actions.map(({ name }) => name)).toEqual(
          queue.filter((file) => isWanted(file.imageId)).map(({ name }) => name),
        );
        const queued = new Set(queue.map(({ imageId }) => imageId));
        expect(absent).toEqual([...new Set(imageIds ?? [])].filter((id) => !queued.has(id)));
      }),
    );
  });
});

describe('planDelete()', () => {
  test('takes each image asked for once: its file with its row, or its row alone', () => {
    fc.assert(
      fc.property(anySnapshot, fc.array(fc.nat(200).map(imageIdOf)), (snapshot, imageIds) => {
        const known = new Map(snapshot.images.map((image) => [image.imageId, image]));
        const { actions, absent } = planDelete(snapshot, imageIds);
        const wanted = [...new Set(imageIds)];
        expect(absent).toEqual(wanted.filter((id) => !known.has(id)));
        expect(actions.map(({ imageId }) => imageId)).toEqual(wanted.filter((id) => known.has(id)));
        for (const action of actions) {
          const file = snapshot.images.find(({ imageId }) => imageId === action.imageId)?.file;
          expect(action.kind).toBe(file === undefined ? 'drop-row' : 'remove-image');
        }
      }),
    );
  });
});

describe('planDeleteAll()', () => {
  test('takes every image and every foreign row, files without rows before all others, when it adopts', () => {
    fc.assert(
      fc.property(anySnapshot, fc.array(fc.string()), (snapshot, foreignRows) => {
        const { actions, absent } = planDeleteAll({ ...snapshot, foreignRows }, { adopt: true, pinned: NO_PINS });
        const idsWhere = (isRowless: boolean): readonly string[] =>
          snapshot.images.filter(({ row }) => (row === undefined) === isRowless).map(({ imageId }) => imageId);
        expect(actions.map(({ imageId }) => imageId)).toEqual([...idsWhere(true), ...idsWhere(false), ...foreignRows]);
        expect(absent).toEqual([]);
      }),
    );
  });

  test('takes all but what is pinned, and leaves no file without a row that has had time to get one', () => {
    fc.assert(
      fc.property(anySnapshot, anyPins, fc.boolean(), (snapshot, pins, adopt) => {
        const plan = planDeleteAll(snapshot, { adopt, pinned: pins });
        const gone = plan.actions.flatMap((action) => (action.kind === 'remove-image' ? [action.imageId] : []));
        const files = snapshot.images.filter(({ file }) => file !== undefined);
        expect(plan.pinned).toEqual(files.map(({ imageId }) => imageId).filter((id) => pins.has(id)));
        expect([...gone, ...plan.young, ...plan.pinned].sort()).toEqual(files.map(({ imageId }) => imageId).sort());
        const entered = new Set(plan.actions.flatMap(({ kind, imageId }) => (kind === 'adopt-file' ? [imageId] : [])));
        for (const { imageId, file, row } of files) {
          const isSettled = NOW_SEC - (file?.changedSec ?? 0) > 60;
          expect(entered.has(imageId)).toBe(pins.has(imageId) && row === undefined && isSettled);
        }
      }),
    );
  });
});
