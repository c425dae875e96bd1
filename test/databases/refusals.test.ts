import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { success } from '../support/run-program.ts';
import type { CentralNode } from './support/central-node.ts';
import { useIndexes } from './support/open-index.ts';
import { useOwnServers } from './support/own-servers.ts';
import { ENGINES } from './support/server-address.ts';
import { useNodes } from './support/use-nodes.ts';

const startServer = useOwnServers();
const { makeNode } = useNodes();
const openIndex = useIndexes();
const IDS = [idOf('1'), idOf('2'), idOf('3')] as const;
const PRUNE_ALL = ['--max-size', '0'];

/** What a program says when it refuses; what is in the cache and in the database stays. */
async function expectRefusal(
  node: CentralNode,
  args: readonly string[],
  { code, exitCode = 4, words }: { readonly code: string; readonly exitCode?: number; readonly words?: string },
): Promise<void> {
  const [program, ...rest] = args[0] === 'list-cached' ? ['manage' as const, ...args] : ['pruner' as const, ...args];
  const result = await node.run(program, [...rest, '--format', 'json']);
  expect(result.code).toBe(exitCode);
  const { error } = JSON.parse(result.stderr) as { readonly error: { readonly message: string } };
  expect(error).toMatchObject({ code, hint: expect.any(String) as unknown });
  if (words !== undefined) expect(error.message).toContain(words);
  expect([node.cache.names('cached'), node.cache.names('invalid')]).toEqual([IDS, []]);
}

describe.each(ENGINES)('%s with tables that are not those of Glance', (engine) => {
  test.each(['cached_images', 'node_reference'])('a database without the table %s is refused', async (table) => {
    const node = await makeNode(engine);
    await node.addImages(IDS);
    await node.database.run('DROP TABLE cached_images');
    if (table === 'node_reference') await node.database.run('DROP TABLE node_reference');
    for (const args of [['list-cached'], PRUNE_ALL, [...PRUNE_ALL, '--dry-run']]) {
      await expectRefusal(node, args, { code: 'INDEX_FOREIGN', words: table });
    }
  });

  test.each(['last_accessed', 'last_modified', 'size', 'hits'])('a table without %s is refused', async (column) => {
    const node = await makeNode(engine);
    await node.addImages(IDS);
    await node.database.run(`ALTER TABLE cached_images DROP COLUMN ${column}`);
    for (const args of [['list-cached'], PRUNE_ALL]) {
      await expectRefusal(node, args, { code: 'INDEX_FOREIGN', words: column });
    }
    expect(await node.database.run('SELECT image_id FROM cached_images')).toHaveLength(IDS.length);
  });

  test('tables with more columns than are known are taken', async () => {
    const node = await makeNode(engine);
    await node.addImages(IDS);
    await node.database.run('ALTER TABLE cached_images ADD COLUMN more VARCHAR(10)');
    expect(await node.run('pruner', ['--max-size', '1000'])).toEqual(success());
    expect(await node.database.rowIds(node.url)).toEqual(IDS.slice(2));
  });

  test('rows that make no sense are read as 0, and verify renews them', async () => {
    const node = await makeNode(engine);
    await node.addImages(IDS);
    const never = engine === 'mariadb' ? "'0000-00-00 00:00:00'" : "'-infinity'";
    const late = engine === 'mariadb' ? "'9999-12-31 23:59:59'" : "'infinity'";
    await node.database.run(
      engine === 'mariadb' ? "SET SESSION sql_mode = ''" : 'SELECT 1',
      `UPDATE cached_images SET last_accessed = ${never}, hits = -1 WHERE image_id = '${IDS[0]}'`,
      `UPDATE cached_images SET last_modified = ${late}, size = -5 WHERE image_id = '${IDS[1]}'`,
    );
    const index = await openIndex(node.database.url(), node.url);
    expect(await index.rows()).toMatchObject([
      { imageId: IDS[0], lastAccessedSec: 0, hits: 0 },
      { imageId: IDS[1], sizeBytes: 0 },
      { imageId: IDS[2] },
    ]);
    expect((await index.check()).oddRows).toEqual(new Set(IDS.slice(0, 2)));
    expect(await node.run('manage', ['verify', '--repair'])).toMatchObject({ code: 0, stderr: '' });
    expect(await index.check()).toEqual({ damage: undefined, oddRows: new Set() });
    expect(await index.rows()).toHaveLength(3);
  });
});

describe.each(ENGINES)('%s with an account that may not do all', (engine) => {
  test('an account that may only read lists and plans, and its refusal to write loses nothing', async () => {
    const node = await makeNode(engine);
    await node.addImages(IDS);
    const before = await node.rows();
    for (const account of ['reader', 'keeper'] as const) {
      node.configure({ connection: node.database.url({ account }) });
      expect(await node.run('manage', ['list-cached', '--format', 'json'])).toMatchObject({ code: 0, stderr: '' });
      expect(await node.run('pruner', [...PRUNE_ALL, '--dry-run'])).toMatchObject({ code: 0, stderr: '' });
      await expectRefusal(node, PRUNE_ALL, { code: 'CACHE_PERMISSION' });
      expect(await node.rows()).toEqual(before);
    }
  });

  test('a replica, which takes no changes, is told as one, and nothing is lost', async () => {
    const server = engine === 'mariadb' ? await startServer(engine) : undefined;
    const node = await makeNode(server?.address ?? engine);
    await node.addImages(IDS);
    const { name } = node.database;
    await node.database.run(
      engine === 'mariadb'
        ? 'SET GLOBAL read_only = 1'
        : `ALTER DATABASE ${name} SET default_transaction_read_only = on`,
    );
    expect(await node.run('manage', ['list-cached', '--format', 'json'])).toMatchObject({ code: 0, stderr: '' });
    await expectRefusal(node, PRUNE_ALL, { code: 'CACHE_READ_ONLY' });
    expect(await node.rows()).toHaveLength(3);
  });

  test('a server that lets no more sessions in is told as one that cannot be reached', async () => {
    const server = engine === 'mariadb' ? await startServer(engine, ['--max-user-connections=1']) : undefined;
    const node = await makeNode(server?.address ?? engine);
    await node.addImages(IDS);
    const { name } = node.database;
    if (engine === 'postgresql') await node.database.run(`ALTER DATABASE ${name} CONNECTION LIMIT 1`);
    const index = await openIndex(node.database.url(), node.url);
    await expectRefusal(node, ['list-cached'], { code: 'REMOTE_UNREACHABLE', exitCode: 8 });
    await expectRefusal(node, PRUNE_ALL, { code: 'REMOTE_UNREACHABLE', exitCode: 8 });
    expect(await index.rows()).toHaveLength(3);
  });
});
