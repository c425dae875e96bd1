import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/time/system-clock.ts';
import { rejectionOf } from '../../support/thrown.ts';

const never = new AbortController().signal;

describe('systemClock', () => {
  test('tells the time of day in seconds', () => {
    const before = Date.now() / 1000;
    const nowSec = systemClock.nowSec();
    expect(nowSec).toBeGreaterThanOrEqual(before);
    expect(nowSec).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('measures the time slept, in seconds', async () => {
    const startSec = systemClock.monotonicSec();
    await systemClock.sleep(0.02, never);
    const tookSec = systemClock.monotonicSec() - startSec;
    // A timer of Node may fire a millisecond early.
    expect(tookSec).toBeGreaterThan(0.018);
    expect(tookSec).toBeLessThan(10);
  });

  test('throws the reason of the signal when it is aborted before or during the sleep', async () => {
    const reason = new Error('stopped');
    expect(await rejectionOf(systemClock.sleep(1000, AbortSignal.abort(reason)))).toBe(reason);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(1000, controller.signal);
    controller.abort(reason);
    expect(await rejectionOf(sleeping)).toBe(reason);
  });
});
