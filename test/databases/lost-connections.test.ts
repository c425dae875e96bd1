import { describe, expect, test } from 'vitest';
import { success } from '../support/run-program.ts';
import { DOOMED, expectNothingLost, useBlockedPruner } from './support/blocked-pruner.ts';
import { useOwnServers } from './support/own-servers.ts';
import { useRelays } from './support/relay.ts';
import { ENGINES } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const startServer = useOwnServers();
const { makeNode } = useNodes();
const startRelay = useRelays();
const startPruner = useBlockedPruner();

describe.each(ENGINES)('connections to %s that are lost', (engine) => {
  test('a session that is ended in the middle of a transaction costs nothing: the run looks again and succeeds', async () => {
    const node = await makeNode(engine);
    const { ended, holder } = await startPruner(node);
    expect(await node.database.endSessions()).toBe(1);
    await holder.run('ROLLBACK');
    expect(await ended).toEqual(success());
    expect([node.cache.names('cached'), node.cache.names('invalid'), await node.rows()]).toEqual([[], [], []]);
  });

  test('sessions that are ended as soon as they begin end the run with an error, and nothing is lost', async () => {
    const node = await makeNode(engine);
    const { ended, holder } = await startPruner(node);
    const state = { isOver: false };
    void ended.then(() => {
      state.isOver = true;
    });
    while (!state.isOver) await node.database.endSessions();
    const result = await ended;
    expect([4, 8]).toContain(result.code);
    expect(node.cache.names('cached')).toEqual(DOOMED);
    await holder.run('ROLLBACK');
    await expectNothingLost(node, result);
  });

  test.each(['stop', 'kill'] as const)('a server that goes down in the middle (%s) loses nothing', async (how) => {
    const server = await startServer(engine);
    const node = await makeNode(server.address);
    const { ended } = await startPruner(node);
    await server[how]();
    const result = await ended;
    expect(result).toMatchObject({ code: 8 });
    expect(node.cache.names('cached')).toEqual(DOOMED);
    await server.start();
    await expectNothingLost(node, result);
  });

  test('a server that is restarted in the middle loses nothing', async () => {
    const server = await startServer(engine);
    const node = await makeNode(server.address);
    const { ended } = await startPruner(node);
    await server.stop();
    await server.start();
    await expectNothingLost(node, await ended);
  });

  test('a commit whose answer is lost loses nothing, and is not repeated', async () => {
    const node = await makeNode(engine);
    await node.addImages(DOOMED);
    let commits = 0;
    const isCommit = (bytes: Buffer): boolean => /COMMIT(?!TED)/.test(bytes.toString('latin1'));
    const relay = await startRelay(node.database.address.port, ({ from, bytes }) =>
      from === 'client' && isCommit(bytes) && commits++ === 0 ? 'pass-and-cut' : 'pass',
    );
    const query = engine === 'mariadb' ? {} : { sslmode: 'disable' };
    node.configure({ connection: node.database.url({ port: relay.port, query }) });
    const result = await node.run('pruner', ['--max-size', '0']);
    expect(commits).toBeGreaterThan(0);
    expect(result).toEqual(success());
    await expectNothingLost(node, result);
  });
});
