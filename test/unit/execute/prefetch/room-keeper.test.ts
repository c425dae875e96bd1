import { beforeEach, describe, expect, test } from 'vitest';
import { RoomKeeper } from '../../../../src/execute/prefetch/room-keeper.ts';

const whole = (sizeBytes: number) => ({ sizeBytes, presentBytes: 0 });

let availableBytes: number;
let keeper: RoomKeeper;

beforeEach(() => {
  availableBytes = 1000;
  keeper = new RoomKeeper({ maxSizeBytes: 1000, pinnedBytes: 100, minFreeBytes: 200 }, () => ({
    totalBytes: 5000,
    availableBytes,
  }));
});

describe('RoomKeeper', () => {
  test('judges without giving room', () => {
    for (let times = 0; times < 3; times++) expect(keeper.judge(whole(800)).kind).toBe('fits');
  });

  test('counts what others have still to write as taken, and what they have written as the disk does', () => {
    const place = keeper.take(whole(500));
    expect(keeper.judge(whole(301))).toEqual({ kind: 'no-space', lackingBytes: 1 });
    expect(keeper.judge(whole(300)).kind).toBe('fits');
    // 400 of the 500 are on the disk.
    availableBytes = 600;
    place.setPending(100);
    expect(keeper.judge(whole(301))).toEqual({ kind: 'no-space', lackingBytes: 1 });
    expect(keeper.judge(whole(300)).kind).toBe('fits');
  });

  test('takes no room for what lies in a part already', () => {
    keeper.take({ sizeBytes: 500, presentBytes: 450 });
    availableBytes = 550;
    expect(keeper.judge(whole(301))).toEqual({ kind: 'no-space', lackingBytes: 1 });
    expect(keeper.judge(whole(300)).kind).toBe('fits');
  });

  test('takes the room of a part again that begins anew', () => {
    const place = keeper.take({ sizeBytes: 500, presentBytes: 500 });
    expect(keeper.judge(whole(400)).kind).toBe('fits');
    place.setPending(500);
    expect(keeper.judge(whole(400))).toEqual({ kind: 'no-space', lackingBytes: 100 });
  });

  test('gives back the space of an image that has ended, and what it counted in the run when it was not fetched', () => {
    const [fetched, failed] = [keeper.take(whole(300)), keeper.take(whole(400))];
    expect(keeper.judge(whole(201))).toEqual({ kind: 'run-limit', lackingBytes: 1 });
    fetched.release(300);
    expect(keeper.judge(whole(201))).toEqual({ kind: 'run-limit', lackingBytes: 1 });
    failed.release(0);
    expect(keeper.judge(whole(601))).toEqual({ kind: 'run-limit', lackingBytes: 1 });
    expect(keeper.judge(whole(600)).kind).toBe('fits');
  });

  test('never counts less than nothing as still to be written', () => {
    const place = keeper.take(whole(100));
    place.setPending(-5000);
    expect(keeper.mostBytes()).toBe(800);
    place.release(100);
    expect(keeper.mostBytes()).toBe(800);
  });

  test('counts an image of unknown size in the run once its size is known', () => {
    keeper.take(whole(0)).release(700);
    expect(keeper.judge(whole(201))).toEqual({ kind: 'run-limit', lackingBytes: 1 });
    expect(keeper.mostBytes()).toBe(200);
  });

  test('mostBytes() is the narrower of what the run may fetch and what is free beside the others', () => {
    expect(keeper.mostBytes()).toBe(800);
    keeper.take(whole(300));
    expect(keeper.mostBytes()).toBe(500);
    availableBytes = 5000;
    expect(keeper.mostBytes()).toBe(600);
    availableBytes = 0;
    expect(keeper.mostBytes()).toBe(0);
  });
});
