/**
 * The charts of the figures of a cache: a bar for each age, as long as what it takes. All of a picture have one scale, and
 * their figures stand below each other.
 */

import { countOf } from '../../text/amounts.ts';
import type { AgeName, AgeShare } from '../../use-cases/stats/age-histogram.ts';
import type { CacheStats } from '../../use-cases/stats/cache-stats.ts';
import { type BarLook, type BarPart, drawBar } from '../bar.ts';
import { shareOf } from './stats-bars.ts';
import { barLines, type Canvas, ROOMY_COLUMNS } from './stats-canvas.ts';

/** One chart. */
export interface Chart {
  readonly ages: readonly AgeShare[];
  readonly noun: 'image' | 'file';
}

/** What all charts of a picture have in common. */
interface Frame {
  /** What the longest bar stands for, bytes. */
  readonly scaleBytes: number;
  readonly countColumns: number;
  readonly sizeColumns: number;
}

const AGE_LABELS: Readonly<Record<AgeName, string>> = {
  under_1h: '< 1 hour',
  under_1d: '< 1 day',
  under_1w: '< 1 week',
  under_30d: '< 30 days',
  older: 'older',
  never: 'never',
};

/** The folders of leftovers, as they are shown. */
export const LEFTOVER_AREAS = ['incomplete', 'invalid', 'prefetch'] as const;

/** The images by last use. */
export function imageChart({ ages, total }: CacheStats): Chart {
  return { ages: total.images === 0 ? [] : ages, noun: 'image' };
}

/** The files of a folder of leftovers by last write: only ages that there are, as they are few. */
export function leftoverChart({ leftovers }: CacheStats, area: (typeof LEFTOVER_AREAS)[number]): Chart {
  return { ages: leftovers[area].ages.filter(({ count }) => count > 0), noun: 'file' };
}

function frameOf(stats: CacheStats, canvas: Canvas): Frame {
  const leftovers = LEFTOVER_AREAS.map((area) => leftoverChart(stats, area));
  const shares = [imageChart(stats), ...leftovers].flatMap(({ ages }) => ages);
  return {
    scaleBytes: Math.max(...shares.map(({ sizeBytes }) => sizeBytes)),
    countColumns: Math.max(...shares.map(({ count }) => String(count).length)),
    sizeColumns: Math.max(...shares.map(({ sizeBytes }) => canvas.style.size(sizeBytes).length)),
  };
}

/** A chart of a cache. */
export function chartLines(stats: CacheStats, { ages, noun }: Chart, canvas: Canvas): readonly string[] {
  const { scaleBytes, countColumns, sizeColumns } = frameOf(stats, canvas);
  const look = chartLook(canvas.look);
  return ages.flatMap(({ age, count, sizeBytes }) => {
    const text = `${countText(count, countColumns, noun, canvas)}  ${canvas.style.size(sizeBytes).padStart(sizeColumns)}`;
    const part: BarPart = {
      share: shareOf(sizeBytes, scaleBytes),
      of: 'own',
      // What was never used is worth no space.
      paint: age === 'never' ? look.paint.warning : look.paint.good,
      isAlwaysSeen: true,
    };
    const draw = (columns: number): string => drawBar([part], columns, look);
    return barLines(`  ${AGE_LABELS[age]}`, draw, { text, columns: text.length }, canvas);
  });
}

/** `12 images`, the number alone where there is little room; as wide whatever is counted. */
function countText(count: number, countColumns: number, noun: Chart['noun'], { columns }: Canvas): string {
  const number = String(count).padStart(countColumns);
  return columns < ROOMY_COLUMNS ? number : number + countOf(count, noun).replace(/^\d+/, '').padEnd(' images'.length);
}

/** A chart is open to the right. */
function chartLook({ glyphs, paint }: BarLook): BarLook {
  return { glyphs: { ...glyphs, open: '', close: '', empty: ' ' }, paint: { ...paint, quiet: (text) => text } };
}
