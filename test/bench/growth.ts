/**
 * How the cost of a command grows with the number of images. The sizes take turns, so that all meet the same weather.
 */
import type { Case, Figure } from './case.ts';
import { cleaning } from './clean.ts';
import { type Side, secondsOf, spreadOf, warmUpsOf } from './compare.ts';
import { LargeCache } from './large-cache.ts';
import { type CommandLine, medianOf } from './measure.ts';
import { peakFigure } from './peak-figure.ts';
import { program } from './programs.ts';
import { say } from './progress.ts';
import { pruning } from './prune.ts';

/** Ten times the images may cost this many times as much. */
const TARGET = 12;

/** A command that is given more and more to do. */
interface Grown {
  readonly name: string;
  readonly line: (cache: LargeCache) => CommandLine;
  readonly side: (cache: LargeCache, line: CommandLine) => Side;
}

const GROWN: readonly Grown[] = [
  {
    name: 'list-cached',
    line: ({ roomyConf }) => program('glance-cache-manage', roomyConf, 'list-cached'),
    side: (_cache, line) => ({ lines: [line] }),
  },
  {
    name: 'metrics',
    line: ({ roomyConf }) => program('glance-cache-manage', roomyConf, 'metrics'),
    side: (_cache, line) => ({ lines: [line] }),
  },
  {
    name: 'verify',
    line: ({ roomyConf }) => program('glance-cache-manage', roomyConf, 'verify'),
    side: (_cache, line) => ({ lines: [line] }),
  },
  {
    name: 'stats',
    line: ({ conf }) => program('glance-cache-manage', conf, 'stats'),
    side: (_cache, line) => ({ lines: [line] }),
  },
  {
    name: 'prune half',
    line: ({ conf }) => program('glance-cache-pruner', conf),
    side: (cache, line) => pruning(cache, [line]),
  },
  {
    name: 'clean as many',
    line: ({ roomyConf }) => program('glance-cache-cleaner', roomyConf),
    side: (cache, line) => cleaning(cache, cache.images, [line]),
  },
];

/** The case. */
export const growth: Case = {
  name: 'growth',
  measure({ longRuns, sizes }) {
    const caches: LargeCache[] = [];
    try {
      for (const images of sizes) caches.push(new LargeCache(images));
      return GROWN.flatMap((grown) => measureOne(grown, caches, longRuns));
    } finally {
      for (const cache of caches) cache.remove();
    }
  },
};

function measureOne({ name, line, side }: Grown, caches: readonly LargeCache[], runs: number): readonly Figure[] {
  say(`${name}, growth`);
  const rounds: number[][] = [];
  for (let run = 0; run < warmUpsOf(runs) + runs; run++) {
    const seconds = caches.map((cache) => secondsOf(side(cache, line(cache))));
    if (run >= warmUpsOf(runs)) rounds.push(seconds);
  }
  const figure = growthFigure(
    name,
    caches.map(({ images }) => images),
    rounds,
  );
  const largest = caches.at(-1);
  if (largest === undefined) return [figure];
  side(largest, line(largest)).prepare?.();
  return [figure, peakFigure(`${name}, ${largest.images.toLocaleString('en')} images`, line(largest))];
}

/**
 * The figure that follows from the times.
 *
 * @param rounds of each run the seconds at every size
 */
export function growthFigure(name: string, sizes: readonly number[], rounds: readonly (readonly number[])[]): Figure {
  const secondsAt = (place: number): readonly number[] => rounds.map((round) => round.at(place) ?? Number.NaN);
  const larger = secondsAt(-1);
  const factors = secondsAt(-2).map((smaller, run) => (larger[run] ?? Number.NaN) / smaller);
  const [before, last] = sizes.slice(-2);
  return {
    name: `${name}: ${last?.toLocaleString('en')}`,
    baseline: `${before?.toLocaleString('en')}`,
    value: medianOf(factors),
    unit: '×',
    target: TARGET,
    spread: spreadOf(factors),
    growth: sizes.map((images, place) => ({ images, seconds: medianOf(secondsAt(place)) })),
  };
}
