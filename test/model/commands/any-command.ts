/**
 * Random commands, in a world so small that they meet: six images, few sizes, ages right beside the graces.
 */
import fc from 'fast-check';
import type { LockName } from '../model.ts';
import { type Model, SIZES } from '../model.ts';
import type { Request } from '../request.ts';
import { type Act, Happening, type Real } from './act.ts';
import * as mishaps from './mishaps.ts';
import * as neighbour from './neighbour.ts';
import { Command, Publication } from './ours.ts';

const anyId = fc.constantFrom(...SIZES.keys());
const someIds = fc.array(anyId, { minLength: 1, maxLength: 3 });
const someOrAll = fc.option(someIds, { nil: undefined, freq: 6 });
const anyAge = fc.constantFrom(-100, 0, 30, 59, 60, 61, 86_400, 86_401, 300_000);
const adopt = fc.boolean();

const anyTick = fc.constantFrom(1, 1, 30, 30, 61, 61, 61, 86_400, 259_200, -90).map(mishaps.passes);

const anyNeighbour: fc.Arbitrary<Act> = fc.oneof(
  { weight: 14, arbitrary: anyId.map(neighbour.downloads) },
  { weight: 3, arbitrary: anyId.map(neighbour.beginsDownload) },
  { weight: 3, arbitrary: anyId.map(neighbour.finishesDownload) },
  { weight: 2, arbitrary: anyId.map(neighbour.abortsDownload) },
  { weight: 2, arbitrary: anyId.map(neighbour.deletes) },
  { weight: 1, arbitrary: fc.constant(neighbour.CLEARS) },
  { weight: 3, arbitrary: anyId.map(neighbour.queues) },
  { weight: 1, arbitrary: anyId.map(neighbour.dequeues) },
  { weight: 1, arbitrary: fc.constant(neighbour.CLEARS_QUEUE) },
);

const anySlowNeighbour: fc.Arbitrary<Act> = fc.oneof(
  anyId.map(neighbour.diesDownloading),
  anyId.map(neighbour.beginsHit),
  anyId.map(neighbour.finishesHit),
  fc.constantFrom(0, 100, 600).map(neighbour.prunesAsStock),
  fc.constant(neighbour.CLEANS_AS_STOCK),
);

const anyFile = fc
  .tuple(
    anyId,
    fc.constantFrom('cached', 'incomplete', 'invalid'),
    fc.record({ ageSec: anyAge, sizeBytes: fc.constantFrom(undefined, undefined, 5) }),
  )
  .map(([imageId, folder, traits]) => mishaps.fileAppears(imageId, folder, traits));

const anyRow = fc
  .tuple(
    anyId,
    fc.record({
      accessedAgeSec: fc.option(anyAge, { nil: undefined }),
      modifiedAgeSec: anyAge,
      sizeBytes: fc.constantFrom(0, 10, 100, 100, 2000),
    }),
  )
  .map(([imageId, traits]) => mishaps.rowAppears(imageId, traits));

const anyPart = fc
  .tuple(
    anyId,
    fc.constantFrom(['part', 'json'] as const, ['part'] as const, ['json'] as const, ['json.new'] as const),
    fc.constantFrom(0, 1),
  )
  .map(([imageId, kinds, mismatches]) => mishaps.prefetchDies(imageId, kinds, mismatches));

const LOCKS: readonly LockName[] = [
  'glance-cache-pruner',
  'glance-cache-cleaner',
  'glance-cache-manage',
  'glance-cache-prefetcher',
  'glance-cache',
  'glance-cache-prune',
  'glance-cache-clean',
];

const anyMishap: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: anyFile },
  { weight: 2, arbitrary: anyId.map(mishaps.fileDisappears) },
  { weight: 2, arbitrary: anyId.map(mishaps.markerAppears) },
  { weight: 3, arbitrary: anyRow },
  { weight: 2, arbitrary: anyId.map(mishaps.rowDisappears) },
  { weight: 2, arbitrary: fc.constant(mishaps.INDEX_IS_GIVEN_UP) },
  { weight: 2, arbitrary: anyPart },
  { weight: 2, arbitrary: anyId.map(mishaps.isPinned) },
  { weight: 2, arbitrary: anyId.map(mishaps.isUnpinned) },
);

const anyLock: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom(...LOCKS).map(mishaps.lockIsTaken),
  fc.constant(mishaps.LOCKS_ARE_GIVEN_BACK),
);

/** What can come into the way of a command: what takes no time. */
const anyRival = fc.option(
  fc.oneof(
    { weight: 10, arbitrary: anyNeighbour },
    { weight: 2, arbitrary: anyFile },
    { weight: 4, arbitrary: anyId.map(mishaps.isPinned) },
    { weight: 1, arbitrary: anyId.map(mishaps.isUnpinned) },
    { weight: 1, arbitrary: fc.constant(neighbour.CLEANS_AS_STOCK) },
    { weight: 1, arbitrary: fc.constant(mishaps.INDEX_IS_LOCKED) },
  ),
  { nil: undefined, freq: 2 },
);

const anyPrune = fc.record({
  kind: fc.constant('prune' as const),
  adopt,
  maxSizeBytes: fc.constantFrom(0, 10, 110, 560, 1000, 1200, 1200, 1560, 1660, 10_000, 10_000, 10_000),
  lowWatermarkPercent: fc.constantFrom(0, 50, 80, 100, 100, 100),
  maxAgeSec: fc.constantFrom(undefined, undefined, undefined, 60, 86_400),
});

const anyStall = fc.constantFrom(0, 60, 86_400);

/** @param isFree whether the cleaner can be told to look away from who holds a file, and to take a shorter time */
function anyClean(isFree: boolean): fc.Arbitrary<Extract<Request, { readonly kind: 'clean' }>> {
  return fc
    .record({
      kind: fc.constant('clean' as const),
      configuredStallTimeSec: anyStall,
      stallTimeSec: anyStall,
      invalidGraceSec: fc.constantFrom(0, 0, 60),
      imageIds: fc.option(someIds, { nil: undefined, freq: 3 }),
      isRoot: fc.boolean(),
    })
    .map((wish) => (isFree ? wish : { ...wish, stallTimeSec: wish.configuredStallTimeSec }));
}

function anyRequest(isFree: boolean): fc.Arbitrary<Request> {
  return fc.oneof(
    { weight: 5, arbitrary: anyPrune },
    { weight: 4, arbitrary: anyClean(isFree) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('delete' as const),
        adopt,
        imageIds: someOrAll,
        includePinned: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('pin' as const, 'unpin'), imageIds: someIds }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('queue' as const), imageIds: someIds }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('dequeue' as const), imageIds: someOrAll }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('verify' as const), repair: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('list' as const),
        what: fc.constantFrom('cached' as const, 'queued', 'incomplete', 'invalid', 'pinned'),
      }),
    },
  );
}

const BESIDES: readonly fc.WeightedArbitrary<Act>[] = [
  { weight: 5, arbitrary: anyTick },
  { weight: 8, arbitrary: anyNeighbour },
  { weight: 3, arbitrary: anySlowNeighbour },
  { weight: 5, arbitrary: anyMishap },
];

type AnyCommand = fc.AsyncCommand<Model, Real>;

/** Images that are cached before the first command. */
export const anyStock = fc.subarray([...SIZES.keys()]);

/** Commands of the use cases, interrupted, and of whoever else is at work. */
export const useCaseCommands: fc.Arbitrary<AnyCommand>[] = [
  fc.oneof(
    { weight: 10, arbitrary: orders(anyRequest(true), anyRival) },
    { weight: 1, arbitrary: fc.tuple(anyId, anyRival).map(([imageId, rival]) => new Publication(imageId, rival)) },
    { weight: 12, arbitrary: happenings([...BESIDES, { weight: 1, arbitrary: anyLock }]) },
  ),
];

/** Commands of the programs, each of which takes a while, and of whoever else is at work. */
export const programCommands: fc.Arbitrary<AnyCommand>[] = [
  fc.oneof(
    { weight: 1, arbitrary: orders(anyRequest(false), fc.constant(undefined)) },
    { weight: 2, arbitrary: happenings(BESIDES) },
  ),
];

function orders(requests: fc.Arbitrary<Request>, rivals: fc.Arbitrary<Act | undefined>): fc.Arbitrary<AnyCommand> {
  return fc.record({ request: requests, isTriedFirst: fc.boolean(), rival: rivals }).map((order) => new Command(order));
}

function happenings(acts: readonly fc.WeightedArbitrary<Act>[]): fc.Arbitrary<AnyCommand> {
  return fc.oneof(...acts).map((act) => new Happening(act));
}
