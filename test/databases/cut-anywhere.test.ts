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

describe.each(ENGINES)('a pruner that loses %s', (engine) => {
  test.each(['cut', 'pass-and-cut'] as const)(
    'loses nothing at any point (%s), and the next one mends all',
    async (fate) => {
      const node = await makeNode(engine);
      let at = -1;
      const relay = await startRelay(node.database.address.port, ({ place }): Fate => (place === at ? fate : 'pass'));
      const query = { connect_timeout: '5', ...(engine === 'postgresql' && { sslmode: 'disable' }) };
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
        expect([0, 4, 8], JSON.stringify(told)).toContain(code);
        if (code !== 0) expect(stderr, JSON.stringify(told)).toMatch(/^ERROR: Cannot .*\nhint: .*\n$/);
        expect(node.cache.names('cached'), JSON.stringify(told)).toEqual(expect.arrayContaining([...KEPT, ROWLESS]));
        at = -1;
        expect(await prune(node), JSON.stringify(told)).toMatchObject({ code: 0, stderr: '' });
        expect([node.cache.names('cached'), node.cache.names('invalid')]).toEqual([[...KEPT, ROWLESS], []]);
        expect(await node.disagreement(), JSON.stringify(told)).toEqual([]);
      }
    },
  );
});
