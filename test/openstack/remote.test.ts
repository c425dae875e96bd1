import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { readCache } from './support/cache.ts';
import { cacheImages, hit, type TestImage, uploadImages } from './support/images.ts';
import { openrc } from './support/openrc.ts';
import { freePort } from './support/ports.ts';
import { type ProgramOptions, runProgram } from './support/programs.ts';
import type { RunResult } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// glance-cache-manage with --host beside the stock tool, as a user who may read nothing of Glance's on this machine.

const NOBODY = 65_534;

const stack = useStack();
let node: GlanceNode;
let other: GlanceNode;
let open: GlanceNode;
let client: GlanceClient;
let images: readonly [TestImage, TestImage, TestImage];

beforeAll(async () => {
  const flavor = (name: string) => ({ workers: 1, extraConf: `[paste_deploy]\nflavor = ${name}\n` });
  // Without a Keystone nobody has a role.
  const policy = join(stack.stateDir, 'policy-for-everybody.yaml');
  writeFileSync(
    policy,
    ['cache_list', 'cache_image', 'cache_delete', 'manage_image_cache'].map((rule) => `"${rule}": ""\n`).join(''),
  );
  [node, other, open] = await Promise.all([
    stack.startGlanceNode({ workers: 1 }),
    stack.startGlanceNode(flavor('keystone+caching')),
    stack.startGlanceNode({
      workers: 1,
      extraConf: `[paste_deploy]\nflavor = cachemanagement\n[oslo_policy]\npolicy_file = ${policy}\n`,
    }),
  ]);
  client = await stack.connect(node);
  images = (await uploadImages(client, [100_000, 3_000_002, 1])) as unknown as typeof images;
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

function manage(args: readonly string[], options: ProgramOptions = {}): Promise<RunResult> {
  return runProgram('glance-cache-manage', args, {
    as: NOBODY,
    ...options,
    env: { ...openrc(stack), ...options.env },
  });
}

const hostOf = ({ port }: GlanceNode): string => `127.0.0.1:${port}`;

const ours = (args: readonly string[], input?: string): Promise<RunResult> =>
  manage(['--host', '127.0.0.1', '--port', String(node.port), ...args], input === undefined ? {} : { input });
const stock = (args: readonly string[], input?: string): Promise<RunResult> =>
  runStock(node, 'glance-cache-manage', input === undefined ? { args } : { args, input });

const withoutSeconds = (stdout: string): string => stdout.replace(/^Completed in \d+\.\d{4} sec\.$/m, 'Completed.');

/** Both tools with the same arguments; what they print must be the same, but for the seconds. */
async function expectSameOutput(args: readonly string[]): Promise<string> {
  const [our, their] = await Promise.all([ours(args), stock(args)]);
  expect(withoutSeconds(our.stdout)).toBe(withoutSeconds(their.stdout));
  expect(our).toMatchObject({ exitCode: 0, stderr: '' });
  return our.stdout;
}

async function fill(): Promise<void> {
  await client.request('DELETE', '/v2/cache');
  await cacheImages(client, node, [images[0], images[1]]);
  // Queued by the older call, it stays in the queue.
  await client.queueImage(images[2].id);
}

describe('with one host', () => {
  test.each(['list-cached', 'list-queued'])('%s prints what the stock tool prints', async (list) => {
    expect(await expectSameOutput([list])).toMatch(/^No (cached|queued) images\.\n$/);
    await fill();
    await hit(client, node, images[1]);
    expect(await expectSameOutput([list])).toMatch(/^Found [12] /);
    await expectSameOutput(['-v', list]);
  });

  test.each([
    ['delete-cached-image', (): string[] => [images[0].id]],
    ['delete-queued-image', (): string[] => [images[2].id]],
    ['delete-all-cached-images', (): string[] => []],
    ['delete-all-queued-images', (): string[] => []],
    // Not there, or there already.
    ['delete-cached-image', (): string[] => [images[2].id]],
    ['delete-queued-image', (): string[] => [images[0].id]],
    ['queue-image', (): string[] => [images[2].id]],
  ] as const)('%s says what the stock tool says, and leaves the same state', async (command, operands) => {
    const left: unknown[] = [];
    for (const tool of [ours, stock]) {
      await fill();
      const { exitCode, stdout } = await tool(['-f', '-v', command, ...operands()]);
      const { images: files, queue } = readCache(node.cacheDir);
      const names = [files, queue].map((entries) => entries.map(({ name }) => name));
      left.push({ exitCode, stdout: withoutSeconds(stdout), names });
    }
    expect(left[0]).toEqual(left[1]);
  });

  test('queue-image says what the stock tool says, and the node fetches the image at once', async () => {
    const id = images[1].id;
    const { exitCode, stdout, stderr } = await ours(['-f', '-v', 'queue-image', id]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    await expect.poll(() => readCache(node.cacheDir).rows.length, { timeout: 10_000, interval: 50 }).toBe(1);
    await client.request('DELETE', '/v2/cache');
    expect(withoutSeconds(stdout)).toBe(withoutSeconds((await stock(['-f', '-v', 'queue-image', id])).stdout));
  });

  test.each(['Yes\n', 'n\n'])('questions are those of the stock tool when the answer is %j', async (answer) => {
    for (const args of [['delete-cached-image', images[0].id], ['delete-all-queued-images']]) {
      const left: unknown[] = [];
      for (const tool of [ours, stock]) {
        await fill();
        const { exitCode, stdout } = await tool(args, answer);
        const { images: files, queue } = readCache(node.cacheDir);
        left.push({ exitCode, stdout, files: files.length, queue: queue.length });
      }
      expect(left[0]).toEqual(left[1]);
    }
  });

  test('queue-image asks the Glance of the catalog for the ID of a name', async () => {
    const id = await client.uploadImage(new Uint8Array(10), { name: 'by its name' });
    const { exitCode, stdout } = await ours(['queue-image', '--dry-run', '--format', 'json', 'by its name']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ host: '127.0.0.1', image_id: id, result: 'planned' }] });
  });
});

describe('failures', () => {
  test('a wrong password is told once, and no node is asked', async () => {
    const hosts = `${hostOf(node)},${hostOf(other)}`;
    const run = await manage(['--host', hosts, 'list-cached'], { env: { OS_PASSWORD: 'wrong' } });
    expect(run).toMatchObject({ exitCode: 7, stdout: '' });
    expect(run.stderr).toMatch(/^ERROR: [^\n]*\nhint: [^\n]*\n$/);
  });

  test('an account that is no admin is refused', async () => {
    const env = openrc(stack, stack.accounts.demo);
    const run = await manage(['--host', hostOf(node), 'list-cached'], { env });
    expect(run).toMatchObject({ exitCode: 7, stdout: '' });
    expect(run.stderr).toContain(hostOf(node));
  });

  test('a port where nobody listens is a server that cannot be reached', async () => {
    const run = await manage(['--host', '127.0.0.1', '-p', String(await freePort()), 'list-cached']);
    expect(run).toMatchObject({ exitCode: 8, stdout: '' });
  });

  test('a node that is down hides nothing of the others', async () => {
    await fill();
    const down = `127.0.0.1:${await freePort()}`;
    const { exitCode, stdout, stderr } = await manage([
      ...['--host', down, '--host', `${hostOf(node)},${hostOf(other)}`],
      ...['--format', 'value', '-c', 'host', '-c', 'image_id', '--sort-column', 'size', 'list-cached'],
    ]);
    expect(exitCode).toBe(10);
    expect(stdout).toBe(`${hostOf(node)} ${images[0].id}\n${hostOf(node)} ${images[1].id}\n`);
    expect(stderr).toContain('1 of 3 nodes failed');
    expect(stderr).toContain(down);
  });

  test.each(['prune', 'clean'])('%s says that a node before 2.18 cannot', async (command) => {
    const { exitCode, stdout, stderr } = await manage(['--host', hostOf(node), command]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('2.18');
    expect(stderr).toContain(command === 'prune' ? 'glance-cache-pruner' : 'glance-cache-cleaner');
  });
});

test('a glance-api without a Keystone is managed with -S noauth', async () => {
  const run = (...args: readonly string[]) =>
    runProgram('glance-cache-manage', ['--host', hostOf(open), '-S', 'noauth', ...args], { as: NOBODY });
  expect(await run('-f', 'queue-image', images[2].id)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  await expect.poll(() => readCache(open.cacheDir).rows.length, { timeout: 10_000, interval: 50 }).toBe(1);
  const listed = await run('list-cached', '--format', 'value', '-c', 'image_id');
  expect(listed).toMatchObject({ exitCode: 0, stdout: `${images[2].id}\n`, stderr: '' });
  expect(await run('-f', 'delete-all-cached-images')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readCache(open.cacheDir).images).toEqual([]);
});

test('nodes with the older calls and without them are emptied alike', async () => {
  await fill();
  await cacheImages(await stack.connect(other), other, [images[0]]);
  const { exitCode, stdout } = await manage([
    ...['--host', `${hostOf(node)},${hostOf(other)}`],
    ...['-f', '-v', 'delete-all-cached-images'],
  ]);
  expect(exitCode).toBe(0);
  expect(withoutSeconds(stdout)).toBe(
    `Deleted 2 cached images on ${hostOf(node)}\nDeleted 1 cached images on ${hostOf(other)}\nCompleted.\n`,
  );
  expect([node, other].map(({ cacheDir }) => readCache(cacheDir).images)).toEqual([[], []]);
});
