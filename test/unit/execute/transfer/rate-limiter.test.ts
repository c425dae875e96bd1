import { describe, expect, test } from 'vitest';
import { createRateLimiter, type RateLimiter, UNLIMITED } from '../../../../src/execute/transfer/rate-limiter.ts';
import { systemClock } from '../../../../src/time/system-clock.ts';
import { FakeClock } from '../../../support/clocks.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { turns } from '../../../support/transfers.ts';
import { NO_SIGNAL } from '../../../support/transports.ts';

const REASON = new Error('stopped');

/** A clock on which nobody wakes before the test says so. */
class StoppedClock extends FakeClock {
  readonly #sleepers = new Set<() => void>();

  override sleep(seconds: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(seconds);
    return new Promise((resolve, reject) => {
      this.#sleepers.add(() => {
        this.seconds += seconds;
        resolve();
      });
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  /** Ends the sleep of all who sleep now. */
  async wake(): Promise<void> {
    for (const sleeper of this.#sleepers) sleeper();
    this.#sleepers.clear();
    await turns(1);
  }
}

/** How long it takes until bytes may pass, seconds. */
async function secondsFor(bytes: number, limiter: RateLimiter, clock: FakeClock): Promise<number> {
  const startSec = clock.seconds;
  await limiter.take(bytes, NO_SIGNAL);
  return clock.seconds - startSec;
}

describe('createRateLimiter()', () => {
  test('lets everything pass without a rate', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(undefined, clock);
    expect([limiter, limiter.portionBytes]).toEqual([UNLIMITED, Number.POSITIVE_INFINITY]);
    await limiter.take(1e15, NO_SIGNAL);
    expect(clock.sleeps).toEqual([]);
    expect(await rejectionOf(limiter.take(1, AbortSignal.abort(REASON)))).toBe(REASON);
  });

  test('lets a quarter of a second pass at once, and the rest at the rate', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(1000, clock);
    expect(limiter.portionBytes).toBe(250);
    expect(await secondsFor(250, limiter, clock)).toBe(0);
    expect(await secondsFor(100, limiter, clock)).toBeCloseTo(0.1);
    expect(await secondsFor(2000, limiter, clock)).toBeCloseTo(2);
  });

  test('saves no more than a quarter of a second for later', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(1000, clock);
    await limiter.take(250, NO_SIGNAL);
    clock.seconds += 3600;
    expect(await secondsFor(350, limiter, clock)).toBeCloseTo(0.1);
  });

  test.each([1, 2, 3, 0.1])('lets bytes pass one by one at %d bytes a second', async (rate) => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(rate, clock);
    expect(limiter.portionBytes).toBe(1);
    expect(await secondsFor(11, limiter, clock)).toBeCloseTo(10 / rate);
  });

  test('is exact at a rate that no clock can show byte by byte', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(2 ** 40, clock);
    expect(await secondsFor(2 ** 40 * 10 + limiter.portionBytes, limiter, clock)).toBeCloseTo(10);
    // Not by waking up for every byte.
    expect(clock.sleeps.length).toBeLessThan(100);
  });

  test('lets no bytes pass at once, whoever is before them', async () => {
    const clock = new StoppedClock();
    const limiter = createRateLimiter(100, clock);
    void limiter.take(1000, NO_SIGNAL);
    await limiter.take(0, NO_SIGNAL);
    expect(await rejectionOf(limiter.take(0, AbortSignal.abort(REASON)))).toBe(REASON);
  });

  test('does not let whoever wants much keep the others from their turn', async () => {
    const clock = new StoppedClock();
    const limiter = createRateLimiter(100, clock);
    const done: string[] = [];
    const take = (name: string, bytes: number) => void limiter.take(bytes, NO_SIGNAL).then(() => done.push(name));
    take('much', 10_000);
    await turns(1);
    for (const name of ['one', 'two', 'three']) take(name, 5);
    for (let wake = 0; wake < 4; wake++) await clock.wake();
    expect(done).toEqual(['one', 'two', 'three']);
  });

  test.each([
    ['before', 0],
    ['while it waits for the bytes', 1],
    ['while it waits in line', 2],
  ])('fails with the reason at once when the taker is stopped %s, and serves the others', async (_when, place) => {
    const clock = new StoppedClock();
    const limiter = createRateLimiter(100, clock);
    await limiter.take(25, NO_SIGNAL);
    const stop = new AbortController();
    if (place === 0) stop.abort(REASON);
    const done: number[] = [];
    const takers = [...Array(4).keys()].map(async (taker) => {
      await limiter.take(10, taker === place || place === 0 ? stop.signal : NO_SIGNAL);
      done.push(taker);
    });
    const settled = Promise.allSettled(takers);
    if (place === 0) {
      expect(await settled).toEqual(Array(4).fill({ status: 'rejected', reason: REASON }));
      return;
    }
    await turns(1);
    if (place === 1) await clock.wake();
    const stopped = rejectionOf(takers[place] ?? Promise.resolve());
    stop.abort(REASON);
    // Nobody wakes meanwhile.
    expect(await Promise.race([stopped, turns(5)])).toBe(REASON);
    for (let wake = 0; wake < 4; wake++) await clock.wake();
    expect(done).toEqual([0, 1, 2, 3].filter((taker) => taker !== place));
    // What the one did not take is there for the others.
    expect(clock.seconds - new FakeClock().seconds).toBeCloseTo(0.3, 1);
  });

  test('holds the rate on the clock of this machine', async () => {
    const limiter = createRateLimiter(1000, systemClock);
    const startSec = systemClock.monotonicSec();
    await Promise.all([limiter.take(200, NO_SIGNAL), limiter.take(150, NO_SIGNAL)]);
    const elapsedSec = systemClock.monotonicSec() - startSec;
    expect(elapsedSec).toBeGreaterThan(0.099);
    expect(elapsedSec).toBeLessThan(5);
  });
});
