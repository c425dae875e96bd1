import { afterEach, describe, expect, test } from 'vitest';
import { type RunResult, success } from '../support/run-program.ts';
import { imageIdOf } from '../support/seeded-cache.ts';
import type { AdminSession } from './support/admin.ts';
import type { CentralNode } from './support/central-node.ts';
import { useOwnServers } from './support/own-servers.ts';
import { useRelays } from './support/relay.ts';
import type { RunningServer } from './support/running-server.ts';
import { ENGINES, type Engine } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const startServer = useOwnServers();
const { makeNode } = useNodes();
const startRelay = useRelays();

const IDS = Array.from({ length: 30 }, (_, i) => imageIdOf(i));
const LAST = imageIdOf(29);
const PRUNE_ALL = ['--max-size', '0'];

const holders: AdminSession[] = [];
afterEach(async () => {
  await Promise.all(holders.splice(0).map((holder) => holder.close().catch(() => undefined)));
});

/** A pruner in the middle of its transaction. */
async function blockedPruner(
  server: Engine | RunningServer,
  query: Readonly<Record<string, string>> = {},
): Promise<{ node: CentralNode; ended: Promise<RunResult>; holder: AdminSession }> {
  const node = await makeNode(typeof server === 'string' ? server : server.address);
  await node.addImages(IDS);
  node.configure({ connection: node.database.url({ query }) });
  const holder = await node.database.lock(LAST);
  holders.push(holder);
  const { ended } = node.start('pruner', ['--lock-timeout', '2', ...PRUNE_ALL]);
  await node.database.untilBlocked();
  return { node, ended, holder };
}

/** Whatever the end of a run was, it was told, and nothing is lost: what is left is whole, and the next run takes it. */
async function expectNothingLost(node: CentralNode, { code, stderr }: RunResult): Promise<void> {
  if (code !== 0) {
    expect([4, 8]).toContain(code);
    expect(stderr).toMatch(/^ERROR: Cannot .*\nhint: .*\n$/);
  }
  expect(node.cache.names('invalid')).toEqual([]);
  node.configure();
  expect(await node.run('pruner', ['--max-size', '1000000'])).toEqual(success());
  expect(await node.disagreement()).toEqual([]);
  expect(await node.run('pruner', PRUNE_ALL)).toEqual(success());
  expect([node.cache.names('cached'), await node.rows()]).toEqual([[], []]);
}

describe.each(ENGINES)('connections to %s that are lost', (engine) => {
  test('a session that is ended in the middle of a transaction costs nothing: the run looks again and succeeds', async () => {
    const { node, ended, holder } = await blockedPruner(engine);
    expect(await node.database.endSessions()).toBe(1);
    await holder.run('ROLLBACK');
    expect(await ended).toEqual(success());
    expect([node.cache.names('cached'), node.cache.names('invalid'), await node.rows()]).toEqual([[], [], []]);
  });

  test('sessions that are ended time and again end the run with an error, and nothing is lost', async () => {
    const { node, ended, holder } = await blockedPruner(engine);
    // The changes are tried twice, and then planned anew, once.
    for (let tries = 1; tries < 4; tries++) {
      expect(await node.database.endSessions()).toBe(1);
      await node.database.untilBlocked();
    }
    expect(await node.database.endSessions()).toBe(1);
    await holder.run('ROLLBACK');
    const result = await ended;
    expect(result).toMatchObject({ code: 4 });
    expect(node.cache.names('cached')).toEqual(IDS);
    await expectNothingLost(node, result);
  });

  test.each(['stop', 'kill'] as const)('a server that goes down in the middle (%s) loses nothing', async (how) => {
    const server = await startServer(engine);
    const { node, ended } = await blockedPruner(server);
    await server[how]();
    const result = await ended;
    expect(result).toMatchObject({ code: 8 });
    expect(node.cache.names('cached')).toEqual(IDS);
    await server.start();
    await expectNothingLost(node, result);
  });

  test('a server that is restarted in the middle loses nothing', async () => {
    const server = await startServer(engine);
    const { node, ended } = await blockedPruner(server);
    await server.stop();
    await server.start();
    await expectNothingLost(node, await ended);
  });

  test('a server that hangs ends the run in time, and loses nothing', async () => {
    const server = await startServer(engine);
    const { node, ended } = await blockedPruner(server, engine === 'mariadb' ? { read_timeout: '2' } : {});
    const startMs = performance.now();
    server.hang();
    const result = await ended;
    expect(performance.now() - startMs).toBeLessThan(50_000);
    expect(result).toMatchObject({ code: 8 });
    expect(node.cache.names('cached')).toEqual(IDS);
    server.goOn();
    await holders.pop()?.close();
    await expectNothingLost(node, result);
  });

  test('a server that hangs before the first answer ends the run in time', async () => {
    const server = await startServer(engine);
    const node = await makeNode(server.address);
    await node.addImages(IDS);
    node.configure({ connection: node.database.url({ query: { connect_timeout: '2' } }) });
    server.hang();
    const startMs = performance.now();
    expect(await node.run('manage', ['list-cached'])).toMatchObject({ code: 8, stdout: '' });
    expect(performance.now() - startMs).toBeLessThan(20_000);
    server.goOn();
  });

  test('a commit whose answer is lost loses nothing', async () => {
    const node = await makeNode(engine);
    await node.addImages(IDS);
    let commits = 0;
    const isCommit = (bytes: Buffer): boolean => /COMMIT(?!TED)/.test(bytes.toString('latin1')) && commits++ === 0;
    const relay = await startRelay(node.database.address.port, ({ from, bytes }) =>
      from === 'client' && isCommit(bytes) ? 'pass-and-cut' : 'pass',
    );
    const query = engine === 'mariadb' ? {} : { sslmode: 'disable' };
    node.configure({ connection: node.database.url({ port: relay.port, query }) });
    const result = await node.run('pruner', PRUNE_ALL);
    expect(commits).toBeGreaterThan(0);
    expect(result).toEqual(success());
    await expectNothingLost(node, result);
  });
});
