/**
 * Prefetching, measured against pipelines of well-known tools that move, hash and sync the same bytes at the same time.
 */
import type { Case, Figure, Scale } from './case.ts';
import { medianOf, peakMemoryOf, timeOf } from './measure.ts';
import { type From, makePrefetchBed, type PrefetchBed } from './prefetch-bed.ts';
import {
  type PrefetchWork,
  type StartGlance,
  startGlanceApi,
  startImageServer,
  whyNoGlanceApi,
} from './prefetch-glance.ts';
import { whyLeftOut } from './tools.ts';

const TARGET = 1.1;
const MEMORY_TARGET_MIB = 150;
const MIB = 1024 * 1024;

/** What is compared. */
interface Comparison {
  readonly from: From;
  readonly glance: StartGlance;
  readonly workOf: (scale: Scale) => PrefetchWork;
  /** Why it cannot be, beside a tool that is missing. */
  readonly whyNot?: () => string | undefined;
}

async function withBed<T>(work: PrefetchWork, glance: StartGlance, use: (bed: PrefetchBed) => T): Promise<T> {
  const bed = await makePrefetchBed(work, glance);
  try {
    return use(bed);
  } finally {
    bed.remove();
  }
}

function compare(name: string, { from, glance, workOf, whyNot }: Comparison): Case {
  return {
    name,
    async measure(scale) {
      const leftOut = whyLeftOut('curl', 'tee', 'openssl', 'sync') ?? whyNot?.();
      if (leftOut !== undefined) return [{ name, leftOut }];
      return withBed(workOf(scale), glance, (bed): readonly Figure[] => {
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

/** There the server sets the pace, and the prefetcher logs in while the clock runs; curl has a token. */
const GLANCE_API = { from: 'http', glance: startGlanceApi, whyNot: whyNoGlanceApi } as const;

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
      const peakBytes = await withBed(work, startImageServer, (bed) => {
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
  compare('prefetch one image over HTTP', { from: 'http', glance: startImageServer, workOf: one }),
  compare('prefetch four images over HTTP at once', { from: 'http', glance: startImageServer, workOf: four }),
  compare('prefetch one image from the file store', { from: 'store', glance: startImageServer, workOf: one }),
  compare('prefetch one image from glance-api', { ...GLANCE_API, workOf: one }),
  compare('prefetch four images from glance-api at once', { ...GLANCE_API, workOf: four }),
  memory,
];
