/**
 * How long it takes to remove writes that have stalled.
 */
import { join } from 'node:path';
import type { Case, Figure, LeftOut, Scale } from './case.ts';
import { compare, type Side } from './compare.ts';
import { type Content, type LargeCache, withCacheOf } from './large-cache.ts';
import { BARE_NODE } from './measure.ts';
import { peakFigure } from './peak-figure.ts';
import { program } from './programs.ts';
import { whyLeftOut } from './tools.ts';

const TARGET = 2.5;
const IMAGES = 10;

/** A side that cleans: each run finds so many files that have stalled. */
export function cleaning(cache: LargeCache, files: number, lines: Side['lines']): Side {
  return { prepare: () => cache.stall(files), lines, check: () => cache.checkCleaned() };
}

/** The case. */
export const clean: Case = {
  name: 'clean',
  measure: async (scale) => [...(await measureOne(scale, 'hole')), ...(await measureOne(scale, 'block'))],
};

function measureOne({ runs, leftovers }: Scale, content: Content): Promise<readonly (Figure | LeftOut)[]> {
  return withCacheOf({ images: IMAGES, content }, (cache) => {
    const name = `clean ${leftovers.toLocaleString('en')} stalled files${content === 'block' ? ' with blocks' : ''}`;
    const leftOut = whyLeftOut('find');
    if (leftOut !== undefined) return [{ name, leftOut }];
    const own = program('glance-cache-cleaner', cache.conf);
    // Stalled is what nobody has written to for a day.
    const find = { argv: ['find', join(cache.dir, 'incomplete'), '-type', 'f', '-mtime', '+0', '-delete'] };
    const figure = compare({
      name,
      ours: cleaning(cache, leftovers, [own]),
      baseline: 'find -delete and node -e 0',
      theirs: cleaning(cache, leftovers, [find, BARE_NODE]),
      runs,
      target: TARGET,
    });
    cache.stall(leftovers);
    return [figure, peakFigure(name, own)];
  });
}
