/**
 * The jobs that are killed half way: real use cases on a cache that has one of everything, in batches of two images.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheAccess } from '../../src/cache/access.ts';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { lookForOpenFiles } from '../../src/cache/open-files.ts';
import { publishImage } from '../../src/execute/prefetch/publish-image.ts';
import { clean } from '../../src/use-cases/clean.ts';
import { deleteCached } from '../../src/use-cases/delete.ts';
import { settle } from '../../src/use-cases/prefetch/settle.ts';
import { prune } from '../../src/use-cases/prune.ts';
import { clockAhead } from '../support/clocks.ts';
import type { Hook } from '../support/hooked-ports.ts';
import { putJournal, putPart, putTornJournal } from '../support/parts.ts';
import { accessTo, createCache, imageIdOf, putFile, putImage, putRow } from '../support/seeded-cache.ts';

/** What can be killed. */
export const JOBS = ['prune', 'prune to nothing', 'delete all', 'clean', 'publish'] as const;

/** One of them. */
export type Job = (typeof JOBS)[number];

/** The image that is published: its part is whole and verified. */
export const FETCHED = imageIdOf(40);
export const FETCHED_SIZE = 100;

/** A cache with images, rows without files, files without rows, and leftovers. */
export function makeCache(root: string): CacheLayout {
  const layout = createCache(root);
  for (const number of [1, 2, 3, 4, 5]) putImage(layout, imageIdOf(number), { usedSec: 1000 + number });
  // A row that is gone leaves a free page behind, which the next change to the index reuses.
  putRow(layout, imageIdOf(6));
  putFile(layout, 'cached', imageIdOf(7), { agedSec: 1e6 });
  putFile(layout, 'cached', imageIdOf(8), { agedSec: 10 });
  putImage(layout, imageIdOf(9), { usedSec: 5000 });
  putRow(layout, imageIdOf(10), { size: 1, last_accessed: 6000 });
  putFile(layout, 'cached', imageIdOf(10));
  putFile(layout, 'cached', imageIdOf(11), { agedSec: 5 });
  for (const area of ['invalid', 'incomplete'] as const) {
    for (const number of [1, 20]) putFile(layout, area, imageIdOf(number), { agedSec: 1e6 });
  }
  writeFileSync(join(layout.areas.queue, imageIdOf(30)), '');
  rmSync(join(layout.areas.incomplete, imageIdOf(1)));
  putParts(layout);
  return layout;
}

/** A part to be published, and what prefetches have left that nobody goes on with. */
function putParts(layout: CacheLayout): void {
  putPart(layout, FETCHED, { size: FETCHED_SIZE });
  putJournal(layout, FETCHED);
  writeFileSync(join(layout.areas.queue, FETCHED), '');
  putPart(layout, imageIdOf(41), { agedSec: 1e6 });
  putJournal(layout, imageIdOf(41), { agedSec: 1e6 });
  putPart(layout, imageIdOf(42));
  putTornJournal(layout, imageIdOf(43));
}

/** Does a job. */
export async function doJob(job: Job, layout: CacheLayout, hook?: Hook): Promise<void> {
  const access = accessOf(job, layout, hook);
  if (job === 'prune' || job === 'prune to nothing') {
    const limits = {
      maxSizeBytes: job === 'prune' ? 450 : 0,
      lowWatermarkPercent: 100,
      minFree: undefined,
      maxAgeSec: undefined,
    };
    await prune(access, { dryRun: false, adopt: false, ...limits });
  } else if (job === 'delete all') {
    await deleteCached(access, { dryRun: false, adopt: false, imageIds: undefined });
  } else if (job === 'publish') {
    await publish(access);
  } else {
    const stallTimes = { configuredStallTimeSec: 86_400, stallTimeSec: 86_400, invalidGraceSec: 0 };
    await clean(access, { dryRun: false, ...stallTimes, imageIds: undefined });
  }
}

/** As a prefetch ends, once the bytes are there. */
async function publish(access: CacheAccess): Promise<void> {
  await access.withLocks(undefined, async () => {
    await access.withGlanceLock('glance-cache', () =>
      publishImage({ ...access, openIndex: () => access.openIndex(true) }, FETCHED),
    );
    settle(access, { imageId: FETCHED, markers: [FETCHED], queuedSec: 0, isUrgent: false });
  });
}

function accessOf(job: Job, layout: CacheLayout, hook: Hook | undefined): CacheAccess {
  let looks = 0;
  const { directory } = accessTo(layout);
  const leftovers = [...directory.list('incomplete').files, ...directory.list('invalid').files];
  return accessTo(layout, {
    program: job === 'publish' ? 'glance-cache-prefetcher' : 'glance-cache-pruner',
    // Every look at the steady time takes 10 ms, so that two images fill a batch.
    clock: { ...clockAhead(3600), monotonicSec: () => ++looks * 0.01 },
    lockTimeoutSec: 5,
    openFiles: lookForOpenFiles(
      leftovers.map(({ facts }) => facts),
      false,
    ),
    ...(hook === undefined ? {} : { hook }),
  });
}
