/**
 * Bars on standard error, from when there is something to show until a signal comes or the work is done.
 */
import type { BarLook } from '../../present/bar.ts';
import { barGlyphs } from '../../present/bar-glyphs.ts';
import { loadPaint } from '../../present/paint.ts';
import type { Invocation } from '../invocation.ts';
import { wantsColor } from '../output.ts';
import { Bars } from './bars.ts';
import type { ScreenSize } from './fetch-progress.ts';

/** Bars that are not there yet. */
export interface OpenBars {
  /** Draws them from now on. */
  show(): void;
  /** Takes them off the screen and gives the cursor back. May be called again. */
  close(): void;
}

/**
 * Makes ready to draw.
 *
 * @param lines what to draw, as for {@link Bars}
 */
export async function openBars(
  { stderr, env, signal }: Pick<Invocation, 'stderr' | 'env' | 'signal'>,
  lines: (size: ScreenSize, look: BarLook) => readonly string[],
): Promise<OpenBars> {
  const look = { glyphs: barGlyphs(env), paint: await loadPaint(wantsColor(stderr, env)) };
  let bars: Bars | undefined;
  // The next signal ends the process as it is: it must not find the cursor hidden.
  const onAbort = (): void => bars?.close();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    show() {
      if (!signal.aborted) bars ??= new Bars(stderr, (size) => lines(size, look));
    },
    close() {
      signal.removeEventListener('abort', onAbort);
      bars?.close();
    },
  };
}
