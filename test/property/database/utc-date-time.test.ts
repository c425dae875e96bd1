import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromDateTime, toDateTime } from '../../../src/database/utc-date-time.ts';

/** Beyond 2106 a number has not enough digits for all microseconds. */
const LAST_SEC = 2 ** 32;

/** Seconds; also those that no database takes. */
const someTime = fc.double({ min: 0, max: 3e11, noNaN: true });

const time = fc.tuple(fc.integer({ min: 0, max: LAST_SEC - 1 }), fc.integer({ min: 0, max: 999_999 }));

describe('toDateTime() and fromDateTime()', () => {
  test('give back every microsecond', () => {
    fc.assert(
      fc.property(time, ([seconds, micros]) => {
        const whole = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
        const text = `${whole}.${String(micros).padStart(6, '0')}`;
        const timeSec = fromDateTime(text);
        expect(timeSec).toBeCloseTo(seconds + micros / 1e6, 6);
        expect(toDateTime(timeSec ?? -1)).toBe(text);
      }),
    );
  });

  test('keep the order of times', () => {
    fc.assert(
      fc.property(someTime, someTime, (one, other) => {
        const texts = [one, other].sort((a, b) => a - b).map(toDateTime);
        expect([...texts].sort()).toEqual(texts);
      }),
    );
  });

  test('never throw, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void fromDateTime(text)));
  });
});
