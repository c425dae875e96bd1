import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { inParallel } from '../../../src/use-cases/in-parallel.ts';

describe('inParallel()', () => {
  test('begins the next one as soon as any has ended', async () => {
    const log: string[] = [];
    const ends = new Map<string, () => void>();
    const done = inParallel(['a', 'b', 'c'], 2, async (name) => {
      log.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
    });
    expect(log).toEqual(['a', 'b']);
    ends.get('b')?.();
    await setImmediate();
    expect(log).toEqual(['a', 'b', 'c']);
    for (const end of ends.values()) end();
    await done;
  });

  test('is done at once when there is nothing to do', async () => {
    expect(await inParallel([], 4, () => Promise.reject(new Error('Nothing was to be done')))).toEqual([]);
  });
});
