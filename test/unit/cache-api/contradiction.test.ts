import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IndexRow } from '../../../src/cache/index/index-db.ts';
import type { RemoteState } from '../../../src/cache-api/cache-api.ts';
import { contradictionOf, hasChanged, returnOf } from '../../../src/cache-api/contradiction.ts';
import { imageIdOf } from '../glance/image-ids.ts';

const NOW_SEC = 1_000_000;
const A = imageIdOf(1);
const ROW: IndexRow = { imageId: A, hits: 3, lastAccessedSec: 900_000, lastModifiedSec: 800_000, sizeBytes: 1 };

const holding = (...cached: readonly IndexRow[]): RemoteState => ({ cached, queued: [] });
const queueing = (...queued: readonly string[]): RemoteState => ({ cached: [], queued });
const at = (state: RemoteState) => ({ state, atSec: NOW_SEC });

describe('contradictionOf()', () => {
  test.each<readonly [string, RemoteState, RemoteState, string]>([
    ['an old image that was missing', holding(), holding(ROW), 'has been cached for long, and was missing'],
    ['fewer hits', holding(ROW), holding({ ...ROW, hits: 2 }), 'has fewer hits'],
    ['an earlier access', holding(ROW), holding({ ...ROW, lastAccessedSec: 899_999 }), 'was accessed later'],
    ['an access that is gone', holding(ROW), holding({ ...ROW, lastAccessedSec: 0 }), 'was accessed later'],
    ['an older copy', holding(ROW), holding({ ...ROW, lastModifiedSec: 1 }), 'has been cached at two'],
    ['a newer copy that is old', holding(ROW), holding({ ...ROW, lastModifiedSec: 990_000 }), 'has been cached at two'],
  ])('tells %s', (_what, earlier, later, state) => {
    expect(contradictionOf(at(earlier), at(later))).toContain(`image ${A} ${state}`);
  });

  test.each<readonly [string, RemoteState, RemoteState]>([
    ['the same', holding(ROW), holding(ROW)],
    ['use', holding(ROW), holding({ ...ROW, hits: 9, lastAccessedSec: NOW_SEC })],
    ['removal', holding(ROW), holding()],
    ['a new image', holding(), holding({ ...ROW, hits: 0, lastModifiedSec: NOW_SEC - 59 })],
    ['a new copy', holding(ROW), holding({ ...ROW, hits: 0, lastModifiedSec: NOW_SEC + 1 })],
    ['an image of no known time', holding(), holding({ ...ROW, lastModifiedSec: 0 })],
    ['a new size', holding(ROW), holding({ ...ROW, sizeBytes: 2 })],
    ['another queue', queueing(A), queueing(imageIdOf(2))],
  ])('takes %s for what one node may say', (_what, earlier, later) => {
    expect(contradictionOf(at(earlier), at(later))).toBeUndefined();
  });

  test('never tells a node from itself, whatever happens to its cache', () => {
    const step = fc.record({ kind: fc.constantFrom('read', 'remove', 'cache'), image: fc.integer({ min: 1, max: 4 }) });
    const rows = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(NOW_SEC), fc.nat(NOW_SEC), fc.nat(9)), {
      selector: ([image]) => image,
    });
    fc.assert(
      fc.property(rows, fc.array(step), (old, steps) => {
        const cache = new Map(
          old.map(([image, lastModifiedSec, lastAccessedSec, hits]) => [
            image,
            { imageId: imageIdOf(image), lastModifiedSec, lastAccessedSec, hits, sizeBytes: 1 },
          ]),
        );
        const before = at(holding(...cache.values()));
        steps.forEach(({ kind, image }, place) => {
          const row = cache.get(image);
          const nowSec = NOW_SEC + place / 100;
          if (kind === 'remove') cache.delete(image);
          else if (kind === 'read' && row !== undefined) {
            cache.set(image, { ...row, hits: row.hits + 1, lastAccessedSec: nowSec });
          } else if (row === undefined) {
            const times = { lastModifiedSec: nowSec, lastAccessedSec: nowSec };
            cache.set(image, { imageId: imageIdOf(image), ...times, hits: 0, sizeBytes: 1 });
          }
        });
        expect(contradictionOf(before, at(holding(...cache.values())))).toBeUndefined();
      }),
    );
  });
});

test.each<readonly [RemoteState, RemoteState, boolean]>([
  [holding(ROW), holding(ROW), false],
  [holding(), holding(ROW), false],
  [holding(ROW), holding(), true],
  [queueing(A), queueing(), true],
  [queueing(), queueing(A), true],
])('hasChanged() tells what a third look may show: case %#', (earlier, later, is) => {
  expect(hasChanged(earlier, later)).toBe(is);
});

test.each<readonly [string, RemoteState, RemoteState, RemoteState, boolean]>([
  ['was gone for a moment', queueing(A), queueing(), queueing(A), true],
  ['was there for a moment', queueing(), queueing(A), queueing(), true],
  ['is in the cache by now', queueing(), queueing(A), holding(ROW), false],
  ['stays as it was', queueing(A), queueing(A), queueing(A), false],
  ['goes on', queueing(A), queueing(), queueing(), false],
])('returnOf() looks at what %s', (_what, first, second, third, is) => {
  expect(returnOf(first, second, third) !== undefined).toBe(is);
});
