import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GlanceClient } from './support/api.ts';
import { changeImage } from './support/glance-database.ts';
import { hit, type TestImage, uploadImages } from './support/images.ts';
import { runOurs, SILENT_SUCCESS, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import {
  cacheFacts,
  errorOf,
  expectCached,
  expectOnlyCached,
  type FetchReport,
  NO_STORE,
  prefetch,
} from './support/prefetch.ts';
import type { RunResult } from './support/run.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { runStock } from './support/stock.ts';
import { useStack } from './support/use-stack.ts';

// From a name, a tag or a property to an image in the cache: queue-image asks Glance which one is meant.

const stack = useStack();
let node: GlanceNode;
let client: GlanceClient;
let debian: TestImage;
let ubuntu: TestImage;
let hidden: TestImage;
let twins: readonly TestImage[];
let unready: string;

async function upload(properties: object, sizeBytes = 20_000): Promise<TestImage> {
  const [image] = (await uploadImages(client, [sizeBytes], { visibility: 'public', ...properties })) as [TestImage];
  return image;
}

beforeAll(async () => {
  node = await stack.startGlanceNode();
  client = await stack.connect(node);
  debian = await upload({
    name: 'queue debian 13, "trixie"',
    tags: ['queue-golden', 'queue-linux'],
    queue_distro: 'debian',
  });
  ubuntu = await upload({ name: 'queue-ubuntu', tags: ['queue-linux'], queue_distro: 'ubuntu', queue_kind: 'a=b c' });
  hidden = await upload({ name: 'queue-hidden', tags: ['queue-linux'], os_hidden: true, visibility: 'private' });
  twins = [await upload({ name: 'queue-twin' }), await upload({ name: 'queue-twin' })];
  unready = await client.createImage({ name: 'queue-unready', tags: ['queue-linux'] });
});

beforeEach(async () => {
  await client.request('DELETE', '/v2/cache');
});

async function queueImage(args: readonly string[], env = openrc(stack), as?: 'root' | 'glance'): Promise<RunResult> {
  const options = as === undefined ? { env } : { env, as };
  return runOurs(node, 'glance-cache-manage', ['-f', 'queue-image', ...args], options);
}

const ids = (...images: readonly TestImage[]): string[] => images.map(({ id }) => id);

describe.each(USERS)('run by %s', (as) => {
  test.each<readonly [string, () => readonly string[], () => readonly string[]]>([
    ['its ID', () => [debian.id], () => ids(debian)],
    ['its name', () => ['queue debian 13, "trixie"'], () => ids(debian)],
    ['--name', () => ['--name', 'queue-ubuntu', '--name', 'queue-hidden'], () => ids(ubuntu, hidden)],
    ['one tag', () => ['--tag', 'queue-linux'], () => ids(debian, ubuntu, hidden)],
    ['all of several tags', () => ['--tag', 'queue-linux', '--tag', 'queue-golden'], () => ids(debian)],
    ['a property', () => ['--property', 'queue_kind=a=b c'], () => ids(ubuntu)],
    ['a tag and a property', () => ['--tag', 'queue-linux', '--property', 'queue_distro=debian'], () => ids(debian)],
    ['an ID and a name together', () => [debian.id, 'queue-ubuntu'], () => ids(debian, ubuntu)],
    ['the name of one that is not ready', () => ['queue-unready'], () => [unready]],
  ])('queue-image queues what is meant by %s', async (_what, args, expected) => {
    expect(await queueImage(args(), openrc(stack), as)).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [], expected());
    expect((await client.listQueued()).sort()).toEqual([...expected()].sort());
  });

  test('--now fetches the images that are meant at once', async () => {
    const args = ['--now', '--tag', 'queue-linux', '--property', 'queue_distro=ubuntu', debian.id];
    expect(await queueImage(args, { ...openrc(stack), ...NO_STORE }, as)).toMatchObject(SILENT_SUCCESS);
    expectOnlyCached(node, [debian, ubuntu]);
    for (const image of [debian, ubuntu]) {
      expectCached(node, image);
      await hit(client, node, image);
    }
  });
});

test('an ambiguous name is refused with its candidates, and nothing is queued', async () => {
  for (const extra of [[], ['--now']]) {
    const refused = await queueImage([...extra, debian.id, 'queue-twin']);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /^ERROR: Cannot tell which image "queue-twin" is: 2 have that name: [^\n]*\nhint: [^\n]+\n$/,
    );
    for (const { id } of twins) expect(refused.stderr).toContain(`${id} (active)`);
    expectOnlyCached(node, []);
  }
  expect(await queueImage(ids(...twins))).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [], ids(...twins));
});

test.each([
  ['a name that Glance does not know', ['queue-nothing']],
  ['a name in other letters', ['QUEUE-UBUNTU']],
  ['the beginning of a name', ['queue-ubunt']],
  ['a tag that no image has', ['--tag', 'queue-nothing']],
  ['tags that no image has together', ['--tag', 'queue-golden', '--property', 'queue_distro=ubuntu']],
  ['a property that no image has', ['--property', 'queue_distro=gentoo']],
])('%s is not found, and nothing is queued', async (_what, args) => {
  const refused = await queueImage(args);
  expect(refused).toMatchObject({ exitCode: 6, stdout: '' });
  expect(refused.stderr).toMatch(/^ERROR: Cannot find an image [^\n]*\nhint: [^\n]+\n$/);
  expectOnlyCached(node, []);
});

test('a name is not found by an account that may not see the image', async () => {
  const asDemo = openrc(stack, stack.accounts.demo);
  expect(await queueImage(['queue-hidden'], asDemo)).toMatchObject({ exitCode: 6, stdout: '' });
  expect(await queueImage(['queue-ubuntu'], asDemo)).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [], ids(ubuntu));
});

test('--dry-run shows what would be queued or fetched, and changes nothing', async () => {
  const before = cacheFacts(node);
  for (const extra of [[], ['--now']]) {
    const planned = await queueImage([...extra, '--dry-run', '--tag', 'queue-linux', '--format', 'json']);
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    const { items } = JSON.parse(planned.stdout) as FetchReport;
    expect(items.map(({ image_id }) => image_id).sort()).toEqual(ids(debian, ubuntu, hidden).sort());
    for (const item of items) expect(item).toMatchObject({ result: 'planned' });
  }
  expect(cacheFacts(node)).toEqual(before);
});

test('an ID needs no Glance, a name does', async () => {
  expect(await queueImage([debian.id], {})).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [], ids(debian));
  expect(await queueImage(['queue-ubuntu'], {})).toMatchObject({ exitCode: 3, stdout: '' });
  const wrong = { ...openrc(stack), OS_PASSWORD: 'wrong' };
  expect(await queueImage(['queue-ubuntu'], wrong)).toMatchObject({ exitCode: 7, stdout: '' });
  expectOnlyCached(node, [], ids(debian));
});

test('--now tells why an image cannot be fetched, and leaves the queue alone', async () => {
  await client.queueImage(ubuntu.id);
  const asDemo = openrc(stack, stack.accounts.demo);
  const refused = await queueImage(['--now', hidden.id, '--format', 'json'], asDemo);
  expect(refused.exitCode).toBe(6);
  expect(errorOf(refused)).toMatchObject({ code: 'NOT_FOUND_IMAGE', details: { image_id: hidden.id } });
  expectOnlyCached(node, [], ids(ubuntu));
});

test('what the API, the stock tool and ours have queued is fetched alike', async () => {
  await client.queueImage(debian.id);
  expect(await runStock(node, 'glance-cache-manage', { args: ['-f', 'queue-image', ubuntu.id] })).toMatchObject({
    exitCode: 0,
  });
  expect(await queueImage(['queue-hidden'])).toMatchObject(SILENT_SUCCESS);
  expect(await prefetch(node)).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [debian, ubuntu, hidden]);
});

test("every page of Glance's lists is read", async () => {
  const many: string[] = [];
  // A page has 25 images unless more are asked for.
  for (let i = 0; i < 30; i += 1) many.push(await client.createImage({ name: 'queue-page', tags: ['queue-page'] }));
  for (const id of many) changeImage(id, { status: 'active' });
  expect(await queueImage(['--tag', 'queue-page'])).toMatchObject(SILENT_SUCCESS);
  expectOnlyCached(node, [], many);
  expect((await queueImage(['queue-page'])).stderr).toContain(': 30 have that name: ');
  for (const id of many) await client.deleteImage(id);
});
