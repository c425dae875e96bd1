import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inParallel } from '../../../src/use-cases/in-parallel.ts';

const anyTurns = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 });

test('inParallel() works on as many at a time as there are jobs, begins in order, and gives results their places', async () => {
  await fc.assert(
    fc.asyncProperty(anyTurns, fc.integer({ min: 1, max: 6 }), async (turns, jobs) => {
      const begun: number[] = [];
      let running = 0;
      let most = 0;
      const results = await inParallel([...turns.entries()], jobs, async ([place, count]) => {
        begun.push(place);
        most = Math.max(most, ++running);
        for (let turn = 0; turn < count; turn++) await setImmediate();
        running--;
        return `${place}: ${count}`;
      });
      expect(results).toEqual(turns.map((count, place) => `${place}: ${count}`));
      expect(begun).toEqual(turns.map((_, place) => place));
      expect(most).toBe(Math.min(jobs, turns.length));
    }),
  );
});
