import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CacheFixture, idOf } from '../support/cache-fixture.ts';
import { AS_ROOT, type RunOptions, success, timeless, UNPRIVILEGED } from '../support/run-program.ts';
import { useTempDir } from '../support/temp-dir.ts';
import { ACCOUNTS } from './support/accounts.ts';
import { type CentralNode, usedAt } from './support/central-node.ts';
import { CACHED_AT } from './support/glance-database.ts';
import { ENGINES } from './support/server-address.ts';
import { NODE_2, useNodes } from './support/use-nodes.ts';

const { makeNode, makeSibling } = useNodes();
const folder = useTempDir();

const IDS = [idOf('1'), idOf('2'), idOf('3'), idOf('4')] as const;
const [ONE, TWO, THREE, FOUR] = IDS;

const USERS: readonly { readonly user: string; readonly options: RunOptions }[] = [
  { user: 'root', options: {} },
  { user: 'another user', options: { as: UNPRIVILEGED } },
].filter(({ options }) => AS_ROOT || options.as !== undefined);

/** A cache of four images, least recently used first, that belongs to a user without rights; and another node's. */
async function filledNode(engine: (typeof ENGINES)[number]): Promise<{ node: CentralNode; other: CentralNode }> {
  const node = await makeNode(engine);
  const other = await makeSibling(node);
  await node.addImages(IDS, { hits: 3 });
  await other.addImages(IDS.slice(1), { hits: 7 });
  for (const { cache } of [node, other]) cache.handTo(UNPRIVILEGED);
  return { node, other };
}

/** Epoch seconds of a text in UTC. */
function secondsOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`) / 1000;
}

describe.each(ENGINES)('%s, the programs as a user runs them', (engine) => {
  test('list-cached prints what it prints with the sqlite driver', async () => {
    const { node } = await filledNode(engine);
    const local = new CacheFixture(folder());
    for (const [minute, id] of IDS.entries()) {
      local.addImage(id, { accessed: secondsOf(usedAt(minute)), modified: secondsOf(CACHED_AT), hits: 3 });
    }
    for (const format of ['table', 'json', 'csv', 'yaml', 'value']) {
      const args = ['list-cached', '--format', format];
      const [central, expected] = [await node.run('manage', args), await local.manage(...args)];
      expect(central).toEqual(expected);
      expect(central.stdout).toContain(FOUR);
    }
    expect(timeless(await node.run('manage', ['list-cached']))).toEqual(timeless(await local.manage('list-cached')));
  });

  test.each(USERS)(
    'the pruner removes the least recently used images of its node only, as $user',
    async ({ options }) => {
      const { node, other } = await filledNode(engine);
      const [before, others] = [await node.rows(), await other.rows()];
      const args = ['--max-size', '2000'];
      const dry = await node.run('pruner', [...args, '--dry-run', '--format', 'json'], options);
      expect(dry).toMatchObject({ code: 0, stderr: '' });
      expect([node.cache.names('cached'), await node.rows()]).toEqual([IDS, before]);
      const real = await node.run('pruner', [...args, '--format', 'json'], options);
      expect(real).toMatchObject({ code: 0, stderr: '' });
      const [planned, done] = [dry, real].map(({ stdout }) => JSON.parse(stdout) as { readonly items: object[] });
      expect(done?.items).toHaveLength(2);
      expect(planned?.items.map((item) => ({ ...item, result: 'done' }))).toEqual(done?.items);
      expect([node.cache.names('cached'), await node.rows()]).toEqual([[THREE, FOUR], before.slice(2)]);
      expect([other.cache.names('cached'), await other.rows()]).toEqual([IDS.slice(1), others]);
      expect(await node.run('pruner', args, options)).toEqual(success());
    },
  );

  test.each(USERS)('images are deleted, one and then all, as $user', async ({ options }) => {
    const { node, other } = await filledNode(engine);
    const others = await other.rows();
    const manage = (...args: readonly string[]): ReturnType<CentralNode['run']> => node.run('manage', args, options);
    expect(await manage('-f', 'delete-cached-image', TWO)).toMatchObject({ code: 0, stderr: '' });
    expect(await node.database.rowIds(node.url)).toEqual([ONE, THREE, FOUR]);
    expect(node.cache.names('cached')).toEqual([ONE, THREE, FOUR]);
    expect(await manage('-f', 'delete-all-cached-images')).toMatchObject({ code: 0, stderr: '' });
    expect([await node.rows(), node.cache.names('cached'), node.cache.names('invalid')]).toEqual([[], [], []]);
    expect([await other.rows(), other.cache.names('cached')]).toEqual([others, IDS.slice(1)]);
  });

  test.each(USERS)('verify finds where rows and files differ, and repairs it, as $user', async ({ options }) => {
    const { node, other } = await filledNode(engine);
    const others = await other.rows();
    await node.database.addRows(node.url, [{ id: idOf('a') }]);
    node.cache.addFile('cached', idOf('b'));
    node.cache.addFile('cached', ONE, { size: 1234 });
    node.cache.handTo(UNPRIVILEGED);
    expect(await node.run('manage', ['verify'], options)).toMatchObject({ code: 9 });
    const { code, stderr } = await node.run('manage', ['verify', '--repair'], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await node.disagreement()).toEqual([]);
    expect(await node.database.rowIds(node.url)).toEqual([...IDS, idOf('b')]);
    expect(Number((await node.rows())[0]?.['size'])).toBe(1234);
    expect(await node.run('manage', ['verify'], options)).toMatchObject({ code: 0 });
    expect(await other.rows()).toEqual(others);
  });

  test.each(USERS)('the cleaner empties invalid/ without the database, as $user', async ({ options }) => {
    const { node } = await filledNode(engine);
    const before = await node.rows();
    node.cache.addFile('invalid', idOf('c'));
    node.cache.handTo(UNPRIVILEGED);
    expect(await node.run('cleaner', [], options)).toEqual(success());
    expect(node.cache.names('invalid')).toEqual([]);
    expect(await node.rows()).toEqual(before);
    node.configure({ connection: node.database.url({ port: 1 }) });
    expect(await node.run('cleaner', [], options)).toEqual(success());
  });
});

describe.each(ENGINES)('%s, a node that the database does not know', (engine) => {
  const misspelt = 'http://controler-1.test:9292';

  test.each([
    ['pruner', ['--max-size', '0'], 'prune'],
    ['pruner', ['--max-size', '0', '--dry-run'], 'prune'],
    ['manage', ['-f', 'delete-all-cached-images'], 'delete from'],
  ] as const)('%s %j refuses and names the nodes that there are', async (program, args, verb) => {
    const { node } = await filledNode(engine);
    const before = await node.rows();
    node.configure({ url: misspelt });
    const { code, stdout, stderr } = await node.run(program, args);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain(`ERROR: Cannot ${verb} "${node.cache.root}": `);
    for (const text of [misspelt, node.url, NODE_2]) expect(stderr).toContain(text);
    expect([await node.rows(), node.cache.names('cached')]).toEqual([before, IDS]);
    const { stderr: told } = await node.run(program, [...args, '--format', 'json']);
    expect(JSON.parse(told)).toMatchObject({ error: { code: 'INDEX_FLIPPED', exit_code: 4 } });
    // Nobody has made the misspelt one known by looking at it.
    expect(await node.database.run('SELECT COUNT(*) AS nodes FROM node_reference')).toEqual([
      { nodes: engine === 'mariadb' ? 2 : '2' },
    ]);
  });

  test('list-cached shows none, and says so', async () => {
    const { node } = await filledNode(engine);
    node.configure({ url: misspelt });
    const { code, stdout, stderr } = await node.run('manage', ['list-cached']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'No cached images.\n' });
    expect(stderr).toContain('the directory holds 4 image files');
  });

  test('the pruner needs worker_self_reference_url', async () => {
    const { node } = await filledNode(engine);
    node.configure({ url: '' });
    const { code, stderr } = await node.run('pruner', []);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining('worker_self_reference_url') as unknown,
    });
  });
});

describe.each(ENGINES)('%s, secrets', (engine) => {
  const password = ACCOUNTS.glance;
  const spellings = [password, encodeURIComponent(password), 'p@ss', 'p%40ss', 'w/rd', 'w%2Frd'];

  test.each([
    ['pruner', ['--max-size', '1000'], 0],
    ['pruner', ['--max-size', '0', '--lock-timeout', '1'], 5],
    ['manage', ['verify', '--repair'], 0],
    ['manage', ['config'], 0],
    ['manage', ['config', '--format', 'json'], 0],
    ['cleaner', [], 0],
  ] as const)('%s %j tells no password at any level, on any stream', async (program, args, expected) => {
    const { node } = await filledNode(engine);
    const holder = expected === 5 ? await node.database.lock(ONE) : undefined;
    try {
      const log = join(node.cache.base, 'log');
      for (const more of [[], ['--log-file', log]]) {
        const { code, stdout, stderr } = await node.run(program, ['--debug', ...more, ...args]);
        expect(code).toBe(expected);
        const told = stdout + stderr + (existsSync(log) ? readFileSync(log, 'utf8') : '');
        for (const spelling of spellings) expect(told).not.toContain(spelling);
      }
    } finally {
      await holder?.close();
    }
  });
});
