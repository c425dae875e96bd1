import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FleetRow } from '../../../../src/cache/index/centralized/fleet.ts';
import { summarizeFleet } from '../../../../src/use-cases/fleet/fleet-stats.ts';
import { summarizeRows } from '../../../../src/use-cases/stats/row-summary.ts';
import { emptyNode, fleetRow } from '../../../support/fleets.ts';
import { imageIdOf } from '../../../support/seeded-cache.ts';

const URLS = ['', '__proto__', 'constructor', 'http://a:9292', 'http://b:9292', 'http://b:9292\n'];

const row: fc.Arbitrary<FleetRow> = fc.record({
  nodeUrl: fc.constantFrom(...URLS),
  imageId: fc.nat(9).map(imageIdOf),
  lastAccessedSec: fc.nat(9),
  lastModifiedSec: fc.nat(9),
  sizeBytes: fc.nat(1000),
  hits: fc.nat(9),
});
const rows = fc.uniqueArray(row, { selector: ({ nodeUrl, imageId }) => `${imageId} ${nodeUrl}` });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('summarizeFleet()', () => {
  test('has a total that is the sum of its nodes, each of which is the sum of its rows', () => {
    fc.assert(
      fc.property(rows, fc.subarray(URLS), (it, known) => {
        const { nodes, total, distinctImages } = summarizeFleet(known.map(emptyNode), it);
        expect(total).toEqual(summarizeRows(it));
        for (const key of ['images', 'sizeBytes', 'hits'] as const) {
          expect(sum(nodes.map((node) => node[key]))).toBe(total[key]);
        }
        for (const { nodeUrl, ...figures } of nodes) {
          expect(figures).toEqual(summarizeRows(it.filter((one) => one.nodeUrl === nodeUrl)));
        }
        const urls = [...new Set([...known, ...it.map(({ nodeUrl }) => nodeUrl)])].sort();
        expect(nodes.map(({ nodeUrl }) => nodeUrl)).toEqual(urls);
        expect(distinctImages).toBe(new Set(it.map(({ imageId }) => imageId)).size);
      }),
    );
  });

  test('takes a hundred thousand rows of a thousand nodes in a moment', () => {
    const many = Array.from({ length: 100_000 }, (_, number) =>
      fleetRow(`http://node-${number % 1000}`, imageIdOf(Math.floor(number / 1000)), { hits: 1 }),
    );
    const { nodes, total, distinctImages } = summarizeFleet([], many);
    expect([nodes.length, total.images, total.hits, distinctImages]).toEqual([1000, 100_000, 100_000, 100]);
  });
});
