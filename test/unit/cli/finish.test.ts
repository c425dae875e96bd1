import { describe, expect, test } from 'vitest';
import { finish } from '../../../src/cli/finish.ts';
import {
  BusyError,
  CacheStateError,
  ConfigError,
  InterruptedError,
  PartialError,
} from '../../../src/errors/cache-error.ts';
import type { ExitCode } from '../../../src/errors/exit-codes.ts';
import type { Logger } from '../../../src/log/logger.ts';
import { exitCodeOf } from '../../../src/present/error-text.ts';
import { idleItem, type ReportItem } from '../../../src/use-cases/report.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const PERMISSION = new CacheStateError('CACHE_PERMISSION', 'Cannot remove "/x": permission denied (EACCES)', {
  hint: 'Run as root',
});
const BUSY = new BusyError('BUSY_INDEX', 'Cannot write to the index');
const CONFIG = new ConfigError('CONFIG_VALUE', 'Cannot use it');
const BUG = new TypeError('x is not a function');
const NEVER = new AbortController().signal;

function logTo(lines: string[]): Logger {
  const take = (message: string): void => void lines.push(message);
  return { error: take, warning: take, info: take, debug: take };
}

function item(result: ReportItem['result']): ReportItem {
  return { ...idleItem(imageIdOf(1), 'absent'), result };
}

/** The exit code a run ends with. */
function end(
  given: {
    done?: number;
    skipped?: number;
    errors?: readonly unknown[];
    failure?: unknown;
    unfreed?: number;
    signal?: AbortSignal;
  },
  lines: string[] = [],
): { code: ExitCode; error: unknown } {
  const itemsOf = (count: number, result: ReportItem['result']): readonly ReportItem[] =>
    Array.from({ length: count }, () => item(result));
  const items = [...itemsOf(given.done ?? 0, 'done'), ...itemsOf(given.skipped ?? 0, 'skipped')];
  try {
    const { errors = [], failure, unfreed = 0, signal = NEVER } = given;
    finish({ items, errors, failure, unfreed }, signal, logTo(lines));
    return { code: 0, error: undefined };
  } catch (error) {
    return { code: exitCodeOf(error), error };
  }
}

describe('finish()', () => {
  test.each([
    [0, 'everything was done', { done: 2 }],
    [0, 'there was nothing to do', {}],
    [0, 'everything was skipped', { skipped: 3 }],
    [4, 'the one item failed', { errors: [PERMISSION] }],
    [4, 'all items failed: the gravest counts', { errors: [BUSY, PERMISSION] }],
    [4, 'all that was not skipped failed', { skipped: 2, errors: [PERMISSION] }],
    [3, 'a graver cause is among them', { errors: [BUSY, PERMISSION, CONFIG] }],
    [1, 'a bug is among them', { errors: [PERMISSION, BUG] }],
    [1, 'what was thrown is no error at all', { errors: ['text'] }],
    [10, 'some items failed', { done: 1, errors: [PERMISSION] }],
    [10, 'the run was ended early after something was done', { done: 1, failure: BUSY }],
    [5, 'the run was ended before anything was done', { failure: BUSY }],
    [4, 'an item failed gravely and the run was ended early', { errors: [PERMISSION], failure: BUSY }],
    [
      130,
      'it was stopped by SIGINT',
      { done: 1, signal: AbortSignal.abort(new InterruptedError('SIGINT', 'Stopped')) },
    ],
    [143, 'it was stopped by SIGTERM', { signal: AbortSignal.abort(new InterruptedError('SIGTERM', 'Stopped')) }],
    [143, 'it was stopped while it waited, which ended it early', stoppedWhileWaiting()],
    [
      130,
      'it was stopped after an item had failed',
      { errors: [PERMISSION], signal: AbortSignal.abort(new InterruptedError('SIGINT', '')) },
    ],
  ])('ends with %d when %s', (code, _when, given) => {
    expect(end(given).code).toBe(code);
  });

  test('throws the one error itself when all failed', () => {
    expect(end({ errors: [PERMISSION] }).error).toBe(PERMISSION);
  });

  test('counts what failed and names the gravest cause when some failed', () => {
    const { error } = end({ done: 2, errors: [PERMISSION] });
    expect(error).toBeInstanceOf(PartialError);
    expect(error).toMatchObject({
      code: 'PARTIAL',
      message: 'Cannot do everything: 1 of 3 items failed: Cannot remove "/x": permission denied (EACCES)',
      hint: 'Run as root',
      details: { failed: 1, reached: 3 },
      cause: PERMISSION,
    });
  });

  test('counts what was done until it was stopped', () => {
    const signal = AbortSignal.abort(new InterruptedError('SIGTERM', 'Stopped'));
    expect(end({ done: 2, signal }).error).toMatchObject({
      code: 'SIGTERM',
      message: 'Stopped by SIGTERM: 2 items done until then',
      details: { done: 2 },
    });
  });

  test('hints at what is left, and at nothing else, when it was stopped', () => {
    const stop = stoppedWhileWaiting();
    const hintOf = (given: Parameters<typeof end>[0]): unknown => {
      const { error } = end(given);
      return error instanceof InterruptedError ? error.hint : error;
    };
    const again = 'Run it again to do the rest: <this command>';
    expect(hintOf({ ...stop, done: 2 })).toBe(again);
    expect(hintOf({ signal: stop.signal, done: 2 })).toBeUndefined();
    expect(hintOf({ signal: stop.signal, done: 2, unfreed: 1 })).toBe(
      'glance-cache-cleaner frees 1 image that lies in invalid/',
    );
    expect(hintOf({ ...stop, done: 2, unfreed: 2 })).toBe(
      `${again}; glance-cache-cleaner frees 2 images that lie in invalid/`,
    );
  });

  test('logs what went wrong besides when it was stopped, and nobody has told of it', () => {
    const { signal, failure } = stoppedWhileWaiting();
    const linesOf = (given: Parameters<typeof end>[0]): readonly string[] => {
      const lines: string[] = [];
      end({ ...given, signal }, lines);
      return lines;
    };
    expect(linesOf({ errors: [PERMISSION], failure })).toEqual(['Cannot remove "/x": permission denied (EACCES)']);
    expect(linesOf({ errors: [PERMISSION, BUSY], failure: BUSY })).toEqual(['Cannot write to the index']);
    expect(linesOf({ failure })).toEqual([]);
  });

  test('logs what ended the run when another error stands for it', () => {
    const lines: string[] = [];
    end({ errors: [PERMISSION], failure: BUSY }, lines);
    expect(lines).toEqual(['Cannot write to the index']);
  });
});

function stoppedWhileWaiting(): { failure: unknown; signal: AbortSignal } {
  const failure = new InterruptedError('SIGTERM', 'Stopped');
  return { failure, signal: AbortSignal.abort(failure) };
}
