import { expect, test } from 'vitest';
import { RateMeter } from '../../../../src/cli/progress/rate-meter.ts';
import { FakeClock } from '../../../support/clocks.ts';

/** Adds bytes every tenth of a second. */
function feed(meter: RateMeter, clock: FakeClock, { bytesPerSec, forSec }: { bytesPerSec: number; forSec: number }) {
  for (let tenth = 0; tenth < forSec * 10; tenth += 1) {
    clock.seconds += 0.1;
    meter.add(bytesPerSec / 10);
  }
}

test('RateMeter knows no rate when it has just begun', () => {
  const clock = new FakeClock();
  const meter = new RateMeter(clock);
  meter.add(1000);
  clock.seconds += 0.4;
  expect(meter.bytesPerSec()).toBeUndefined();
});

test('RateMeter tells the rate when bytes come evenly', () => {
  const clock = new FakeClock();
  const meter = new RateMeter(clock);
  feed(meter, clock, { bytesPerSec: 1000, forSec: 60 });
  expect(meter.bytesPerSec()).toBeGreaterThan(950);
  expect(meter.bytesPerSec()).toBeLessThan(1050);
});

test('RateMeter forgets what was more than five seconds ago', () => {
  const clock = new FakeClock();
  const meter = new RateMeter(clock);
  feed(meter, clock, { bytesPerSec: 1_000_000, forSec: 10 });
  feed(meter, clock, { bytesPerSec: 1000, forSec: 2 });
  expect(meter.bytesPerSec()).toBeGreaterThan(100_000);
  feed(meter, clock, { bytesPerSec: 1000, forSec: 4 });
  expect(meter.bytesPerSec()).toBeLessThan(1050);
});

test('RateMeter falls to nothing when bytes stop coming, though nobody adds any', () => {
  const clock = new FakeClock();
  const meter = new RateMeter(clock);
  feed(meter, clock, { bytesPerSec: 1000, forSec: 10 });
  const rates: number[] = [];
  for (let half = 0; half < 12; half += 1) {
    clock.seconds += 0.5;
    rates.push(meter.bytesPerSec() ?? Number.NaN);
  }
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(rates.at(-1)).toBe(0);
});

test('RateMeter keeps its figure for half a second when the bytes do not come evenly', () => {
  const clock = new FakeClock();
  const meter = new RateMeter(clock);
  feed(meter, clock, { bytesPerSec: 1000, forSec: 10 });
  clock.seconds += 0.5;
  const rate = meter.bytesPerSec();
  meter.add(1_000_000);
  clock.seconds += 0.25;
  expect(meter.bytesPerSec()).toBe(rate);
  clock.seconds += 0.25;
  expect(meter.bytesPerSec()).toBeGreaterThan(100_000);
});

test('RateMeter tells the rate over the time that passed when nobody looked for long', () => {
  const clock = new FakeClock();
  const meter = new RateMeter(clock);
  meter.add(3000);
  clock.seconds += 30;
  expect(meter.bytesPerSec()).toBe(100);
});
