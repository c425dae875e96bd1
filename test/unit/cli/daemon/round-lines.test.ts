import { describe, expect, test } from 'vitest';
import { type EndedRound, keptLine, roundLine } from '../../../../src/cli/daemon/round-lines.ts';
import type { RoundOutcome } from '../../../../src/cli/daemon/rounds.ts';
import { BusyError, CacheStateError, InterruptedError, PartialError } from '../../../../src/errors/cache-error.ts';

const OUTCOME: RoundOutcome = { result: 'done', error: undefined, summary: undefined, startedSec: 0, elapsedSec: 1.23 };
const DONE = { images: 2, bytes: 2048 };

function lineOf(outcome: Partial<RoundOutcome>, more: Partial<EndedRound> = {}): string {
  const start = { number: 3, cause: undefined, hasNewSettings: false };
  const { level, message } = roundLine(
    { done: 'fetched', noun: 'image' },
    { start, outcome: { ...OUTCOME, ...outcome }, nextSec: 287, ...more },
  );
  return `${level} ${message}`;
}

describe('roundLine()', () => {
  test.each<[string, string]>([
    [lineOf({ summary: DONE }), 'INFO Round 3: 2 images fetched, 2048 B, in 1.2 s; next in 4 min 47 s'],
    [lineOf({ summary: { images: 0, bytes: 0 } }), 'INFO Round 3: nothing fetched, in 1.2 s; next in 4 min 47 s'],
    [lineOf({}, { nextSec: 0 }), 'INFO Round 3: nothing fetched, in 1.2 s; next at once'],
    [
      lineOf({ result: 'skipped', error: new BusyError('BUSY_RUN', 'Cannot start: another run is at work') }),
      'INFO Round 3: skipped: Cannot start: another run is at work, in 1.2 s; next in 4 min 47 s',
    ],
    [
      lineOf(
        { result: 'stopped', error: new InterruptedError('SIGTERM', 'Stopped'), summary: DONE },
        { nextSec: undefined },
      ),
      'INFO Round 3: stopped: 2 images fetched, 2048 B, in 1.2 s',
    ],
    [
      lineOf({
        result: 'failed',
        error: new CacheStateError('CACHE_IO', 'Cannot read it: broken', { hint: 'Mend it' }),
      }),
      'ERROR Round 3: failed in 1.2 s: Cannot read it: broken; hint: Mend it; next in 4 min 47 s',
    ],
    [
      lineOf({ result: 'failed', summary: DONE, error: new PartialError('Cannot do everything: 1 of 3 items failed') }),
      'ERROR Round 3: failed in 1.2 s (2 images fetched, 2048 B): Cannot do everything: 1 of 3 items failed; next in 4 min 47 s',
    ],
    [
      lineOf({ result: 'failed', error: new TypeError('x is not a function') }),
      'ERROR Round 3: failed in 1.2 s: Cannot go on: unexpected failure: TypeError: x is not a function; hint: This is a fault of the program: report what it says with --debug; next in 4 min 47 s',
    ],
    [
      lineOf({}, { start: { number: 4, cause: 'SIGHUP', hasNewSettings: true } }),
      'INFO Round 4 (SIGHUP): nothing fetched, in 1.2 s; next in 4 min 47 s',
    ],
  ])('%s', (line, expected) => {
    expect(line).toBe(expected);
  });
});

describe('keptLine()', () => {
  test('says that nothing has changed, and why', () => {
    const { level, message } = keptLine(new CacheStateError('CACHE_IO', 'Cannot read it: broken', { hint: 'Mend it' }));
    expect(`${level} ${message}`).toBe(
      'ERROR Going on with the earlier configuration: Cannot read it: broken; hint: Mend it',
    );
  });
});
