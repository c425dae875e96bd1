// A run that is cut off from its server at any point, and the next one: what is to stay stays, what is to go goes.
import { describe, expect, test } from 'vitest';
import { callOn } from '../support/call-in-process.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import type { CentralNode } from './support/central-node.ts';
import { type Fate, useRelays } from './support/relay.ts';
import { ENGINES } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const { makeNode } = useNodes();
const startRelay = useRelays();

const IDS = Array.from({ length: 6 }, (_, i) => imageIdOf(i));
const KEPT = IDS.slice(4);
const ROWLESS = imageIdOf(20);
const FILELESS = imageIdOf(30);
const AHEAD_SEC = 3600;

/** Puts the cache and the rows into the state that every run begins with. */
async function fill(node: CentralNode): Promise<void> {
  await node.database.run('DELETE FROM cached_images');
  await node.addImages(IDS, { size: 1000 });
  await node.database.addRows(node.url, [{ id: FILELESS }]);
  // Without a row it counts as used when it came, which is just now.
  node.cache.addFile('cached', ROWLESS, { size: 1000 });
}

/** Runs the pruner within this process, an hour from now. */
async function prune(node: CentralNode): Promise<{ readonly code: unknown; readonly stderr: string }> {
  const { now } = Date;
  Date.now = () => now() + AHEAD_SEC * 1000;
  try {
    return await callOn(node.cache, 'pruner', ['--max-size', '3000', '--lock-timeout', '3']);
  } finally {
    Date.now = now;
  }
}

/** What is known of a run that was disturbed. */
type Told = Readonly<Record<'place' | 'code' | 'stderr', unknown>>;

/** Makes a run for each piece that an undisturbed one exchanges with the server, disturbed at that piece. */
async function disturbEverywhere(
  node: CentralNode,
  fateOf: (distance: number) => Fate,
  check: (told: Told) => Promise<void>,
): Promise<void> {
  const { address } = node.database;
  let at = Number.POSITIVE_INFINITY;
  const relay = await startRelay(address.port, ({ place }) => (place < at ? 'pass' : fateOf(place - at)));
  const query = { connect_timeout: '5', ...(address.engine === 'postgresql' && { sslmode: 'disable' }) };
  node.configure({ connection: node.database.url({ port: relay.port, query }) });
  await fill(node);
  expect(await prune(node)).toMatchObject({ code: 0, stderr: '' });
  const pieces = relay.pieces;
  expect(pieces).toBeGreaterThan(10);
  for (let place = 0; place < pieces; place++) {
    await fill(node);
    at = relay.pieces + place;
    const { code, stderr } = await prune(node);
    const told = { place, code, stderr };
    // 10 where some were removed before: a slow machine has few in one transaction.
    expect([0, 4, 8, 10], JSON.stringify(told)).toContain(code);
    if (code !== 0) expect(stderr, JSON.stringify(told)).toMatch(/^ERROR: .*\nhint: .*\n$/);
    expect(node.cache.names('cached'), JSON.stringify(told)).toEqual(expect.arrayContaining([...KEPT, ROWLESS]));
    at = Number.POSITIVE_INFINITY;
    await check(told);
  }
}

describe.each(ENGINES)('a pruner that loses %s', (engine) => {
  test.each(['cut', 'pass-and-cut'] as const)('at any point, once (%s), comes to the same end', async (fate) => {
    const node = await makeNode(engine);
    await disturbEverywhere(
      node,
      (distance) => (distance === 0 ? fate : 'pass'),
      async (told) => {
        expect(await prune(node), JSON.stringify(told)).toMatchObject({ code: 0, stderr: '' });
        expect([node.cache.names('cached'), node.cache.names('invalid')]).toEqual([[...KEPT, ROWLESS], []]);
        expect(await node.disagreement(), JSON.stringify(told)).toEqual([]);
      },
    );
  });

  test('at any point, for good, removes nothing that is to stay, and the next one mends all', async () => {
    const node = await makeNode(engine);
    await disturbEverywhere(
      node,
      () => 'cut',
      async (told) => {
        expect(node.cache.names('invalid'), JSON.stringify(told)).toEqual([]);
        expect(await prune(node), JSON.stringify(told)).toMatchObject({ code: 0, stderr: '' });
        // Images whose rows are gone, with nobody to say so, are new ones for it.
        expect(node.cache.names('cached'), JSON.stringify(told)).toHaveLength(3);
        expect(node.cache.names('invalid')).toEqual([]);
        expect(await node.disagreement(), JSON.stringify(told)).toEqual([]);
      },
    );
  });
});
