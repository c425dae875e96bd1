import { describe, expect, test } from 'vitest';
import { RingPool } from '../../../../src/execute/transfer/ring-pool.ts';

describe('RingPool', () => {
  test('makes rings of as many and as large buffers as it is told, in memory that threads may share', () => {
    const ring = new RingPool({ buffers: 3, bufferBytes: 10 }).take();
    expect(ring.map(({ length }) => length)).toEqual([10, 10, 10]);
    expect(new Set(ring.map(({ buffer }) => buffer)).size).toBe(3);
    for (const { buffer } of ring) expect(buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('gives a ring to one at a time, and makes no more than are used at once', () => {
    const rings = new RingPool({ buffers: 2, bufferBytes: 1 });
    const [one, two] = [rings.take(), rings.take()];
    expect(one).not.toBe(two);
    for (let again = 0; again < 3; again++) {
      rings.giveBack(two);
      rings.giveBack(one);
      expect(new Set([rings.take(), rings.take()])).toEqual(new Set([one, two]));
    }
  });

  test('spends little memory on a transfer unless told otherwise, and has a buffer to fill while others are used', () => {
    const ring = new RingPool().take();
    expect(ring.length).toBeGreaterThanOrEqual(2);
    expect(ring.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(4 * 1024 * 1024);
  });
});
