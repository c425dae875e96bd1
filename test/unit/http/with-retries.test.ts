import { describe, expect, it } from 'vitest';
import { AuthError, RemoteError } from '../../../src/errors/cache-error.ts';
import { RetryBudget, type RetryPolicy, withRetries } from '../../../src/http/with-retries.ts';
import { systemClock } from '../../../src/time/system-clock.ts';
import { FakeClock } from '../../support/clocks.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL } from '../../support/transports.ts';

function transient(retryAfterSec?: number): RemoteError {
  const asked = retryAfterSec === undefined ? {} : { retryAfterSec };
  return new RemoteError('REMOTE_STATUS', 'Cannot try: busy', { isTransient: true, ...asked });
}

function policyOf(policy: Partial<RetryPolicy> = {}): RetryPolicy & { readonly clock: FakeClock } {
  return { retries: 3, random: () => 0, signal: NO_SIGNAL, ...policy, clock: new FakeClock() };
}

/** Work that throws what it is given, one after the other, then succeeds. */
function failing(...errors: readonly unknown[]): { readonly work: () => Promise<string>; tries: number } {
  const left = [...errors];
  const state = {
    tries: 0,
    work: async () => {
      state.tries += 1;
      if (left.length > 0) throw left.shift();
      return 'done';
    },
  };
  return state;
}

describe('withRetries', () => {
  it('tries until it goes well, and waits longer each time', async () => {
    const heard: unknown[] = [];
    const errors = [transient(), transient(10), transient()];
    const policy = policyOf({ onRetry: (...all) => heard.push(all) });
    const { work } = failing(...errors);
    expect(await withRetries(policy, work)).toBe('done');
    expect(policy.clock.sleeps).toEqual([0.25, 10.5, 1]);
    expect(heard).toEqual([
      [errors[0], 0.25, 1],
      [errors[1], 10.5, 2],
      [errors[2], 1, 3],
    ]);
  });

  it('throws the last error when the retries are used up', async () => {
    const errors = [transient(), transient(), transient(), transient()];
    const attempts = failing(...errors, transient());
    expect(await rejectionOf(withRetries(policyOf(), attempts.work))).toBe(errors[3]);
    expect(attempts.tries).toBe(4);
  });

  it('tries once when there are no retries', async () => {
    const attempts = failing(transient(), transient());
    await rejectionOf(withRetries(policyOf({ retries: 0 }), attempts.work));
    expect(attempts.tries).toBe(1);
  });

  it.each([
    new RemoteError('REMOTE_TLS', 'Cannot try: distrust'),
    new AuthError('AUTH_REFUSED', 'Cannot try: 401'),
    new TypeError('a bug'),
    undefined,
  ])('throws at once what will not pass: %s', async (error) => {
    const policy = policyOf();
    const attempts = failing(error);
    expect(await rejectionOf(withRetries(policy, attempts.work))).toBe(error);
    expect(attempts.tries).toBe(1);
    expect(policy.clock.sleeps).toEqual([]);
  });

  it('throws at once when the server wants to be left alone for longer than a run waits', async () => {
    const policy = policyOf();
    const error = transient(301);
    expect(await rejectionOf(withRetries(policy, failing(error).work))).toBe(error);
    expect(policy.clock.sleeps).toEqual([]);
  });

  it("throws the signal's reason when it is aborted while it waits, or has been before", async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { work } = failing(transient(200), transient());
    const policy = { retries: 3, random: () => 0, clock: systemClock, signal: controller.signal };
    let heard = 0;
    const onRetry = () => {
      heard += 1;
      setImmediate(() => controller.abort(reason));
    };
    expect(await rejectionOf(withRetries({ ...policy, onRetry }, work))).toBe(reason);
    expect(await rejectionOf(withRetries({ ...policy, onRetry }, failing(transient()).work))).toBe(reason);
    expect(heard).toBe(1);
  });
});

describe('RetryBudget', () => {
  it('counts failures anew after progress', async () => {
    const policy = policyOf({ retries: 2 });
    const budget = new RetryBudget(policy);
    for (let round = 0; round < 5; round += 1) {
      await budget.failed(transient());
      await budget.failed(transient());
      budget.progressed();
    }
    expect(policy.clock.sleeps.slice(0, 4)).toEqual([0.25, 0.5, 0.25, 0.5]);
    await budget.failed(transient());
    await budget.failed(transient());
    const last = transient();
    expect(await rejectionOf(budget.failed(last))).toBe(last);
  });
});
