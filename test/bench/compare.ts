/**
 * Compares two sides that run in turn: ours, the baseline, ours, the baseline, and so on. Each run of ours is divided by
 * the run of the baseline next to it, so that both have met the same weather.
 */
import type { Figure, Spread } from './case.ts';
import { type CommandLine, medianOf, timeOf } from './measure.ts';
import { say } from './progress.ts';

/** One side of a comparison. */
export interface Side {
  /** Makes ready what a run needs, and lets the disk come to rest; not measured. */
  readonly prepare?: () => void;
  /** They run one after the other, and their times add up. */
  readonly lines: readonly CommandLine[];
  /** Throws unless the run has done what it should; not measured. */
  readonly check?: () => void;
}

/** What is compared. */
export interface Comparison {
  readonly name: string;
  readonly ours: Side;
  /** In words. */
  readonly baseline: string;
  readonly theirs: Side;
  readonly runs: number;
  readonly target: number | undefined;
}

/** Seconds of both sides in one run. */
export interface Pair {
  readonly ownSec: number;
  readonly baselineSec: number;
}

/** Lets both sides run in turn. */
export function compare(comparison: Comparison): Figure {
  const { name, baseline, ours, theirs, runs } = comparison;
  say(`${name}, against ${baseline}`);
  const pairs: Pair[] = [];
  const warmUps = warmUpsOf(runs);
  for (let run = 0; run < warmUps + runs; run++) {
    const pair = { ownSec: secondsOf(ours), baselineSec: secondsOf(theirs) };
    if (run >= warmUps) pairs.push(pair);
  }
  return ratioFigure(comparison, pairs);
}

/** Seconds that one run of a side takes. */
export function secondsOf({ prepare, lines, check }: Side): number {
  prepare?.();
  const seconds = lines.reduce((sum, line) => sum + timeOf(line), 0);
  check?.();
  return seconds;
}

/** How many runs do not count: the first one warms what is to be warm. A single run is no measurement anyway. */
export function warmUpsOf(runs: number): number {
  return runs > 1 ? 1 : 0;
}

/** The figure that follows from the times. */
export function ratioFigure(
  { name, baseline, target }: Pick<Comparison, 'name' | 'baseline' | 'target'>,
  pairs: readonly Pair[],
): Figure {
  const ratios = pairs.map(({ ownSec, baselineSec }) => ownSec / baselineSec);
  return {
    name,
    baseline,
    value: medianOf(ratios),
    unit: '×',
    target,
    spread: spreadOf(ratios),
    ownSec: medianOf(pairs.map(({ ownSec }) => ownSec)),
    baselineSec: medianOf(pairs.map(({ baselineSec }) => baselineSec)),
  };
}

/** The least and the most. */
export function spreadOf(values: readonly number[]): Spread {
  return { min: Math.min(...values), max: Math.max(...values) };
}
