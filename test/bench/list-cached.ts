/**
 * How long it takes to list the index.
 */
import { join } from 'node:path';
import type { Case, Figure, LeftOut, Scale } from './case.ts';
import { compare } from './compare.ts';
import { type LargeCache, withCache } from './large-cache.ts';
import { BARE_NODE, outputOf } from './measure.ts';
import { peakFigure } from './peak-figure.ts';
import { program } from './programs.ts';
import { withStockManage } from './stock.ts';
import { whyLeftOut } from './tools.ts';

const SHELL_TARGET = 2;
const STOCK_TARGET = 1 / 8;

/** What `list-cached` asks the index. */
const QUERY = 'SELECT image_id, last_accessed, last_modified, size, hits FROM cached_images ORDER BY image_id';

/** The case. */
export const listCached: Case = {
  name: 'list-cached',
  async measure(scale) {
    const figures: (Figure | LeftOut)[] = [];
    for (const images of scale.sizes) figures.push(...(await withCache(images, (cache) => measureOne(cache, scale))));
    return figures;
  },
};

async function measureOne(cache: LargeCache, scale: Scale): Promise<readonly (Figure | LeftOut)[]> {
  const { images } = cache;
  const name = `list-cached of ${images.toLocaleString('en')}`;
  const own = program('glance-cache-manage', cache.roomyConf, 'list-cached');
  const listed = outputOf(own).match(/^\| [0-9a-f-]{36} /gm)?.length;
  if (listed !== images) throw new Error(`${listed} images of ${images} are listed`);
  const ours = { lines: [own] };
  const figures: (Figure | LeftOut)[] = [peakFigure(name, own)];
  const noShell = whyLeftOut('sqlite3');
  if (noShell !== undefined) figures.push({ name: `${name} against the sqlite3 shell`, leftOut: noShell });
  else {
    const shell = { argv: ['sqlite3', join(cache.dir, 'cache.db'), QUERY] };
    const baseline = 'sqlite3 and node -e 0';
    const theirs = { lines: [shell, BARE_NODE] };
    figures.push(compare({ name, ours, baseline, theirs, runs: scale.runs, target: SHELL_TARGET }));
  }
  if (images > scale.stockSize) return figures;
  const noStock = whyLeftOut('the stock tool');
  if (noStock !== undefined) return [...figures, { name: `${name} against the stock tool`, leftOut: noStock }];
  return withStockManage(cache, (manage) => {
    const theirs = { lines: [manage('list-cached')] };
    const baseline = 'the stock tool';
    return [...figures, compare({ name, ours, baseline, theirs, runs: scale.longRuns, target: STOCK_TARGET })];
  });
}
