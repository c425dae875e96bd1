import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHttpDate, parseRetryAfter } from '../../../src/http/retry-after.ts';

describe('parseRetryAfter', () => {
  const nowSec = 784_111_777;

  it.each([
    ['0', 0],
    ['120', 120],
    [' 7 ', 7],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['Sun, 06 Nov 1994 08:50:37 GMT', 60],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sun, 06 Nov 1994 07:00:00 GMT', 0],
  ])('takes %j for %d seconds', (text, seconds) => {
    expect(parseRetryAfter(text, nowSec)).toBe(seconds);
  });

  it.each(['', '-1', '1.5', '1e3', '0x10', 'soon', 'Sun, 06 Nov 1994 08:50:37', 'Xxx, 99 Xxx 1994 08:50:37 GMT'])(
    'takes nothing from %j',
    (text) => {
      expect(parseRetryAfter(text, nowSec)).toBeUndefined();
    },
  );

  it('takes nothing from a date when it does not know the time', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:50:37 GMT', undefined)).toBeUndefined();
    expect(parseRetryAfter('120', undefined)).toBe(120);
  });

  it('never gives a negative or endless time', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.nat().map(String),
          fc.date({ noInvalidDate: true }).map((d) => d.toUTCString()),
        ),
        fc.nat(),
        (text, now) => {
          const seconds = parseRetryAfter(text, now) ?? 0;
          expect(Number.isFinite(seconds) && seconds >= 0).toBe(true);
        },
      ),
    );
  });
});

describe('parseHttpDate', () => {
  it('reads what HTTP writes', () => {
    const date = fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('9999-12-31') });
    fc.assert(fc.property(date, (d) => parseHttpDate(d.toUTCString()) === Math.floor(d.getTime() / 1000)));
  });
});
