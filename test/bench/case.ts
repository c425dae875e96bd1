/**
 * What a case of the bench is, and what it gives.
 */

/** The least and the most of several values. */
export interface Spread {
  readonly min: number;
  readonly max: number;
}

/** What something costs at one size. */
export interface CostAtSize {
  readonly images: number;
  readonly seconds: number;
}

/** One figure of the bench: the median of all runs. */
export interface Figure {
  readonly name: string;
  /** What it was compared with; `none` for a figure that stands alone. */
  readonly baseline: string;
  readonly value: number;
  readonly unit: '×' | 'MiB' | 's' | 'ms';
  /** The most it should be; undefined where there is no target. */
  readonly target: number | undefined;
  /** Of the values of the single runs. */
  readonly spread?: Spread;
  /** Medians of the two times that a ratio comes from. */
  readonly ownSec?: number;
  readonly baselineSec?: number;
  /** How the cost grows, smallest size first; then the value is the growth from the last but one to the last. */
  readonly growth?: readonly CostAtSize[];
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
  /** Runs per figure where one takes a few hundredths of a second. */
  readonly shortRuns: number;
  /** Runs per figure where the baseline takes many seconds. */
  readonly longRuns: number;
  /** Images in the caches, smallest first. */
  readonly sizes: readonly number[];
  /** Images in the largest cache that the stock tools are run on: they take their time. */
  readonly stockSize: number;
  /** Files that the cleaner removes. */
  readonly leftovers: number;
  /** Bytes that `verify` reads. */
  readonly verifyBytes: number;
  /** Size of a prefetched image, bytes; of a large one eight times as much. */
  readonly imageBytes: number;
}

/** A case: makes its own data and gives its figures. It throws when a program does not do what it should. */
export interface Case {
  readonly name: string;
  measure(scale: Scale): readonly (Figure | LeftOut)[] | Promise<readonly (Figure | LeftOut)[]>;
}

/** The most memory that any run may need. */
export const MEMORY_TARGET_MIB = 150;
