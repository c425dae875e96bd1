/**
 * What a run has done or, dry, would do: plain data in one shape for all programs, made for text and machine formats
 * alike.
 */
import { CacheError, type ErrorCode } from '../errors/cache-error.ts';
import type { Outcome, SkippedReason } from '../execute/outcome.ts';
import type { Action, RemovalReason } from '../plan/action.ts';
import type { KeptReason } from '../plan/clean.ts';
import type { NotYetReason, SettledReason } from '../plan/prefetch.ts';
import type { NotQueuedReason } from '../plan/queue.ts';
import type { FindingKind } from '../plan/verify.ts';

/** What is done to one item. */
export type ItemAction =
  | 'remove'
  | 'retire'
  | 'adopt'
  | 'drop-row'
  | 'correct-size'
  | 'renew-row'
  | 'rebuild-index'
  | 'queue'
  | 'unqueue'
  | 'keep'
  | 'fetch';

/** How far it got; `found` where nothing was asked to be done. */
export type ItemResult = 'found' | 'planned' | 'done' | 'skipped' | 'failed';

/** One line of a report. */
export interface ReportItem {
  readonly imageId: string;
  readonly action: ItemAction;
  readonly result: ItemResult;
  /** Why it is done, or why it was not. */
  readonly reason:
    | RemovalReason
    | SkippedReason
    | KeptReason
    | NotQueuedReason
    | NotYetReason
    | SettledReason
    | 'stopped'
    | 'absent'
    | 'no-row'
    | 'no-file'
    | 'wrong-size'
    | FindingKind
    | undefined;
  /** The folder it concerns, where it is not the cache itself. */
  readonly area: 'incomplete' | 'invalid' | 'queue' | 'prefetch' | undefined;
  readonly sizeBytes: number | undefined;
  /** Epoch seconds. */
  readonly lastUsedSec: number | undefined;
  /** What failed, for a failed item. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** What became of a run's items, and what ended it early. */
export interface RunResult {
  readonly items: readonly ReportItem[];
  /** Errors of single items, in their order. */
  readonly errors: readonly unknown[];
  /** What ended the run before its end; undefined when nothing did. */
  readonly failure: unknown;
  /** How many of the removed images still take space, in `invalid/`. */
  readonly unfreed?: number;
}

/** The items of actions that were planned and not applied. */
export function plannedItems(actions: readonly Action[]): readonly ReportItem[] {
  return actions.map((action) => ({ ...describe(action), result: 'planned' }));
}

/** The items of actions that were applied. */
export function appliedItems(outcomes: readonly Outcome[]): readonly ReportItem[] {
  return outcomes.map(appliedItem);
}

function appliedItem(outcome: Outcome): ReportItem {
  const item = { ...describe(outcome.action), result: outcome.result };
  switch (outcome.result) {
    case 'done':
      return item;
    case 'skipped':
      return { ...item, reason: outcome.reason };
    case 'failed':
      return { ...item, error: errorOf(outcome.error) };
  }
}

/** How many removed images a stop has left to the cleaner. */
export function countUnfreed(outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => outcome.result === 'done' && outcome.isUnfreed === true).length;
}

/** What went wrong with single items. */
export function errorsOf(outcomes: readonly Outcome[]): readonly unknown[] {
  return outcomes.flatMap((outcome) => (outcome.result === 'failed' ? [outcome.error] : []));
}

/** An item about an image that nothing is done to. */
export function idleItem(imageId: string, reason: NotQueuedReason | 'absent' | 'just-arrived'): ReportItem {
  return { ...BLANK, imageId, action: 'keep', result: 'skipped', reason };
}

const BLANK = { area: undefined, sizeBytes: undefined, lastUsedSec: undefined, error: undefined } as const;

/** What an action is called in a report. */
export function describe(action: Action): Omit<ReportItem, 'result'> {
  const { imageId, kind } = action;
  switch (kind) {
    case 'remove-image': {
      const { reason, file, lastUsedSec } = action;
      return { ...BLANK, imageId, action: 'remove', reason, sizeBytes: file.sizeBytes, lastUsedSec };
    }
    case 'retire-image': {
      const { reason, file } = action;
      return { ...BLANK, imageId, action: 'retire', reason, sizeBytes: file.sizeBytes };
    }
    case 'renew-row': {
      const { file, row } = action;
      const { sizeBytes } = file;
      return { ...BLANK, imageId, action: 'renew-row', reason: 'odd-row', sizeBytes, lastUsedSec: row.lastAccessedSec };
    }
    case 'adopt-file': {
      const { file, row } = action;
      const { sizeBytes } = file;
      return { ...BLANK, imageId, action: 'adopt', reason: 'no-row', sizeBytes, lastUsedSec: row.lastAccessedSec };
    }
    case 'drop-row':
      return { ...BLANK, imageId, action: 'drop-row', reason: 'no-file' };
    case 'correct-size':
      return { ...BLANK, imageId, action: 'correct-size', reason: 'wrong-size', sizeBytes: action.file.sizeBytes };
    case 'remove-file': {
      const { area, reason, file } = action;
      const { sizeBytes, modifiedSec } = file;
      return { ...BLANK, imageId, action: 'remove', reason, area, sizeBytes, lastUsedSec: modifiedSec };
    }
    case 'remove-part': {
      const { reason, sizeBytes, modifiedSec } = action;
      return { ...BLANK, imageId, action: 'remove', reason, area: 'prefetch', sizeBytes, lastUsedSec: modifiedSec };
    }
    case 'add-marker':
      return { ...BLANK, imageId, action: 'queue', reason: undefined, area: 'queue' };
    case 'drop-marker':
      return { ...BLANK, imageId, action: 'unqueue', reason: undefined, area: 'queue' };
  }
}

/** What an item says about an error. */
export function errorOf(error: unknown): NonNullable<ReportItem['error']> {
  if (error instanceof CacheError) return { code: error.code, message: error.message };
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error) };
}
