import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cachedRows, parseList, queuedIds } from '../../../src/cache-api/parse-state.ts';
import { parseVersions } from '../../../src/cache-api/version-document.ts';
import { hasUnprintable } from '../../../src/text/printable.ts';
import { fakeRow } from '../../support/fake-node.ts';
import { thrownBy } from '../../support/thrown.ts';
import { imageIdOf } from '../glance/image-ids.ts';

const A = imageIdOf(1);
const NOTHING = { imageId: A, hits: 0, lastAccessedSec: 0, lastModifiedSec: 0, sizeBytes: 0 };

describe('cachedRows()', () => {
  test('takes times and sizes as they are', () => {
    const row = fakeRow(A, { last_accessed: 1_700_000_000.123456, size: 2 ** 50 });
    expect(cachedRows([row])).toEqual([
      { imageId: A, hits: 3, lastAccessedSec: 1_700_000_000.123456, lastModifiedSec: 500.25, sizeBytes: 2 ** 50 },
    ]);
  });

  test.each([undefined, null, '5', -1, 1e300, {}, [], true])('takes %j for 0', (nonsense) => {
    const fields = { hits: nonsense, last_accessed: nonsense, last_modified: nonsense, size: nonsense };
    expect(cachedRows([{ image_id: A, ...fields }])).toEqual([NOTHING]);
  });

  test('takes parts of bytes for 0', () => {
    expect(cachedRows([{ image_id: A, size: 1.5, hits: 0.1 }])).toEqual([NOTHING]);
  });

  test.each([null, 1, 'text', [], {}, { image_id: 5 }, { image_id: '' }])('passes over %j', (entry) => {
    expect(cachedRows([entry, { image_id: A }])).toEqual([NOTHING]);
  });

  test('makes IDs printable, and short', () => {
    expect(cachedRows([{ image_id: '\x1b[2J' }])[0]?.imageId).toBe('\\x1b[2J');
    expect(cachedRows([{ image_id: 'a'.repeat(1000) }])[0]?.imageId).toHaveLength(64);
  });

  test('makes no terminal obey, whatever the JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ image_id: fc.string({ unit: 'binary' }) }))),
        (list) => {
          for (const row of cachedRows(list)) {
            expect(hasUnprintable(row.imageId)).toBe(false);
            for (const value of [row.hits, row.sizeBytes]) expect(Number.isSafeInteger(value)).toBe(true);
            for (const value of Object.values(row)) expect(typeof value === 'string' || value >= 0).toBe(true);
          }
          expect(queuedIds(list).some(hasUnprintable)).toBe(false);
        },
      ),
    );
  });
});

test('queuedIds() keeps the order and any spelling, and passes over what is no text', () => {
  expect(queuedIds([A.toUpperCase(), 1, null, '', '\n', A])).toEqual([A.toUpperCase(), '\\x0a', A]);
});

test.each(['', '<html>', '[]', 'null', '{}', '{"queued_images": {}}', '{"queued_images": null}'])(
  'parseList() refuses %j',
  (text) => {
    expect(thrownBy(() => parseList(text, 'queued_images', 'list'))).toMatchObject({ code: 'REMOTE_ANSWER' });
  },
);

describe('parseVersions()', () => {
  const document = (...ids: readonly unknown[]): string => JSON.stringify({ versions: ids.map((id) => ({ id })) });

  test.each([
    [document('v2.16', 'v2.15', 'v2.14', 'v2.9'), { newest: '2.16', hasCacheApi: true, hasPrune: false }],
    [document('v2.18', 'v2.17', 'v2.16', 'v2.14'), { newest: '2.18', hasCacheApi: true, hasPrune: true }],
    [document('v2.15', 'v2.9', 'v2.17'), { newest: '2.17', hasCacheApi: false, hasPrune: false }],
    [document('v2.9', 'v2.13', 'v1.1', 5, null), { newest: '2.13', hasCacheApi: false, hasPrune: false }],
  ])('tells the newest, and what it has: %s', (text, versions) => {
    expect(parseVersions(text)).toEqual(versions);
  });

  test.each([
    '',
    '<html>',
    '[]',
    '{}',
    document(),
    document('v3'),
    document('v2.x\x1b'),
    '{"versions": {"values": []}}',
  ])('takes %j for none', (text) => {
    expect(parseVersions(text)).toBeUndefined();
  });
});
