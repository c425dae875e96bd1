import { afterEach, describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { success } from '../support/run-program.ts';
import type { AdminSession } from './support/admin.ts';
import type { CentralNode } from './support/central-node.ts';
import { ENGINES, type Engine } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const { makeNode } = useNodes();
const IDS = [idOf('1'), idOf('2'), idOf('3'), idOf('4')] as const;
/** The first to go is in the first transaction, however few a slow machine has in one. */
const [ONE, , , FOUR] = IDS;
const PRUNE_ALL = ['--max-size', '0'];

/** Far less than the 50 s of MariaDB's default, and the year of its default for whole tables. */
const SOON_MS = 15_000;

const holders: AdminSession[] = [];
afterEach(async () => {
  await Promise.all(holders.splice(0).map((holder) => holder.close()));
});

async function filledNode(engine: Engine): Promise<CentralNode> {
  const node = await makeNode(engine);
  await node.addImages(IDS);
  return node;
}

async function lockRow(node: CentralNode, imageId: string): Promise<AdminSession> {
  const holder = await node.database.lock(imageId);
  holders.push(holder);
  return holder;
}

async function lockTable({ database }: CentralNode): Promise<AdminSession> {
  const holder = await database.session();
  holders.push(holder);
  if (database.address.engine === 'mariadb') await holder.run('LOCK TABLES cached_images WRITE');
  else for (const sql of ['BEGIN', 'LOCK TABLE cached_images IN ACCESS EXCLUSIVE MODE']) await holder.run(sql);
  return holder;
}

async function expectBusy(node: CentralNode, program: 'manage' | 'pruner', args: readonly string[]): Promise<void> {
  const startMs = performance.now();
  const { code, stdout, stderr } = await node.run(program, ['--lock-timeout', '1', ...args, '--format', 'json']);
  expect({ code, stdout: program === 'pruner' ? '' : stdout }).toEqual({ code: 5, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'BUSY_INDEX' } });
  expect(performance.now() - startMs).toBeLessThan(SOON_MS);
}

describe.each(ENGINES)('locks that others hold in %s', (engine) => {
  test('the pruner ends with Busy after its patience, and nothing is lost, when a row stays locked', async () => {
    const node = await filledNode(engine);
    const before = await node.rows();
    await lockRow(node, ONE);
    await expectBusy(node, 'pruner', PRUNE_ALL);
    expect([node.cache.names('cached'), node.cache.names('invalid'), await node.rows()]).toEqual([IDS, [], before]);
  });

  test('the pruner goes on, and says nothing, when the row is let go in time', async () => {
    const node = await filledNode(engine);
    const holder = await lockRow(node, ONE);
    const { ended } = node.start('pruner', PRUNE_ALL);
    await node.database.untilBlocked();
    await holder.run('ROLLBACK');
    expect(await ended).toEqual(success());
    expect([node.cache.names('cached'), await node.rows()]).toEqual([[], []]);
  });

  test.each([
    ['manage', ['list-cached']],
    ['pruner', PRUNE_ALL],
    ['manage', ['-f', 'delete-cached-image', ONE]],
  ] as const)('%s %j ends with Busy after its patience when the table stays locked', async (program, args) => {
    const node = await filledNode(engine);
    const before = await node.rows();
    const holder = await lockTable(node);
    await expectBusy(node, program, args);
    expect(node.cache.names('cached')).toEqual(IDS);
    await holder.close();
    expect(await node.rows()).toEqual(before);
  });

  test('the pruner tries again, and says nothing, when it is the victim of a deadlock', async () => {
    const node = await filledNode(engine);
    const holder = await node.database.session();
    holders.push(holder);
    // Whoever has changed more is spared by MariaDB, who looks for deadlocks later by PostgreSQL.
    if (engine === 'postgresql') await holder.run("SET deadlock_timeout = '50s'");
    else await node.database.run('CREATE TABLE ballast (id INTEGER PRIMARY KEY)');
    await holder.run('BEGIN');
    if (engine === 'mariadb') await holder.run('INSERT INTO ballast SELECT seq FROM seq_1_to_1000');
    await holder.run(`UPDATE cached_images SET hits = 5 WHERE image_id = '${FOUR}'`);
    const { ended } = node.start('pruner', PRUNE_ALL);
    await node.database.untilBlocked();
    await holder.run(`UPDATE cached_images SET hits = 5 WHERE image_id = '${ONE}'`);
    await holder.run('COMMIT');
    expect(await ended).toEqual(success());
    expect([node.cache.names('cached'), node.cache.names('invalid'), await node.rows()]).toEqual([[], [], []]);
  });

  test('a pruner that waits for a row ends at once on SIGTERM, and nothing is lost', async () => {
    const node = await filledNode(engine);
    const before = await node.rows();
    const holder = await lockRow(node, ONE);
    const { process, ended } = node.start('pruner', PRUNE_ALL);
    await node.database.untilBlocked();
    const startMs = performance.now();
    process.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    // The server itself would let it wait for 50 s and longer.
    expect(performance.now() - startMs).toBeLessThan(20_000);
    expect([node.cache.names('cached'), node.cache.names('invalid')]).toEqual([IDS, []]);
    await holder.run('ROLLBACK');
    expect(await node.rows()).toEqual(before);
  });

  test('a pruner that is killed while it waits for a row leaves what the next runs mend', async () => {
    const node = await filledNode(engine);
    const holder = await lockRow(node, ONE);
    const { process, ended } = node.start('pruner', PRUNE_ALL);
    await node.database.untilBlocked();
    process.kill('SIGKILL');
    await ended;
    await holder.run('ROLLBACK');
    expect(await node.run('cleaner', [])).toEqual(success());
    expect(await node.run('pruner', ['--max-size', '1GiB'])).toEqual(success());
    expect([await node.disagreement(), node.cache.names('invalid')]).toEqual([[], []]);
    expect(await node.run('pruner', PRUNE_ALL)).toEqual(success());
    expect([node.cache.names('cached'), await node.rows()]).toEqual([[], []]);
  });

  test('glance-api is not kept waiting by a pruner that waits itself', async () => {
    const node = await filledNode(engine);
    const other = 'http://another.test:9292';
    await node.database.addNode(other);
    const holder = await lockRow(node, ONE);
    const { ended } = node.start('pruner', PRUNE_ALL);
    await node.database.untilBlocked();
    // What other nodes enter and count goes on meanwhile.
    await node.database.addRows(other, [{ id: ONE }, { id: FOUR }, { id: idOf('9') }]);
    await holder.run('ROLLBACK');
    expect(await ended).toEqual(success());
    expect(await node.database.rowIds(other)).toEqual([ONE, FOUR, idOf('9')]);
  });
});
