import { describe, expect, test } from 'vitest';
import { DOOMED, expectNothingLost, useBlockedPruner } from './support/blocked-pruner.ts';
import { useOwnServers } from './support/own-servers.ts';
import { ENGINES } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const startServer = useOwnServers();
const { makeNode } = useNodes();
const startPruner = useBlockedPruner();

// PostgreSQL's URLs have no parameter for this: its programs would wait for ever.
const PATIENCE = { mariadb: { read_timeout: '2' }, postgresql: {} } as const;

describe.each(ENGINES)('%s, when it hangs', (engine) => {
  test('a run in the middle of a transaction ends in time, and loses nothing', async () => {
    const server = await startServer(engine);
    const node = await makeNode(server.address);
    const { ended, holder } = await startPruner(node, PATIENCE[engine]);
    const startMs = performance.now();
    server.hang();
    const result = await ended;
    expect(performance.now() - startMs).toBeLessThan(50_000);
    expect(result).toMatchObject({ code: 8 });
    expect(node.cache.names('cached')).toEqual(DOOMED);
    server.goOn();
    await holder.close();
    await expectNothingLost(node, result);
  });

  test('a run that connects ends in time', async () => {
    const server = await startServer(engine);
    const node = await makeNode(server.address);
    await node.addImages(DOOMED);
    node.configure({ connection: node.database.url({ query: { connect_timeout: '2' } }) });
    server.hang();
    const startMs = performance.now();
    expect(await node.run('manage', ['list-cached'])).toMatchObject({ code: 8, stdout: '' });
    expect(performance.now() - startMs).toBeLessThan(20_000);
    server.goOn();
  });
});
