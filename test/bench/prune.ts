/**
 * How long it takes to remove the half of a cache that was not used for longest.
 */
import type { Case, Figure, LeftOut, Scale } from './case.ts';
import { compare, type Side } from './compare.ts';
import { type LargeCache, withCache, withCacheOf } from './large-cache.ts';
import { BARE_NODE } from './measure.ts';
import { peakFigure } from './peak-figure.ts';
import { program } from './programs.ts';
import { stockProgram } from './stock.ts';
import { whyLeftOut } from './tools.ts';

const REMOVE_TARGET = 3;
const STOCK_TARGET = 1 / 20;

/** The case. */
export const prune: Case = {
  name: 'prune',
  async measure(scale) {
    const figures: (Figure | LeftOut)[] = [];
    const measure = (cache: LargeCache): readonly (Figure | LeftOut)[] => measureOne(cache, scale);
    for (const images of scale.sizes) figures.push(...(await withCache(images, measure)));
    return [...figures, ...(await withCacheOf({ images: scale.stockSize, content: 'block' }, measure))];
  },
};

/** A side that prunes: each run finds the cache whole again. */
export function pruning(cache: LargeCache, lines: Side['lines']): Side {
  return { prepare: () => cache.restore(), lines, check: () => cache.checkPruned() };
}

function measureOne(cache: LargeCache, { runs, longRuns, stockSize }: Scale): readonly (Figure | LeftOut)[] {
  const { images, content } = cache;
  const name = `prune half of ${images.toLocaleString('en')}${content === 'block' ? ' with blocks' : ''}`;
  const own = program('glance-cache-pruner', cache.conf);
  const ours = pruning(cache, [own]);
  const figures: (Figure | LeftOut)[] = [];
  const noXargs = whyLeftOut('xargs', 'rm');
  if (noXargs !== undefined) figures.push({ name: `${name} against xargs rm`, leftOut: noXargs });
  else {
    const remove = { argv: ['xargs', 'rm'], cwd: cache.dir, input: cache.victimList };
    const theirs = pruning(cache, [remove, BARE_NODE]);
    figures.push(compare({ name, ours, baseline: 'xargs rm and node -e 0', theirs, runs, target: REMOVE_TARGET }));
  }
  cache.restore();
  figures.push(peakFigure(name, own));
  if (images > stockSize) return figures;
  const noStock = whyLeftOut('the stock tool');
  if (noStock !== undefined) return [...figures, { name: `${name} against the stock tool`, leftOut: noStock }];
  const theirs = pruning(cache, [stockProgram('glance-cache-pruner', cache.conf)]);
  const target = images === stockSize ? STOCK_TARGET : undefined;
  return [...figures, compare({ name, ours, baseline: 'the stock tool', theirs, runs: longRuns, target })];
}
