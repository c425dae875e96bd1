/**
 * How long each program takes to find that there is nothing to do.
 */
import type { Case, Figure, LeftOut } from './case.ts';
import { compare } from './compare.ts';
import { withCache } from './large-cache.ts';
import { BARE_NODE, type CommandLine } from './measure.ts';
import { peakFigure } from './peak-figure.ts';
import { type ProgramName, program } from './programs.ts';
import { stockProgram, withStockManage } from './stock.ts';
import { whyLeftOut } from './tools.ts';

const NODE_TARGET = 1.35;
const STOCK_TARGET = 1 / 7;
const IMAGES = 10;

const NAMES: readonly ProgramName[] = [
  'glance-cache-manage',
  'glance-cache-pruner',
  'glance-cache-cleaner',
  'glance-cache-prefetcher',
];

/** The case. */
export const startUp: Case = {
  name: 'start-up',
  measure: ({ shortRuns, longRuns }) =>
    withCache(IMAGES, async (cache) => {
      const own = (name: ProgramName): CommandLine => program(name, cache.roomyConf, ...argumentsOf(name));
      const titleOf = (name: ProgramName): string => `${name}, nothing to do`;
      const figures: (Figure | LeftOut)[] = [];
      for (const name of NAMES) {
        figures.push(compareWithNode(titleOf(name), { ours: own(name), theirs: BARE_NODE, runs: shortRuns }));
        figures.push(peakFigure(titleOf(name), own(name)));
      }
      for (const name of NAMES) {
        const title = `${titleOf(name)}, in this environment`;
        figures.push(compareWithNode(title, { ours: here(own(name)), theirs: here(BARE_NODE), runs: shortRuns }));
      }
      const leftOut = whyLeftOut('the stock tool');
      if (leftOut !== undefined) return [...figures, { name: 'start-up against the stock tools', leftOut }];
      await withStockManage(cache, (manage) => {
        for (const name of NAMES) {
          const isManage = name === 'glance-cache-manage';
          const theirs = isManage ? manage(...argumentsOf(name)) : stockProgram(name, cache.roomyConf);
          figures.push(
            compare({
              name: titleOf(name),
              ours: { lines: [own(name)] },
              baseline: 'the stock tool',
              theirs: { lines: [theirs] },
              runs: longRuns,
              target: STOCK_TARGET,
            }),
          );
        }
      });
      return figures;
    }),
};

/** Node reads its own variables: NODE_EXTRA_CA_CERTS, for one, takes longer than all the rest of its start. */
function here(line: CommandLine): CommandLine {
  return { ...line, env: process.env };
}

function compareWithNode(
  name: string,
  { ours, theirs, runs }: { readonly ours: CommandLine; readonly theirs: CommandLine; readonly runs: number },
): Figure {
  return compare({
    name,
    ours: { lines: [ours] },
    baseline: 'node -e 0',
    theirs: { lines: [theirs] },
    runs,
    target: NODE_TARGET,
  });
}

function argumentsOf(name: ProgramName): readonly string[] {
  return name === 'glance-cache-manage' ? ['list-cached'] : [];
}
