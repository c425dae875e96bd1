import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimiter } from '../../../../src/execute/transfer/rate-limiter.ts';
import { VirtualClock } from '../../../support/clocks.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { NO_SIGNAL } from '../../../support/transports.ts';

/** Bytes that have passed. */
interface Passed {
  readonly atSec: number;
  readonly bytes: number;
  readonly taker: number;
}

const anyTakers = fc.array(fc.array(fc.oneof(fc.nat(20), fc.nat(3000)), { maxLength: 8 }), { maxLength: 5 });
const anyRate = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 1e9 }));
const anyPauses = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });

/** What no clock shows: the rounding of its own seconds, and of the bytes that make a fraction of one. */
const BLUR = { bytes: 1 + 1e-5, sec: 1e-6 };

/** Takers that take one thing after the other, as transfers do: never more at once than a portion. */
async function passedBy(takers: readonly (readonly number[])[], rate: number, pauses: readonly number[] = []) {
  const clock = new VirtualClock();
  const limiter = createRateLimiter(rate, clock);
  const passed: Passed[] = [];
  await Promise.all(
    takers.map(async (takes, taker) => {
      for (const [place, wanted] of takes.entries()) {
        const bytes = Math.min(wanted, limiter.portionBytes);
        await limiter.take(bytes, NO_SIGNAL);
        passed.push({ atSec: clock.seconds, bytes, taker });
        const pauseSec = pauses[(place + taker) % pauses.length];
        if (pauseSec !== undefined) await clock.sleep(pauseSec, NO_SIGNAL);
      }
    }),
  );
  return { passed, burstBytes: limiter.portionBytes };
}

function sumOf(passed: readonly { readonly bytes: number }[]): number {
  return passed.reduce((sum, { bytes }) => sum + bytes, 0);
}

describe('createRateLimiter()', () => {
  test('never lets more pass in any span of time than the rate allows, and a burst', async () => {
    await fc.assert(
      fc.asyncProperty(anyTakers, anyRate, anyPauses, async (takers, rate, pauses) => {
        const { passed, burstBytes } = await passedBy(takers, rate, pauses);
        for (const [first, from] of passed.entries()) {
          for (let end = first + 1; end <= passed.length; end++) {
            const span = passed.slice(first, end);
            const [bytes, spanSec] = [sumOf(span), (span.at(-1)?.atSec ?? 0) - from.atSec];
            expect(bytes).toBeLessThanOrEqual((spanSec * rate + burstBytes) * BLUR.bytes + rate * BLUR.sec);
          }
        }
      }),
    );
  });

  test('serves all, no later than the rate makes it', async () => {
    await fc.assert(
      fc.asyncProperty(anyTakers, anyRate, async (takers, rate) => {
        const { passed, burstBytes } = await passedBy(takers, rate);
        expect(passed).toHaveLength(takers.flat().length);
        const dueSec = Math.max(0, sumOf(passed) - burstBytes) / rate;
        expect(passed.at(-1)?.atSec ?? 0).toBeLessThanOrEqual(dueSec * BLUR.bytes + BLUR.sec);
      }),
    );
  });

  test('serves each in turn, however much the others want', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 20 }), async (others, rate) => {
        const whole = Array<number>(10).fill(Number.MAX_SAFE_INTEGER);
        const takers = Array.from({ length: others + 1 }, () => whole);
        const { passed } = await passedBy(takers, rate * 1000);
        for (let round = 0; round < whole.length; round++) {
          const served = passed.slice(round * takers.length, (round + 1) * takers.length).map(({ taker }) => taker);
          expect(new Set(served).size).toBe(takers.length);
        }
      }),
    );
  });

  test('serves the others when some are stopped, and takes nothing more for those that are', async () => {
    const anyTaker = fc.record({ bytes: fc.integer({ min: 1, max: 2000 }), isStopped: fc.boolean() });
    const anyCrowd = fc.array(anyTaker, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(anyCrowd, anyRate, fc.nat(3), async (takers, rate, stopAtSec) => {
        const clock = new VirtualClock();
        const limiter = createRateLimiter(rate, clock);
        const [stop, reason] = [new AbortController(), new Error('stopped')];
        const takes = takers.map(async ({ bytes, isStopped }) => {
          await limiter.take(bytes, isStopped ? stop.signal : NO_SIGNAL);
          return clock.seconds;
        });
        const settled = Promise.allSettled(takes);
        await clock.sleep(stopAtSec, NO_SIGNAL);
        stop.abort(reason);
        const results = await settled;
        const [bytes, stoppedBytes] = [false, true].map((kind) =>
          sumOf(takers.filter(({ isStopped }) => isStopped === kind)),
        ) as [number, number];
        for (const [place, result] of results.entries()) {
          if (result.status === 'rejected') expect([takers[place]?.isStopped, result.reason]).toEqual([true, reason]);
          // Those that were stopped may have had all that the rate allowed until then.
          else
            expect(result.value).toBeLessThanOrEqual(
              (Math.min(stoppedBytes, rate * stopAtSec + limiter.portionBytes) + bytes) / rate + stopAtSec + BLUR.sec,
            );
        }
      }),
    );
  });

  test('stops whoever is stopped at once, wherever it stands in line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.nat(9), async (crowd, who) => {
        const limiter = createRateLimiter(1, new VirtualClock());
        const [stop, reason] = [new AbortController(), new Error('stopped')];
        const rest = new AbortController();
        const takes = Array.from({ length: crowd }, (_, place) =>
          rejectionOf(limiter.take(100, place === who % crowd ? stop.signal : rest.signal)),
        );
        stop.abort(reason);
        expect(await Promise.race(takes)).toBe(reason);
        rest.abort(new Error('the test is over'));
        await Promise.all(takes);
      }),
    );
  });
});
