import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { retryBusy } from '../../../src/sqlite/retry-busy.ts';
import { FakeClock } from '../../support/clocks.ts';
import { rejectionOf } from '../../support/thrown.ts';

const busy = (code = 'SQLITE_BUSY'): Error => new Database.SqliteError('database is locked', code);

/** A call that is busy some times, and counts. */
function busyTimes(times: number, error = busy()): { call: () => string; calls: () => number } {
  let calls = 0;
  return {
    call: () => {
      if (calls++ < times) throw error;
      return 'done';
    },
    calls: () => calls,
  };
}

function patience(timeoutSec: number): { clock: FakeClock; timeoutSec: number; signal: AbortSignal } {
  return { clock: new FakeClock(), timeoutSec, signal: new AbortController().signal };
}

describe('retryBusy()', () => {
  test('gives the value at once when it is not busy', async () => {
    const waiting = patience(10);
    expect(await retryBusy(waiting, () => 'done')).toBe('done');
    expect(waiting.clock.sleeps).toEqual([]);
  });

  test.each(['SQLITE_BUSY', 'SQLITE_BUSY_RECOVERY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_LOCKED'])(
    'tries again on %s',
    async (code) => {
      const { call, calls } = busyTimes(3, busy(code));
      expect(await retryBusy(patience(10), call)).toBe('done');
      expect(calls()).toBe(4);
    },
  );

  test('throws the busy error when the time is over', async () => {
    const error = busy();
    const waiting = patience(0.1);
    expect(await rejectionOf(retryBusy(waiting, busyTimes(Infinity, error).call))).toBe(error);
    expect(waiting.clock.sleeps.length).toBeGreaterThanOrEqual(5);
    expect(waiting.clock.sleeps.length).toBeLessThanOrEqual(6);
  });

  test('waits between two tries for as long as it is told', async () => {
    const waiting = { ...patience(10), stepSec: 0.5 };
    await retryBusy(waiting, busyTimes(3).call);
    expect(waiting.clock.sleeps).toEqual([0.5, 0.5, 0.5]);
  });

  test('tries once when there is no time', async () => {
    const { call, calls } = busyTimes(1);
    await rejectionOf(retryBusy(patience(0), call));
    expect(calls()).toBe(1);
  });

  test('throws any other error at once', async () => {
    const waiting = patience(10);
    const error = busy('SQLITE_IOERR_READ');
    expect(await rejectionOf(retryBusy(waiting, busyTimes(1, error).call))).toBe(error);
    expect(waiting.clock.sleeps).toEqual([]);
  });

  test('throws the reason of the signal when that is aborted, yet not before it has tried', async () => {
    const reason = new Error('stopped');
    const stopped = { ...patience(10), signal: AbortSignal.abort(reason) };
    expect(await retryBusy(stopped, () => 'done')).toBe('done');
    expect(await rejectionOf(retryBusy(stopped, busyTimes(1).call))).toBe(reason);
  });
});
