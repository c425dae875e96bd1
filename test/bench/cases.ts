/**
 * What is measured, and against what. A target is printed beside the figure and never fails a run: only a case that
 * breaks does.
 */
import { join } from 'node:path';
import { type LargeCache, makeCache } from './large-cache.ts';
import { medianOf, peakMemoryOf, timeOf } from './measure.ts';
import { PREFETCH_CASES } from './prefetch-cases.ts';

/** One figure of the bench. */
export interface Figure {
  readonly name: string;
  readonly baseline: string;
  readonly value: number;
  readonly unit: '×' | 'MiB' | 's';
  /** The most it should be; undefined where there is no target. */
  readonly target: number | undefined;
}

/** A figure that cannot be had on this machine, and why. */
export interface LeftOut {
  readonly name: string;
  readonly leftOut: string;
}

/** How much is measured. */
export interface Scale {
  /** Runs per figure. */
  readonly runs: number;
  /** Images in the smaller and the larger cache; ten times as many in the larger one. */
  readonly images: number;
  /** Size of a prefetched image, bytes; of a large one eight times as much. */
  readonly imageBytes: number;
}

/** A case: makes its own data and gives its figures. */
export interface Case {
  readonly name: string;
  measure(scale: Scale): readonly Figure[] | Promise<readonly (Figure | LeftOut)[]>;
}

const BIN = join(process.cwd(), 'bin');
const START_TARGET = 1.35;
const MEMORY_TARGET_MIB = 150;
const GROWTH_TARGET = 12;
const MIB = 1024 * 1024;

function program(name: string, cache: LargeCache, ...args: readonly string[]): { readonly argv: readonly string[] } {
  return { argv: [process.execPath, join(BIN, `${name}.cjs`), '--config-file', cache.conf, ...args] };
}

function withCache<T>(images: number, use: (cache: LargeCache) => T): T {
  const cache = makeCache(images);
  try {
    return use(cache);
  } finally {
    cache.remove();
  }
}

const PROGRAMS: readonly (readonly [name: string, ...args: readonly string[]])[] = [
  ['glance-cache-manage', 'list-cached'],
  ['glance-cache-pruner', '--max-size', '1GiB'],
  ['glance-cache-cleaner'],
  ['glance-cache-prefetcher'],
];

const startUp: Case = {
  name: 'start-up',
  measure: ({ runs }) =>
    withCache(10, (cache) =>
      PROGRAMS.map(([name, ...args]) => {
        const ratios: number[] = [];
        const baseline = { argv: [process.execPath, '-e', '0'] };
        timeOf(program(name, cache, ...args));
        for (let i = 0; i < runs; i++) {
          const baselineSec = timeOf(baseline);
          ratios.push(timeOf(program(name, cache, ...args)) / baselineSec);
        }
        return {
          name: `${name}, small cache, nothing to do`,
          baseline: 'node -e 0',
          value: medianOf(ratios),
          unit: '×',
          target: START_TARGET,
        };
      }),
    ),
};

const listing: Case = {
  name: 'listing',
  measure: ({ runs, images }) =>
    withCache(images, (cache) => {
      const line = program('glance-cache-manage', cache, 'list-cached');
      const times = Array.from({ length: runs }, () => timeOf(line));
      const name = `list-cached of ${images}`;
      const peakMib = peakMemoryOf(line) / MIB;
      return [
        { name, baseline: 'none', value: medianOf(times), unit: 's', target: undefined },
        { name: `${name}, peak memory`, baseline: 'none', value: peakMib, unit: 'MiB', target: MEMORY_TARGET_MIB },
      ];
    }),
};

const pruning: Case = {
  name: 'pruning',
  measure({ runs, images }) {
    const large = images * 10;
    const smallTimes: number[] = [];
    const largeTimes: number[] = [];
    // In turn, so that both meet the same weather.
    for (let i = 0; i < runs; i++) {
      smallTimes.push(withCache(images, (cache) => timeOf(program('glance-cache-pruner', cache))));
      largeTimes.push(withCache(large, (cache) => timeOf(program('glance-cache-pruner', cache))));
    }
    const growth = medianOf(largeTimes.map((time, i) => time / (smallTimes[i] ?? Number.NaN)));
    const peakMib = withCache(large, (cache) => peakMemoryOf(program('glance-cache-pruner', cache))) / MIB;
    const half = `prune half of ${large}`;
    return [
      { name: `prune half of ${images}`, baseline: 'none', value: medianOf(smallTimes), unit: 's', target: undefined },
      { name: half, baseline: `the same of ${images}`, value: growth, unit: '×', target: GROWTH_TARGET },
      { name: `${half}, peak memory`, baseline: 'none', value: peakMib, unit: 'MiB', target: MEMORY_TARGET_MIB },
    ];
  },
};

/** All cases, in the order they are run. */
export const CASES: readonly Case[] = [startUp, listing, pruning, ...PREFETCH_CASES];
