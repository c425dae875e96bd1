// What the prefetcher enters into the shared database, and what becomes of its images when that cannot be had.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { callOn } from '../support/call-in-process.ts';
import { type Cloud, startCloud } from '../support/cloud/cloud.js';
import { contentOf } from '../support/cloud/contents.js';
import { loginOf } from '../support/prefetch-fixture.ts';
import { type RunOptions, success } from '../support/run-program.ts';
import type { CentralNode } from './support/central-node.ts';
import { useGlanceDb } from './support/glance-db.ts';
import { useRelays } from './support/relay.ts';
import { ENGINES, type Engine } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const { makeNode, makeSibling } = useNodes();
const glanceDb = useGlanceDb();
const startRelay = useRelays();
const [ONE, TWO] = [idOf('1'), idOf('2')];
const SIZE = 100_000;

const clouds: Cloud[] = [];
afterAll(async () => {
  await Promise.all(clouds.map((cloud) => cloud.close()));
});

/** A node with two queued images, and how its prefetcher logs in. */
async function queuedNode(engine: Engine): Promise<{ node: CentralNode; options: RunOptions }> {
  const node = await makeNode(engine);
  const cloud = await startCloud({ images: [ONE, TWO].map((id) => ({ id, sizeBytes: SIZE })) });
  clouds.push(cloud);
  for (const [place, id] of [ONE, TWO].entries()) node.cache.addMarker(id, 3600 - place);
  return { node, options: { env: loginOf(cloud) } };
}

function isWhole(node: CentralNode, id: string): boolean {
  return readFileSync(join(node.cache.root, id)).equals(contentOf(id, SIZE));
}

describe.each(ENGINES)('glance-cache-prefetcher on %s', (engine) => {
  test('enters each image under its node as glance-api does', async () => {
    const { node, options } = await queuedNode(engine);
    const other = await makeSibling(node);
    await other.addImages([ONE]);
    const others = await other.rows();
    const beforeSec = Math.floor(Date.now() / 1000);
    // A token that comes from another time would be none, so this one runs now.
    expect(await node.cache.run('prefetcher', [], options)).toEqual(success());
    expect([node.cache.names('cached'), node.cache.names('queue')]).toEqual([[ONE, TWO], []]);
    for (const id of [ONE, TWO]) expect(isWhole(node, id)).toBe(true);
    const rows = await glanceDb(node.database.url()).rows(node.url);
    expect(rows).toMatchObject([ONE, TWO].map((id) => ({ image_id: id, size: SIZE, hits: 0, checksum: null })));
    for (const { last_accessed: accessed, last_modified: modified } of rows) {
      for (const time of [accessed, modified]) {
        const timeSec = Date.parse(`${time}Z`) / 1000;
        expect(timeSec).toBeGreaterThanOrEqual(beforeSec);
        expect(timeSec).toBeLessThanOrEqual(Date.now() / 1000);
      }
    }
    expect(await other.rows()).toEqual(others);
  });

  test('enters its node where glance-api has not started yet', async () => {
    const { node, options } = await queuedNode(engine);
    const url = 'http://new-node.test:9292';
    node.configure({ url });
    expect(await node.cache.run('prefetcher', [], options)).toEqual(success());
    expect(await glanceDb(node.database.url()).rows(url)).toHaveLength(2);
  });

  test.each([
    ['is not there', { port: 1 }, 8],
    ['takes no changes', { account: 'reader' as const }, 4],
  ])('publishes nothing, and keeps the queue, when the database %s', async (_what, parts, exitCode) => {
    const { node, options } = await queuedNode(engine);
    node.configure({ connection: node.database.url(parts) });
    const { code, stderr } = await node.cache.run('prefetcher', [], options);
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringMatching(/^ERROR: Cannot /m) as unknown });
    expect([node.cache.names('cached'), node.cache.names('queue')]).toEqual([[], [ONE, TWO]]);
    expect(await node.rows()).toEqual([]);
    node.configure();
    expect(await node.cache.run('prefetcher', [], options)).toEqual(success());
    expect([node.cache.names('cached'), await node.disagreement()]).toEqual([[ONE, TWO], []]);
  });

  test('leaves what the next one makes good wherever it is cut off from the database', async () => {
    const { node, options } = await queuedNode(engine);
    let at = -1;
    const relay = await startRelay(node.database.address.port, ({ place }) => (place === at ? 'cut' : 'pass'));
    const query = engine === 'postgresql' ? { sslmode: 'disable' } : {};
    node.configure({ connection: node.database.url({ port: relay.port, query }) });
    const prefetch = (): ReturnType<typeof callOn> => callOn(node.cache, 'prefetcher', [], { env: options.env ?? {} });
    expect(await prefetch()).toEqual(success());
    const pieces = relay.pieces;
    for (let place = 0; place < pieces; place++) {
      await node.database.run(`DELETE FROM cached_images WHERE image_id = '${TWO}'`);
      rmSync(join(node.cache.root, TWO));
      node.cache.addMarker(TWO);
      at = relay.pieces + place;
      const { code, stderr } = await prefetch();
      const told = JSON.stringify({ place, code, stderr });
      expect([0, 4, 8, 10], told).toContain(code);
      for (const id of node.cache.names('cached')) expect(isWhole(node, id), told).toBe(true);
      at = -1;
      expect(await prefetch(), told).toEqual(success());
      expect([node.cache.names('cached'), node.cache.names('queue')], told).toEqual([[ONE, TWO], []]);
      expect(await node.disagreement(), told).toEqual([]);
    }
  });
});
