import { describe, expect, test } from 'vitest';
import { judgeRoom, type RoomAsked, type RoomLimits, type RoomTaken } from '../../../src/plan/room.ts';

const LIMITS: RoomLimits = { maxSizeBytes: 1000, pinnedBytes: 0, minFreeBytes: 100 };
const TAKEN: RoomTaken = { availableBytes: 5000, pendingBytes: 0, admittedBytes: 0 };

describe('judgeRoom()', () => {
  test.each<[string, RoomAsked, Partial<RoomTaken>, unknown]>([
    ['is as large as the whole cache', { sizeBytes: 1000, presentBytes: 0 }, {}, { kind: 'fits' }],
    [
      'is larger than the whole cache',
      { sizeBytes: 1007, presentBytes: 1007 },
      {},
      { kind: 'too-large', lackingBytes: 7 },
    ],
    ['fills up the run', { sizeBytes: 400, presentBytes: 0 }, { admittedBytes: 600 }, { kind: 'fits' }],
    [
      'is more than the run may fetch',
      { sizeBytes: 400, presentBytes: 400 },
      { admittedBytes: 603 },
      { kind: 'run-limit', lackingBytes: 3 },
    ],
    [
      'leaves the reserve and what others have still to write',
      { sizeBytes: 500, presentBytes: 0 },
      { availableBytes: 800, pendingBytes: 200 },
      { kind: 'fits' },
    ],
    [
      'would take from what others have still to write',
      { sizeBytes: 500, presentBytes: 0 },
      { availableBytes: 800, pendingBytes: 209 },
      { kind: 'no-space', lackingBytes: 9 },
    ],
    [
      'lies in its part but for what fits',
      { sizeBytes: 500, presentBytes: 450 },
      { availableBytes: 150 },
      { kind: 'fits' },
    ],
    [
      'lacks more than fits',
      { sizeBytes: 500, presentBytes: 449 },
      { availableBytes: 150 },
      { kind: 'no-space', lackingBytes: 1 },
    ],
    [
      'is complete and the disk is full',
      { sizeBytes: 500, presentBytes: 500 },
      { availableBytes: 0 },
      { kind: 'fits' },
    ],
    ['has no bytes and the disk is full', { sizeBytes: 0, presentBytes: 0 }, { availableBytes: 0 }, { kind: 'fits' }],
    [
      'meets a disk with less free than is to stay free',
      { sizeBytes: 1, presentBytes: 0 },
      { availableBytes: 40 },
      { kind: 'no-space', lackingBytes: 61 },
    ],
  ])('of an image that %s', (_what, asked, taken, expected) => {
    expect(judgeRoom(asked, { ...TAKEN, ...taken }, LIMITS)).toEqual(expected);
  });

  test('leaves what is pinned aside: it never makes way for what is fetched', () => {
    const limits = { ...LIMITS, pinnedBytes: 400 };
    const taken = { ...TAKEN, availableBytes: 5000, admittedBytes: 0 };
    const judge = (sizeBytes: number, more: Partial<RoomTaken> = {}, pinnedBytes = 400) =>
      judgeRoom({ sizeBytes, presentBytes: 0 }, { ...taken, ...more }, { ...limits, pinnedBytes });
    expect(judge(600)).toEqual({ kind: 'fits' });
    expect(judge(601)).toEqual({ kind: 'too-large', lackingBytes: 1 });
    expect(judge(300, { admittedBytes: 301 })).toEqual({ kind: 'run-limit', lackingBytes: 1 });
    expect(judge(10, {}, 1500)).toEqual({ kind: 'too-large', lackingBytes: 510 });
    expect(judge(0, {}, 1500)).toEqual({ kind: 'fits' });
  });

  test('tells what no other run will change before what the next one may', () => {
    const asked = { sizeBytes: 1500, presentBytes: 0 };
    const taken = { availableBytes: 0, pendingBytes: 500, admittedBytes: 900 };
    expect(judgeRoom(asked, taken, LIMITS).kind).toBe('too-large');
    expect(judgeRoom(asked, taken, { ...LIMITS, maxSizeBytes: 2000 }).kind).toBe('run-limit');
    expect(judgeRoom(asked, taken, { ...LIMITS, maxSizeBytes: 3000 }).kind).toBe('no-space');
  });
});
