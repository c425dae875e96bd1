/**
 * Bars on standard error while images are fetched.
 */
import type { Clock } from '../../time/clock.ts';
import type { PrefetchWatch } from '../../use-cases/prefetch/prefetch-watch.ts';
import type { Invocation } from '../invocation.ts';
import { FetchProgress } from './fetch-progress.ts';
import { openBars } from './open-bars.ts';

/** Progress that is shown until it is closed. */
export interface ShownProgress extends PrefetchWatch {
  /** Takes the bars off the screen and gives the cursor back. May be called again. */
  close(): void;
}

/** Shows progress as soon as there is something to fetch. */
export async function openProgress(
  invocation: Pick<Invocation, 'stderr' | 'env' | 'signal'>,
  clock: Clock,
): Promise<ShownProgress> {
  const progress = new FetchProgress(clock);
  const bars = await openBars(invocation, (size, look) => progress.lines(size, look));
  return {
    planned(fetches) {
      progress.planned(fetches);
      if (fetches.length > 0) bars.show();
    },
    started: (fetch) => progress.started(fetch),
    advanced: (imageId, atBytes) => progress.advanced(imageId, atBytes),
    retrying: (imageId, error, delaySec) => progress.retrying(imageId, error, delaySec),
    noted: () => undefined,
    ended: (item) => progress.ended(item),
    close: () => bars.close(),
  };
}
