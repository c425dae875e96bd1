import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Serial } from '../../../../src/use-cases/prefetch/serial.ts';
import { rejectionOf } from '../../../support/thrown.ts';

describe('Serial', () => {
  test('does one thing after the other, in the order they were asked for', async () => {
    const serial = new Serial();
    const log: string[] = [];
    const work = (name: string, turns: number) => async (): Promise<string> => {
      log.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      log.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all([serial.run(work('a', 5)), serial.run(work('b', 1)), serial.run(work('c', 0))]);
    expect(results).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  test('goes on after one that failed, and tells its failure to whoever asked for it only', async () => {
    const serial = new Serial();
    const [fault, later] = [new Error('fault'), new Error('later')];
    const failed = serial.run(() => Promise.reject(fault));
    const next = serial.run(async () => 'next');
    const thrown = serial.run(() => {
      throw later;
    });
    expect(await rejectionOf(failed)).toBe(fault);
    expect(await next).toBe('next');
    expect(await rejectionOf(thrown)).toBe(later);
    expect(await serial.run(async () => 'last')).toBe('last');
  });

  test('begins at once when nothing is under way', async () => {
    const serial = new Serial();
    await serial.run(async () => undefined);
    let isBegun = false;
    const done = serial.run(async () => {
      isBegun = true;
    });
    await Promise.resolve();
    expect(isBegun).toBe(true);
    await done;
  });
});
