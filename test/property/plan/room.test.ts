import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRoom, type RoomAsked, type RoomLimits, type RoomTaken } from '../../../src/plan/room.ts';

const bytes = fc.oneof(fc.constantFrom(0, 1, 100), fc.nat(1000));
const anyLimits: fc.Arbitrary<RoomLimits> = fc.record({
  maxSizeBytes: bytes,
  pinnedBytes: fc.oneof(fc.constant(0), bytes),
  minFreeBytes: bytes,
});
const anyTaken: fc.Arbitrary<RoomTaken> = fc.record({
  availableBytes: fc.nat(3000),
  pendingBytes: bytes,
  admittedBytes: bytes,
});
const anyAsked: fc.Arbitrary<RoomAsked> = fc.record({ sizeBytes: bytes, presentBytes: bytes });

describe('judgeRoom()', () => {
  test('says exactly how much is lacking: with so much more that reason is gone, with one byte less it is not', () => {
    fc.assert(
      fc.property(anyAsked, anyTaken, anyLimits, (asked, taken, limits) => {
        const room = judgeRoom(asked, taken, limits);
        if (room.kind === 'fits') return;
        const again = (moreBytes: number): string => {
          if (room.kind === 'no-space') {
            return judgeRoom(asked, { ...taken, availableBytes: taken.availableBytes + moreBytes }, limits).kind;
          }
          return judgeRoom(asked, taken, { ...limits, maxSizeBytes: limits.maxSizeBytes + moreBytes }).kind;
        };
        expect(room.lackingBytes).toBeGreaterThan(0);
        expect(again(room.lackingBytes - 1)).toBe(room.kind);
        expect(again(room.lackingBytes)).not.toBe(room.kind);
        if (room.kind === 'no-space') expect(again(room.lackingBytes)).toBe('fits');
      }),
    );
  });

  test('never refuses an image because more is free, more is allowed, or less is taken', () => {
    fc.assert(
      fc.property(anyAsked, anyTaken, anyLimits, bytes, (asked, taken, limits, more) => {
        fc.pre(judgeRoom(asked, taken, limits).kind === 'fits');
        const less = (amount: number): number => Math.max(0, amount - more);
        const easier = {
          availableBytes: taken.availableBytes + more,
          pendingBytes: less(taken.pendingBytes),
          admittedBytes: less(taken.admittedBytes),
        };
        const wider = {
          maxSizeBytes: limits.maxSizeBytes + more,
          pinnedBytes: less(limits.pinnedBytes),
          minFreeBytes: less(limits.minFreeBytes),
        };
        expect(judgeRoom(asked, easier, wider)).toEqual({ kind: 'fits' });
      }),
    );
  });
});
