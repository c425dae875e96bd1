/**
 * What became of the actions of a plan.
 */
import type { Action } from '../plan/action.ts';

/** Why an action was given up before it did anything: somebody else was at work. */
export type SkippedReason = 'gone' | 'changed' | 'used' | 'present' | 'pinned';

/** What became of one action. */
export type Outcome =
  | {
      readonly action: Action;
      readonly result: 'done';
      /** Whether the file of a removed image is left in `invalid/` for the cleaner, as the run was stopped. */
      readonly isUnfreed?: true;
    }
  | { readonly action: Action; readonly result: 'skipped'; readonly reason: SkippedReason }
  | { readonly action: Action; readonly result: 'failed'; readonly error: unknown };

/** What became of a plan. */
export interface ApplyResult {
  /** One per action that was reached, in the plan's order. */
  readonly outcomes: readonly Outcome[];
  /** What ended the work before its end, if anything did; the actions behind it were not reached. */
  readonly failure: unknown;
}
