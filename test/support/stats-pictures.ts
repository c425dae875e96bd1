/**
 * What pictures of a cache are drawn on in tests, and a cache with a little of everything.
 */
import type { CachedImage } from '../../src/cache/snapshot.ts';
import { barGlyphs } from '../../src/present/bar-glyphs.ts';
import { loadPaint } from '../../src/present/paint.ts';
import type { Canvas } from '../../src/present/reports/stats-canvas.ts';
import { EXACT_STYLE, humanStyle } from '../../src/present/reports/stats-columns.ts';
import { madeUp, NOW_SEC } from './node-stats.ts';

/** Bytes. */
export const GIB = 1024 ** 3;
const HOUR_SEC = 3600;
/** Seconds. */
export const DAY_SEC = 86_400;

/** What a terminal with UTF-8 shows. */
export const BLOCKS = barGlyphs({ LANG: 'C.UTF-8' });
const paint = await loadPaint(false);

/** A terminal of 80 columns. */
export const ON_A_TERMINAL: Canvas = {
  columns: 79,
  look: { glyphs: BLOCKS, paint },
  style: humanStyle(NOW_SEC),
  isScreen: true,
};
/** What a file gets. */
export const ON_A_PIPE: Canvas = {
  columns: 79,
  look: { glyphs: barGlyphs({}), paint },
  style: EXACT_STYLE,
  isScreen: false,
};

/** Three that are read, and one that nobody wants. */
export const IMAGES: readonly CachedImage[] = [
  madeUp(1, { sizeBytes: 12 * GIB, usedAgoSec: 59, cameAgoSec: 3 * DAY_SEC, hits: 1234 }),
  madeUp(2, { sizeBytes: 30 * GIB, usedAgoSec: 7 * HOUR_SEC, cameAgoSec: 20 * DAY_SEC, hits: 17 }),
  madeUp(3, { sizeBytes: GIB / 2, usedAgoSec: 40 * DAY_SEC, cameAgoSec: 50 * DAY_SEC }),
  madeUp(4, { sizeBytes: 8 * GIB, usedAgoSec: 2 * DAY_SEC, cameAgoSec: 2 * DAY_SEC, hits: 0 }),
];
