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
  | 'pin'
  | 'unpin'
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
    | 'outdated'
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
  return actions.map((action) => describe(action, 'planned'));
}

/** The items of actions that were applied. */
export function appliedItems(outcomes: readonly Outcome[]): readonly ReportItem[] {
  return outcomes.map(appliedItem);
}

function appliedItem(outcome: Outcome): ReportItem {
  const item = describe(outcome.action, outcome.result);
  switch (outcome.result) {
    case 'done':
      return item;
    case 'skipped':
      return { ...item, reason: outcome.reason };
    case 'failed':
      return { ...item, error: errorOf(outcome.error) };
  }
}

/** How much was removed, or is to be. */
export function sumRemoved(items: readonly ReportItem[]): { readonly items: number; readonly bytes: number } {
  let count = 0;
  let bytes = 0;
  for (const { action, result, sizeBytes = 0 } of items) {
    if (action !== 'remove' || (result !== 'done' && result !== 'planned')) continue;
    count += 1;
    bytes += sizeBytes;
  }
  return { items: count, bytes };
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
export function idleItem(imageId: string, reason: NotQueuedReason | 'absent' | 'just-arrived' | 'pinned'): ReportItem {
  return itemOf({ imageId, action: 'keep', result: 'skipped', reason });
}

/** Every item has every field, whatever it is about: so all of a long list have one shape, and take the least memory. */
function itemOf({
  imageId,
  action,
  result,
  reason,
  area,
  sizeBytes,
  lastUsedSec,
}: Pick<ReportItem, 'imageId' | 'action' | 'result' | 'reason'> & Partial<ReportItem>): ReportItem {
  return { imageId, action, result, reason, area, sizeBytes, lastUsedSec, error: undefined };
}

/** What an action is called in a report. */
export function describe(action: Action, result: ItemResult): ReportItem {
  const { imageId, kind } = action;
  switch (kind) {
    case 'remove-image': {
      const { reason, file, lastUsedSec } = action;
      return itemOf({ imageId, action: 'remove', result, reason, sizeBytes: file.sizeBytes, lastUsedSec });
    }
    case 'retire-image': {
      const { reason, file } = action;
      return itemOf({ imageId, action: 'retire', result, reason, sizeBytes: file.sizeBytes });
    }
    case 'renew-row': {
      const { sizeBytes } = action.file;
      const lastUsedSec = action.row.lastAccessedSec;
      return itemOf({ imageId, action: 'renew-row', result, reason: 'odd-row', sizeBytes, lastUsedSec });
    }
    case 'adopt-file': {
      const { sizeBytes } = action.file;
      const lastUsedSec = action.row.lastAccessedSec;
      return itemOf({ imageId, action: 'adopt', result, reason: 'no-row', sizeBytes, lastUsedSec });
    }
    case 'drop-row':
      return itemOf({ imageId, action: 'drop-row', result, reason: 'no-file' });
    case 'correct-size':
      return itemOf({ imageId, action: kind, result, reason: 'wrong-size', sizeBytes: action.file.sizeBytes });
    case 'remove-file': {
      const { area, reason, file } = action;
      const { sizeBytes, modifiedSec } = file;
      return itemOf({ imageId, action: 'remove', result, reason, area, sizeBytes, lastUsedSec: modifiedSec });
    }
    case 'remove-part': {
      const { reason, sizeBytes, modifiedSec } = action;
      return itemOf({
        imageId,
        action: 'remove',
        result,
        reason,
        area: 'prefetch',
        sizeBytes,
        lastUsedSec: modifiedSec,
      });
    }
    case 'add-marker':
      return itemOf({ imageId, action: 'queue', result, reason: undefined, area: 'queue' });
    case 'drop-marker':
      return itemOf({ imageId, action: 'unqueue', result, reason: undefined, area: 'queue' });
    case 'add-pin':
      return itemOf({ imageId, action: 'pin', result, reason: undefined });
    case 'drop-pin':
      return itemOf({ imageId, action: 'unpin', result, reason: undefined });
  }
}

/** What an item says about an error. */
export function errorOf(error: unknown): NonNullable<ReportItem['error']> {
  if (error instanceof CacheError) return { code: error.code, message: error.message };
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error) };
}
