/**
 * Bars on standard error while images are fetched.
 */
import { loadPaint } from '../../present/paint.ts';
import type { Clock } from '../../time/clock.ts';
import type { PrefetchWatch } from '../../use-cases/prefetch/prefetch-watch.ts';
import type { Invocation } from '../invocation.ts';
import { wantsColor } from '../output.ts';
import { barGlyphs } from './bar-glyphs.ts';
import { Bars } from './bars.ts';
import { FetchProgress } from './fetch-progress.ts';

/** Progress that is shown until it is closed. */
export interface ShownProgress extends PrefetchWatch {
  /** Takes the bars off the screen and gives the cursor back. May be called again. */
  close(): void;
}

/** Shows progress as soon as there is something to fetch. */
export async function openProgress(
  { stderr, env, signal }: Pick<Invocation, 'stderr' | 'env' | 'signal'>,
  clock: Clock,
): Promise<ShownProgress> {
  const look = { glyphs: barGlyphs(env), paint: await loadPaint(wantsColor(stderr, env)) };
  const progress = new FetchProgress(clock);
  let bars: Bars | undefined;
  // The next signal ends the process as it is: it must not find the cursor hidden.
  const onAbort = (): void => bars?.close();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    planned(fetches) {
      progress.planned(fetches);
      if (fetches.length > 0 && !signal.aborted) bars ??= new Bars(stderr, (size) => progress.lines(size, look));
    },
    started: (fetch) => progress.started(fetch),
    advanced: (imageId, atBytes) => progress.advanced(imageId, atBytes),
    retrying: (imageId, error, delaySec) => progress.retrying(imageId, error, delaySec),
    noted: () => undefined,
    ended: (item) => progress.ended(item),
    close() {
      signal.removeEventListener('abort', onAbort);
      bars?.close();
    },
  };
}
