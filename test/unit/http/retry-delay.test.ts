import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RETRY_AFTER_SEC, retryDelaySec } from '../../../src/http/retry-delay.ts';

describe('retryDelaySec', () => {
  it('doubles from half a second to half a minute', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 1000, 5000].map((attempt) =>
      retryDelaySec({ attempt, random: 0, retryAfterSec: undefined }),
    );
    expect(delays).toEqual([0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 15]);
  });

  it('waits between half of the time and the whole of it, as chance has it', () => {
    const delays = [0, 0.5, 0.999].map((random) => retryDelaySec({ attempt: 3, random, retryAfterSec: undefined }));
    expect(delays).toEqual([1, 1.5, 1.999]);
  });

  it('gives up when the server asks for more than it waits', () => {
    const asked = (retryAfterSec: number) => retryDelaySec({ attempt: 1, random: 0, retryAfterSec });
    expect(asked(MAX_RETRY_AFTER_SEC)).toBe(MAX_RETRY_AFTER_SEC + 0.25);
    expect(asked(MAX_RETRY_AFTER_SEC + 1)).toBeUndefined();
    expect(asked(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  it('never comes back before it is asked to, nor at once, nor long after', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const retryAfterSec = fc.option(fc.double({ min: 0, max: MAX_RETRY_AFTER_SEC, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), random, retryAfterSec, (attempt, chance, asked) => {
        const delaySec = retryDelaySec({ attempt, random: chance, retryAfterSec: asked }) ?? Number.NaN;
        expect(delaySec).toBeGreaterThanOrEqual((asked ?? 0) + 0.25);
        expect(delaySec).toBeLessThanOrEqual((asked ?? 0) + 30);
      }),
    );
  });
});
