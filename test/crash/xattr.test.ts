/**
 * The same for an index that is made of the attributes of files: changes of attributes are steps of their own, after
 * those of the files. Here a run is "killed" within the process: from some step on, nothing of what it still tries takes
 * effect, be it to clear up.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fsXattr from 'fs-xattr';
import { describe, expect, test } from 'vitest';
import type { CacheAccess } from '../../src/cache/access.ts';
import { UserAttributes } from '../../src/cache/index/xattr/user-attributes.ts';
import { createXattrDriver } from '../../src/cache/index/xattr/xattr-driver.ts';
import { XattrIndex } from '../../src/cache/index/xattr/xattr-index.ts';
import { type CacheLayout, cacheLayout } from '../../src/cache/layout.ts';
import { applyIndexActions } from '../../src/execute/apply-index-actions.ts';
import { publishImage } from '../../src/execute/prefetch/publish-image.ts';
import type { IndexAction } from '../../src/plan/action.ts';
import { deleteCached } from '../../src/use-cases/delete.ts';
import { prune } from '../../src/use-cases/prune.ts';
import { ATTRIBUTES, attributeOf, setAttribute, WITHOUT_ATTRIBUTES } from '../support/attributes.ts';
import { clockAhead } from '../support/clocks.ts';
import type { Hook } from '../support/hooked-ports.ts';
import { partNames, putJournal, putPart } from '../support/parts.ts';
import { accessTo, fileIdsOf, imageIdOf, isIntact, putFile } from '../support/seeded-cache.ts';
import { useTempDir } from '../support/temp-dir.ts';

const PUBLISHED = imageIdOf(40);

const folder = useTempDir(ATTRIBUTES.parent);

/** Images with hits and without, the latter the least recently used and the most, a part, and what failed before. */
function makeCache(name: string): CacheLayout {
  const layout = cacheLayout(join(folder(), name), 'cache.db');
  for (const area of ['incomplete', 'invalid', 'queue'] as const) mkdirSync(layout.areas[area], { recursive: true });
  for (const number of [1, 2, 3, 4, 5]) putFile(layout, 'cached', imageIdOf(number), { agedSec: 1e6 - number * 1000 });
  for (const number of [2, 3, 4]) setAttribute(join(layout.root, imageIdOf(number)), 'user.hits', String(number));
  putPart(layout, PUBLISHED);
  putJournal(layout, PUBLISHED);
  return layout;
}

function accessOf(layout: CacheLayout, hook?: Hook): CacheAccess {
  let looks = 0;
  // Every look at the steady time takes 10 ms, so that two images fill a batch.
  const clock = { ...clockAhead(3600), monotonicSec: () => ++looks * 0.01 };
  const patience = { clock, timeoutSec: 1, signal: new AbortController().signal };
  const driver = createXattrDriver(layout, patience);
  if (hook === undefined) return accessTo(layout, { clock, index: driver });
  const attributes = new UserAttributes({
    getAttributeSync: fsXattr.getAttributeSync,
    setAttributeSync(path, name, value) {
      hook(`set ${name}`, '');
      fsXattr.setAttributeSync(path, name, value);
    },
    removeAttributeSync(path, name) {
      hook(`take ${name}`, '');
      fsXattr.removeAttributeSync(path, name);
    },
  });
  const open = async () => new XattrIndex(layout, patience, attributes);
  return accessTo(layout, { clock, index: { ...driver, open }, hook });
}

const LIMITS = { lowWatermarkPercent: 100, minFree: undefined, maxAgeSec: undefined };

function pruneTo(access: CacheAccess, maxSizeBytes: number): Promise<unknown> {
  return prune(access, { dryRun: false, adopt: false, ...LIMITS, maxSizeBytes });
}

const JOBS: Readonly<Record<string, (access: CacheAccess) => Promise<unknown>>> = {
  prune: (access) => pruneTo(access, 250),
  'prune to nothing': (access) => pruneTo(access, 0),
  'delete all': (access) => deleteCached(access, { dryRun: false, adopt: false, imageIds: undefined }),
  adopt: (access) => pruneTo(access, 1e9),
  publish: (access) => {
    const work = () => publishImage({ ...access, openIndex: () => access.index.open(true) }, PUBLISHED);
    return access.withGlanceLock('glance-cache', work);
  },
  async retire(access) {
    const index = await access.index.open(true);
    const actions = [2, 3].flatMap((number): readonly IndexAction[] => {
      const imageId = imageIdOf(number);
      const file = access.directory.look('cached', imageId);
      return file === undefined ? [] : [{ kind: 'retire-image', imageId, reason: 'wrong-hash', file }];
    });
    return applyIndexActions({ ...access, index }, actions);
  },
};

/** What lies where, and the hits of what is cached; a part that nobody goes on with is as good as any. */
function stateOf(layout: CacheLayout): unknown {
  const hits = fileIdsOf(layout).map((imageId) => [imageId, attributeOf(join(layout.root, imageId), 'user.hits')]);
  return { hits, parts: partNames(layout).filter((name) => name.endsWith('.part')) };
}

/** The job again, and the runs that cron would start. */
async function mend(job: string, layout: CacheLayout): Promise<void> {
  if (job !== 'adopt') await JOBS[job]?.(accessOf(layout));
  await pruneTo(accessOf(layout), 1e9);
}

const ENDS = {
  'it is killed': (isOver: boolean) => isOver,
  'it fails once': (isOver: boolean, isHere: boolean) => isOver && isHere,
} as const;

describe.skipIf(ATTRIBUTES.missing !== undefined)(`on attributes${WITHOUT_ATTRIBUTES}`, () => {
  const cases = Object.keys(JOBS).flatMap((job) => Object.entries(ENDS).map(([end, fails]) => ({ job, end, fails })));

  test.each(cases)('$job leaves what the next runs bring to the same end when $end at any step', async (it) => {
    const steps: string[] = [];
    const undisturbed = makeCache('undisturbed');
    await JOBS[it.job]?.(accessOf(undisturbed, (step) => steps.push(step)));
    await mend(it.job, undisturbed);
    const expected = stateOf(undisturbed);
    for (const at of steps.keys()) {
      const layout = makeCache(String(at));
      let count = 0;
      const hook: Hook = (step) => {
        const [isOver, isHere] = [count >= at, count === at];
        count++;
        if (!it.fails(isOver, isHere)) return;
        throw Object.assign(new Error(`EIO: i/o error, ${step}`), { code: 'EIO', errno: -5, syscall: step });
      };
      // What it says is no matter here.
      await JOBS[it.job]?.(accessOf(layout, hook)).catch(() => undefined);
      expect(isIntact(layout)).toBe(true);
      await mend(it.job, layout);
      expect({ at: steps[at], state: stateOf(layout) }).toEqual({ at: steps[at], state: expected });
    }
  });
});
