import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../../src/cache/index/centralized/fleet.ts';
import { openFleet } from '../../../src/cache/index/centralized/open-fleet.ts';
import { FakeClock } from '../../support/clocks.ts';
import { useFleetDatabase } from '../../support/fleet-database.ts';
import { imageIdOf } from '../../support/seeded-cache.ts';

const database = useFleetDatabase();

const [A, B, C] = ['http://a:9292', 'http://B:9292', 'http://c:9292'];

async function withFleet<T>(work: (fleet: Fleet) => Promise<T>): Promise<T> {
  const settings = { connection: `sqlite:///${database().path}`, connectionParameters: '', origin: 'a test' };
  const patience = { clock: new FakeClock(), timeoutSec: 1, signal: new AbortController().signal };
  const fleet = await openFleet(settings, patience);
  try {
    return await work(fleet);
  } finally {
    fleet.close();
  }
}

describe('openFleet()', () => {
  test('gives rows of all nodes over many answers, ordered by node and ID as code units are', async () => {
    for (const url of [C, A, B]) database().addNode(url);
    const many = Array.from({ length: 10_001 }, (_, number) => imageIdOf(10_001 - number));
    database().addImages(C, many);
    database().addImages(A, many);
    database().addImages(B, [imageIdOf(7)], { hits: 3, size: 5, modified: '2023-11-14 22:13:20' });
    const rows = await withFleet((fleet) => fleet.rows());
    expect(rows.length).toBe(20_003);
    expect(rows[0]).toEqual({
      nodeUrl: B,
      imageId: imageIdOf(7),
      lastAccessedSec: 1_700_000_000.25,
      lastModifiedSec: 1_700_000_000,
      sizeBytes: 5,
      hits: 3,
    });
    expect(rows.slice(1).map(({ nodeUrl, imageId }) => `${nodeUrl} ${imageId}`)).toEqual(
      [A, C].flatMap((url) => [...many].reverse().map((imageId) => `${url} ${imageId}`)),
    );
    expect((await withFleet((fleet) => fleet.rows(imageIdOf(7)))).map(({ nodeUrl }) => nodeUrl)).toEqual([B, A, C]);
  });

  test('counts for a node what the list of its rows adds up to, odd values included', async () => {
    for (const url of [A, B, C]) database().addNode(url);
    const values = [0, 1, -5, 2 ** 40, '7', 'x', '', 1.5, Buffer.from([1])];
    for (const [at, value] of values.entries()) {
      database().addImages(A, [imageIdOf(at)], { size: value, hits: value });
      database().addImages(B, [imageIdOf(at)], { size: 2n ** 62n, hits: 1 });
    }
    const [nodes, rows] = await withFleet(async (fleet) => [await fleet.nodes(), await fleet.rows()] as const);
    for (const { url, ...sums } of nodes) {
      const own = rows.filter(({ nodeUrl }) => nodeUrl === url);
      const sumOf = (key: 'sizeBytes' | 'hits'): number => own.reduce((sum, row) => sum + row[key], 0);
      const used = own.length === 0 ? undefined : 1_700_000_000.25;
      expect(sums, url).toEqual({
        images: own.length,
        sizeBytes: sumOf('sizeBytes'),
        hits: sumOf('hits'),
        lastAccessedSec: used,
      });
    }
  });

  test('leaves out what a removed node has left behind', async () => {
    for (const url of [A, B]) database().addNode(url);
    for (const url of [A, B]) database().addImages(url, [imageIdOf(1)]);
    database().change((db) => {
      db.pragma('foreign_keys = OFF');
      db.prepare('DELETE FROM node_reference WHERE node_reference_url = ?').run(A);
    });
    const [nodes, rows] = await withFleet(async (fleet) => [await fleet.nodes(), await fleet.rows()] as const);
    expect(nodes.map(({ url }) => url)).toEqual([B]);
    expect(rows.map(({ nodeUrl }) => nodeUrl)).toEqual([B]);
  });
});
