import { describe, expect, test } from 'vitest';
import type { CacheFile } from '../../../src/cache/directory.ts';
import { isBackingOff, judgeStatus, nextTrySec, wantedImages } from '../../../src/plan/prefetch.ts';
import { journalOf } from '../../support/parts.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';
import { factsOf, NOW_SEC } from '../../support/snapshots.ts';

const [one, two, three] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
const HOUR = 3600;

describe('judgeStatus()', () => {
  test.each([
    ['active', { kind: 'fetch' }],
    ['queued', { kind: 'not-yet', reason: 'not-ready' }],
    ['saving', { kind: 'not-yet', reason: 'not-ready' }],
    ['uploading', { kind: 'not-yet', reason: 'not-ready' }],
    ['importing', { kind: 'not-yet', reason: 'not-ready' }],
    ['deactivated', { kind: 'not-yet', reason: 'deactivated' }],
    ['killed', { kind: 'settled', reason: 'deleted' }],
    ['deleted', { kind: 'settled', reason: 'deleted' }],
    ['pending_delete', { kind: 'settled', reason: 'deleted' }],
    ['a state of a later release', { kind: 'not-yet', reason: 'not-ready' }],
    ['', { kind: 'not-yet', reason: 'not-ready' }],
    ['ACTIVE', { kind: 'not-yet', reason: 'not-ready' }],
  ])('of an image that is %j is %j', (status, verdict) => {
    const image = { imageId: one, name: undefined, status, sizeBytes: 1, digest: undefined };
    expect(judgeStatus(image)).toEqual(verdict);
  });
});

describe('nextTrySec()', () => {
  test.each([
    [0, 0],
    [1, NOW_SEC + HOUR],
    [2, NOW_SEC + 2 * HOUR],
    [3, NOW_SEC + 4 * HOUR],
    [4, NOW_SEC + 8 * HOUR],
    [5, NOW_SEC + 16 * HOUR],
    [6, NOW_SEC + 24 * HOUR],
    [7, NOW_SEC + 24 * HOUR],
    [Number.MAX_SAFE_INTEGER, NOW_SEC + 24 * HOUR],
  ])('after %d mismatches in a row is %d', (mismatches, expected) => {
    expect(nextTrySec(journalOf(one, { mismatches, lastMismatchSec: NOW_SEC }))).toBe(expected);
  });
});

describe('isBackingOff()', () => {
  const journal = journalOf(one, { mismatches: 1, lastMismatchSec: NOW_SEC });

  test.each([
    [true, 'it has just gone wrong', NOW_SEC],
    [true, 'the pause is almost over', NOW_SEC + HOUR - 0.001],
    [false, 'the pause is over', NOW_SEC + HOUR],
    [false, 'the clock was set back since', NOW_SEC - 1],
    [false, 'the clock was set back by a year since', NOW_SEC - 3.2e7],
  ])('is %s when %s', (expected, _when, nowSec) => {
    expect(isBackingOff(journal, nowSec)).toBe(expected);
  });

  test('is false when nothing has ever gone wrong, or nothing is known', () => {
    expect([isBackingOff(journalOf(one), 0), isBackingOff(undefined, NOW_SEC)]).toEqual([false, false]);
  });
});

describe('wantedImages()', () => {
  const marker = (imageId: CacheFile['imageId'], modifiedSec: number, name: string = imageId): CacheFile => {
    return { imageId, name, facts: factsOf({ modifiedSec }) };
  };

  test('takes first what was queued first, and the lower ID of two that were queued together', () => {
    const queue = [marker(three, 10), marker(two, 20), marker(one, 20)];
    expect(wantedImages(queue, undefined, NOW_SEC)).toEqual([
      { imageId: three, markers: [three], queuedSec: 10, isUrgent: false },
      { imageId: one, markers: [one], queuedSec: 20, isUrgent: false },
      { imageId: two, markers: [two], queuedSec: 20, isUrgent: false },
    ]);
  });

  test('has an image once, at its earliest place, when it was queued under several spellings', () => {
    const names = [one.toUpperCase(), one.replaceAll('-', '')];
    const queue = [marker(one, 30), marker(two, 20), marker(one, 10, names[0]), marker(one, 40, names[1])];
    expect(wantedImages(queue, undefined, NOW_SEC)).toEqual([
      { imageId: one, markers: [one, ...names], queuedSec: 10, isUrgent: false },
      { imageId: two, markers: [two], queuedSec: 20, isUrgent: false },
    ]);
  });

  test('has those asked for, once, as they were asked for, with the markers they have', () => {
    const queue = [marker(one, 10), marker(two, 20)];
    expect(wantedImages(queue, [three, two, three], NOW_SEC)).toEqual([
      { imageId: three, markers: [], queuedSec: NOW_SEC, isUrgent: true },
      { imageId: two, markers: [two], queuedSec: 20, isUrgent: true },
    ]);
  });

  test('is empty when the queue is, or nothing is asked for', () => {
    expect([wantedImages([], undefined, NOW_SEC), wantedImages([marker(one, 1)], [], NOW_SEC)]).toEqual([[], []]);
  });
});
