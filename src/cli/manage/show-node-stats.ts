/**
 * The figures of this node's cache.
 */
import { OPTIONS } from '../../settings/options.ts';
import { cacheStats } from '../../use-cases/stats/cache-stats.ts';
import { withRun } from '../open-run.ts';
import { ownUrlOf } from '../own-url.ts';
import type { Call } from '../program.ts';
import { pruneLimitsOf } from '../prune-request.ts';
import { showStats } from './show-stats.ts';
import { tellUnlisted } from './unlisted-files.ts';

/** Looks at the cache, and shows what it amounts to. */
export async function showNodeStats(call: Call): Promise<void> {
  // What is open the cleaner would not take.
  await withRun(call, { openFiles: true }, async ({ access, settings }) => {
    const here = await cacheStats(access, {
      prune: pruneLimitsOf(settings),
      clean: {
        stallTimeSec: settings.get(OPTIONS.imageCacheStallTime),
        invalidGraceSec: settings.get(OPTIONS.invalidGrace),
      },
    });
    const { total } = here;
    const item = { ...total, nodeUrl: ownUrlOf(settings), isOwn: true, here };
    await showStats(call, { allNodes: false, total, distinctImages: total.images, items: [item], here });
    if (here.listsNothing) await tellUnlisted(call, total.images);
  });
}
