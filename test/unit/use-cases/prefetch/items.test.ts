import { describe, expect, test } from 'vitest';
import { CacheStateError, RemoteError } from '../../../../src/errors/cache-error.ts';
import type { Image } from '../../../../src/glance/image.ts';
import type { WantedImage } from '../../../../src/plan/prefetch.ts';
import { failedItem, hasCode, itemOf, notFetchedItem, plannedItem } from '../../../../src/use-cases/prefetch/items.ts';
import type { NotFetched, PlannedFetch } from '../../../../src/use-cases/prefetch/look-ahead.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

const one = imageIdOf(1);
const WANTED: WantedImage = { imageId: one, markers: [one], queuedSec: 5, isUrgent: false };
const IMAGE: Image = { imageId: one, name: 'debian', status: 'active', sizeBytes: 100, digest: undefined };
const BLANK = {
  imageId: one,
  action: 'fetch',
  result: 'skipped',
  reason: undefined,
  area: undefined,
  sizeBytes: undefined,
  lastUsedSec: undefined,
  error: undefined,
  name: undefined,
  source: undefined,
  fetchedBytes: undefined,
  resumedBytes: undefined,
  elapsedSec: undefined,
};

describe('itemOf()', () => {
  test('has name and size of an image that Glance has described, and neither of another', () => {
    expect(itemOf(WANTED, IMAGE)).toEqual({ ...BLANK, name: 'debian', sizeBytes: 100 });
    expect(itemOf(WANTED, undefined)).toEqual(BLANK);
  });
});

describe('plannedItem()', () => {
  const planned = (more: Partial<PlannedFetch>): PlannedFetch => {
    return { kind: 'fetch', wanted: WANTED, image: IMAGE, storePath: undefined, presentBytes: 0, ...more };
  };

  test.each<[string, Partial<PlannedFetch>, object]>([
    ['a download', {}, { source: 'http', fetchedBytes: 100, resumedBytes: 0 }],
    ['what is left of a download', { presentBytes: 60 }, { source: 'http', fetchedBytes: 40, resumedBytes: 60 }],
    ['a copy', { storePath: '/srv/image' }, { source: 'store', fetchedBytes: 100, resumedBytes: 0 }],
    [
      'a download of unknown size',
      { image: { ...IMAGE, sizeBytes: undefined } },
      { source: 'http', sizeBytes: undefined, fetchedBytes: undefined, resumedBytes: 0 },
    ],
  ])('tells source and bytes of %s', (_what, more, expected) => {
    expect(plannedItem(planned(more))).toEqual({
      ...BLANK,
      result: 'planned',
      name: 'debian',
      sizeBytes: 100,
      ...expected,
    });
  });
});

describe('notFetchedItem()', () => {
  const notFetched = (more: Partial<NotFetched>): NotFetched => {
    return { kind: 'not-yet', wanted: WANTED, image: IMAGE, reason: undefined, error: undefined, ...more };
  };

  test('leaves in the queue what is not to be had yet', () => {
    const prospect = notFetched({ kind: 'not-yet', reason: 'deactivated' });
    const expected = { ...BLANK, name: 'debian', sizeBytes: 100, reason: 'deactivated' };
    expect(notFetchedItem(prospect, 'done')).toEqual(expected);
    expect(notFetchedItem(prospect, 'planned')).toEqual(expected);
  });

  test('takes out of the queue what is settled', () => {
    const prospect = notFetched({ kind: 'settled', reason: 'cached', image: undefined });
    const expected = { ...BLANK, action: 'unqueue', area: 'queue', reason: 'cached' };
    expect(notFetchedItem(prospect, 'done')).toEqual({ ...expected, result: 'done' });
    expect(notFetchedItem(prospect, 'planned')).toEqual({ ...expected, result: 'planned' });
  });

  test('does nothing about what is settled and has no marker', () => {
    const prospect = notFetched({ kind: 'settled', reason: 'cached', wanted: { ...WANTED, markers: [] } });
    expect(notFetchedItem(prospect, 'done')).toMatchObject({ action: 'fetch', result: 'skipped', reason: 'cached' });
  });

  test('tells the error of what failed', () => {
    const error = new RemoteError('REMOTE_STATUS', 'Cannot look up the image: fault');
    expect(notFetchedItem(notFetched({ kind: 'failed', error, image: undefined }), 'done')).toEqual({
      ...BLANK,
      result: 'failed',
      error: { code: 'REMOTE_STATUS', message: 'Cannot look up the image: fault' },
    });
  });
});

describe('failedItem()', () => {
  test('keeps what is known of the image, and takes an error that nobody expected for a bug', () => {
    expect(failedItem(itemOf(WANTED, IMAGE), new TypeError('x is undefined'))).toMatchObject({
      name: 'debian',
      sizeBytes: 100,
      result: 'failed',
      error: { code: 'BUG', message: 'x is undefined' },
    });
  });
});

describe('hasCode()', () => {
  test.each([
    [true, 'an error of that code', new CacheStateError('CACHE_NO_SPACE', 'full')],
    [false, 'an error of another code', new CacheStateError('CACHE_IO', 'fault')],
    [false, "something else's error with that code", Object.assign(new Error('full'), { code: 'CACHE_NO_SPACE' })],
    [false, 'no error at all', undefined],
  ])('is %s of %s', (expected, _what, error) => {
    expect(hasCode(error, 'CACHE_NO_SPACE')).toBe(expected);
  });
});
