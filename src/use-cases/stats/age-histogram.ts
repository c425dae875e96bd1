/**
 * How old things are, in a few steps: how many there are of each, and how much they take. Pure.
 */

/** The steps, from the youngest; `never` is what was never used at all. */
const AGE_STEPS = [
  { age: 'under_1h', belowSec: 3600 },
  { age: 'under_1d', belowSec: 86_400 },
  { age: 'under_1w', belowSec: 7 * 86_400 },
  { age: 'under_30d', belowSec: 30 * 86_400 },
  { age: 'older', belowSec: Number.POSITIVE_INFINITY },
  { age: 'never', belowSec: undefined },
] as const;

/** The name of a step; scripts depend on it. */
export type AgeName = (typeof AGE_STEPS)[number]['age'];

/** What there is of one age. */
export interface AgeShare {
  readonly age: AgeName;
  readonly count: number;
  readonly sizeBytes: number;
}

/** A histogram that grows item by item. */
export class AgeHistogram {
  readonly #shares = AGE_STEPS.map((step) => ({ ...step, count: 0, sizeBytes: 0 }));

  /**
   * Takes one more item into account.
   *
   * @param ageSec seconds; below 0, as what lies in the future has it, is young; undefined for what was never used
   */
  add(ageSec: number | undefined, sizeBytes: number): void {
    const share = this.#shares.find(({ belowSec }) =>
      ageSec === undefined || belowSec === undefined ? ageSec === belowSec : ageSec < belowSec,
    );
    if (share === undefined) return;
    share.count += 1;
    share.sizeBytes += sizeBytes;
  }

  /** Every step from the youngest, with nothing in it as well. */
  get shares(): readonly AgeShare[] {
    return this.#shares.map(({ age, count, sizeBytes }) => ({ age, count, sizeBytes }));
  }
}
