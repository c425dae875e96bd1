/**
 * The figures of this node's cache as a picture: bars first, words below, in the columns that there are.
 */

import { countOf } from '../../text/amounts.ts';
import { printable } from '../../text/printable.ts';
import type { CacheStats } from '../../use-cases/stats/cache-stats.ts';
import { flow } from '../flow.ts';
import { useLines } from './stats-bars.ts';
import type { Canvas } from './stats-canvas.ts';
import { chartLines, imageChart } from './stats-charts.ts';
import { forecastLines, imageLines, leftoverLines, pruneLines, stockLines } from './stats-words.ts';

/** The picture, a line feed at its end. */
export function renderStatsPicture(stats: CacheStats, canvas: Canvas): string {
  const { paint } = canvas.look;
  const sections: (readonly string[])[] = [headLines(stats, canvas), useLines(stats, canvas)];
  if (stats.total.images > 0) {
    const chart = chartLines(stats, imageChart(stats), canvas);
    sections.push([paint.heading('Last use'), ...chart], imageLines(stats, canvas));
  }
  sections.push(leftoverLines(stats, canvas), stockLines(stats, canvas), pruneLines(stats, canvas));
  sections.push(forecastLines(stats, canvas));
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headLines({ total, cacheDir }: CacheStats, { columns, look }: Canvas): readonly string[] {
  const { isAscii, ellipsis } = look.glyphs;
  const path = isAscii ? printable(cacheDir).replaceAll(/[^ -~]/gu, '?') : printable(cacheDir);
  const what =
    total.images === 0 ? 'No cached images' : `${countOf(total.images, 'cached image')}, ${countOf(total.hits, 'hit')}`;
  const paint = look.paint.heading;
  return flow(
    '',
    [
      { text: what, paint },
      { text: `in ${path}`, paint, gap: 1 },
    ],
    { columns, indent: 0, ellipsis },
  );
}
