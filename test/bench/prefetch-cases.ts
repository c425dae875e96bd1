/**
 * Prefetching, measured against pipelines of well-known tools that move, hash and sync the same bytes at the same time.
 */
import type { Case, Figure, Scale } from './cases.ts';
import { medianOf, peakMemoryOf, timeOf } from './measure.ts';
import { makePrefetchBed, missingTool, type PrefetchBed, type PrefetchWork } from './prefetch-bed.ts';

const TARGET = 1.1;
const MEMORY_TARGET_MIB = 150;
const MIB = 1024 * 1024;

async function withBed<T>(work: PrefetchWork, use: (bed: PrefetchBed) => T): Promise<T> {
  const bed = await makePrefetchBed(work);
  try {
    return use(bed);
  } finally {
    bed.remove();
  }
}

function compare(name: string, from: 'http' | 'store', workOf: (scale: Scale) => PrefetchWork): Case {
  return {
    name,
    async measure(scale) {
      const missing = missingTool();
      if (missing !== undefined) return [{ name, leftOut: `${missing} is not installed` }];
      return withBed(workOf(scale), (bed): readonly Figure[] => {
        const ratios: number[] = [];
        const seconds: number[] = [];
        // The first round warms what is to be warm; in turn, so that both meet the same weather.
        for (let i = 0; i <= scale.runs; i++) {
          bed.reset();
          const baselineSec = timeOf(bed.pipelines(from));
          bed.reset();
          const ownSec = timeOf(bed.prefetcher(from));
          bed.check();
          if (i === 0 && scale.runs > 1) continue;
          ratios.push(ownSec / baselineSec);
          seconds.push(ownSec);
        }
        return [
          { name, baseline: 'the pipelines', value: medianOf(ratios), unit: '×', target: TARGET },
          { name: `${name}, time`, baseline: 'none', value: medianOf(seconds), unit: 's', target: undefined },
        ];
      });
    },
  };
}

const one = ({ imageBytes }: Scale): PrefetchWork => ({ images: 1, sizeBytes: imageBytes });
const four = ({ imageBytes }: Scale): PrefetchWork => ({ images: 4, sizeBytes: imageBytes });

const memory: Case = {
  name: 'prefetch, memory',
  async measure({ imageBytes }) {
    const works: readonly (readonly [what: string, work: PrefetchWork])[] = [
      ['one image', { images: 1, sizeBytes: imageBytes }],
      ['one image of eight times the size', { images: 1, sizeBytes: imageBytes * 8 }],
      ['four images at once', { images: 4, sizeBytes: imageBytes }],
    ];
    const figures: Figure[] = [];
    for (const [what, work] of works) {
      const peakBytes = await withBed(work, (bed) => {
        bed.reset();
        const bytes = peakMemoryOf(bed.prefetcher('http'));
        bed.check();
        return bytes;
      });
      const name = `prefetch over HTTP, ${what}, peak memory`;
      figures.push({ name, baseline: 'none', value: peakBytes / MIB, unit: 'MiB', target: MEMORY_TARGET_MIB });
    }
    return figures;
  },
};

/** The cases of the prefetcher. */
export const PREFETCH_CASES: readonly Case[] = [
  compare('prefetch one image over HTTP', 'http', one),
  compare('prefetch four images over HTTP at once', 'http', four),
  compare('prefetch one image from the file store', 'store', one),
  memory,
];
