import { describe, expect, test } from 'vitest';
import { ARRIVALS_SEC, type Arrivals, forecast } from '../../../../src/use-cases/stats/forecast.ts';
import { madeUp, NOW_SEC, nodeStats } from '../../../support/node-stats.ts';

const DAY_SEC = 86_400;
const LONG_AGO = NOW_SEC - 100 * DAY_SEC;
const ROOM = { belowMaximumBytes: 1000, onFileSystemBytes: 5000 };

const came = (bytes: number, firstSec = LONG_AGO): Arrivals => ({
  images: bytes === 0 ? 0 : 3,
  bytes,
  firstSec,
  takenSec: NOW_SEC,
});

describe('forecast()', () => {
  test('goes on as the last seven days did', () => {
    expect(forecast(came(700), ROOM)).toEqual({
      state: 'filling',
      limit: 'max-size',
      fullInSec: 10 * DAY_SEC,
      arrivedImages: 3,
      arrivedBytes: 700,
      spanSec: ARRIVALS_SEC,
      bytesPerDay: 100,
    });
  });

  test('goes by the time since the first image came where that is less, and never by less than a day', () => {
    expect(forecast(came(600, NOW_SEC - 2 * DAY_SEC), ROOM)).toMatchObject({ bytesPerDay: 300, spanSec: 2 * DAY_SEC });
    expect(forecast(came(600, NOW_SEC - 60), ROOM)).toMatchObject({ bytesPerDay: 600, spanSec: DAY_SEC });
  });

  test('is of the limit that comes first', () => {
    const onFileSystemBytes = 200;
    expect(forecast(came(700), { ...ROOM, onFileSystemBytes })).toMatchObject({
      limit: 'file-system',
      fullInSec: 2 * DAY_SEC,
    });
  });

  test.each([0, -1])('says that it is full with room for %d bytes', (belowMaximumBytes) => {
    expect(forecast(came(0), { ...ROOM, belowMaximumBytes })).toMatchObject({ state: 'full', fullInSec: 0 });
  });

  test('expects nothing where nothing came', () => {
    expect(forecast(came(0), ROOM)).toMatchObject({ state: 'never', fullInSec: undefined, bytesPerDay: 0 });
  });

  test('counts what came within its time, by when it came and not by when it was used', () => {
    const images = [
      madeUp(1, { sizeBytes: 100, cameAgoSec: 6.9 * DAY_SEC }),
      madeUp(2, { sizeBytes: 30, cameAgoSec: 7.1 * DAY_SEC, usedAgoSec: 5 }),
      // A clock that was wrong.
      madeUp(3, { sizeBytes: 1, cameAgoSec: -DAY_SEC }),
    ];
    expect(nodeStats(images).forecast).toMatchObject({ arrivedImages: 2, arrivedBytes: 101, spanSec: ARRIVALS_SEC });
  });

  test('leaves free on the file system what is to stay free', () => {
    const images = [madeUp(1, { sizeBytes: 100 })];
    const snapshot = { space: { totalBytes: 1000, availableBytes: 300 } };
    const minFree = { kind: 'bytes', bytes: 300 } as const;
    expect(nodeStats(images, { snapshot, prune: { minFree } }).forecast).toMatchObject({
      state: 'full',
      limit: 'file-system',
    });
  });
});
