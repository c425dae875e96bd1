import { once } from 'node:events';
import { chownSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ImageId, parseImageId } from '../../src/cache/image-id.ts';
import type { CacheApi } from '../../src/cache-api/cache-api.ts';
import { createCacheApi } from '../../src/cache-api/cache-api-client.ts';
import { parseNodeAddress } from '../../src/cache-api/node-address.ts';
import { NO_PROXIES } from '../../src/http/proxies.ts';
import { openSession } from '../../src/keystone/open-session.ts';
import { systemClock } from '../../src/time/system-clock.ts';
import { adminOf } from '../support/cloud/credentials.ts';
import { rejectionOf } from '../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../support/transports.ts';
import type { GlanceClient } from './support/api.ts';
import type { Account, GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// Our client of the cache API against the real glance-api of release Zed, with both APIs and with the newer one alone.

const stack = useStack();
const transports = useTransports();
const UNKNOWN = idOf('00000000-0000-4000-8000-000000000000');
const MEBIBYTE = 1_048_576;

let both: GlanceNode;
let newer: GlanceNode;
let none: GlanceNode;
let images: readonly ImageId[];
let inactive: ImageId;

beforeAll(async () => {
  const flavor = (name: string) => ({ workers: 1, extraConf: `[paste_deploy]\nflavor = ${name}\n` });
  [both, newer, none] = await Promise.all([
    stack.startGlanceNode({ workers: 1 }),
    stack.startGlanceNode(flavor('keystone+caching')),
    stack.startGlanceNode({
      ...flavor('keystone'),
      extraConf: '[DEFAULT]\nimage_cache_dir =\n[paste_deploy]\nflavor = keystone\n',
    }),
  ]);
  const glance = await stack.connect(both);
  images = await Promise.all(
    [1, 2, 3].map(async (size) => idOf(await glance.uploadImage(new Uint8Array(size * MEBIBYTE)))),
  );
  inactive = idOf(await glance.createImage());
});

function idOf(text: string): ImageId {
  const imageId = parseImageId(text);
  if (imageId === undefined) throw new Error(`${text} is no image ID`);
  return imageId;
}

function apiOf({ url }: Pick<GlanceNode, 'url'>, account: Account = stack.accounts.admin): CacheApi {
  const transport = transports({ timeouts: { connectSec: 10, headersSec: 60, stallSec: 60 } });
  const patience = { clock: systemClock, random: Math.random, retries: 2 };
  const credentials = adminOf(stack, {
    auth: {
      username: account.name,
      password: account.password,
      project_name: account.project,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
  });
  const session = openSession({ credentials, transport, ...patience });
  return createCacheApi({ session, transport, node: parseNodeAddress(url), proxies: NO_PROXIES, ...patience });
}

/** A client of the tests' own, for what is done to a cache beside ours. */
const glanceAt = (node: GlanceNode): Promise<GlanceClient> => stack.connect(node);

/** Waits until the node has fetched what was queued. */
async function cachedOn(api: CacheApi, imageId: ImageId): Promise<void> {
  await expect.poll(async () => idsOf(await api.list(NO_SIGNAL)), { timeout: 30_000 }).toContain(imageId);
}

function idsOf({ cached }: { readonly cached: readonly { readonly imageId: string }[] }): readonly string[] {
  return cached.map(({ imageId }) => imageId);
}

describe.each([
  ['both APIs', () => both],
  ['the newer API alone', () => newer],
])('a node with %s', (_what, nodeOf) => {
  const first = (): ImageId => images[0] ?? UNKNOWN;
  const second = (): ImageId => images[1] ?? UNKNOWN;

  test('fetches what is queued at once, tells of it, and drops it', async () => {
    const api = apiOf(nodeOf());
    expect(await api.list(NO_SIGNAL)).toEqual({ cached: [], queued: [] });
    const sinceSec = Math.floor(Date.now() / 1000);
    await api.queue(first(), NO_SIGNAL);
    await cachedOn(api, first());
    await (await glanceAt(nodeOf())).downloadImage(first());
    const { cached } = await api.list(NO_SIGNAL);
    expect(cached).toMatchObject([{ imageId: first(), sizeBytes: MEBIBYTE, hits: 1 }]);
    expect(cached[0]?.lastModifiedSec).toBeGreaterThanOrEqual(sinceSec);
    expect(cached[0]?.lastAccessedSec).toBeGreaterThanOrEqual(cached[0]?.lastModifiedSec ?? Infinity);
    await api.deleteCached(first(), NO_SIGNAL);
    await api.deleteCached(first(), NO_SIGNAL);
    await api.deleteQueued(first(), NO_SIGNAL);
    expect(await api.list(NO_SIGNAL)).toEqual({ cached: [], queued: [] });
    expect(api.doubts()).toEqual([]);
  });

  test('removes all, and how many there were is known', async () => {
    const api = apiOf(nodeOf());
    const glance = await glanceAt(nodeOf());
    await glance.downloadImage(first());
    await glance.downloadImage(second());
    expect(await api.deleteAllQueued(NO_SIGNAL)).toBe(0);
    expect(idsOf(await api.list(NO_SIGNAL))).toHaveLength(2);
    expect(await api.deleteAllCached(NO_SIGNAL)).toBe(2);
    expect(await api.list(NO_SIGNAL)).toEqual({ cached: [], queued: [] });
    expect(await api.deleteAllCached(NO_SIGNAL)).toBe(0);
  });

  test('refuses what it cannot do', async () => {
    const api = apiOf(nodeOf());
    expect(await rejectionOf(api.queue(UNKNOWN, NO_SIGNAL))).toMatchObject({ code: 'NOT_FOUND_IMAGE' });
    expect(await rejectionOf(api.queue(inactive, NO_SIGNAL))).toMatchObject({ code: 'REMOTE_STATUS' });
    const refused = { code: 'USAGE_NOT_AVAILABLE', details: { newest_version: '2.16' } };
    expect(await rejectionOf(api.prune(NO_SIGNAL))).toMatchObject(refused);
    expect(await rejectionOf(api.clean(NO_SIGNAL))).toMatchObject(refused);
    await api.deleteCached(UNKNOWN, NO_SIGNAL);
    await api.deleteQueued(UNKNOWN, NO_SIGNAL);
    const demo = apiOf(nodeOf(), stack.accounts.demo);
    expect(await rejectionOf(demo.list(NO_SIGNAL))).toMatchObject({ code: 'AUTH_FORBIDDEN', exitCode: 7 });
    expect(api.doubts()).toEqual([]);
  });
});

describe('an image that is cached and queued', () => {
  async function placeTwice(node: GlanceNode): Promise<{ readonly api: CacheApi; readonly imageId: ImageId }> {
    const imageId = images[2] ?? UNKNOWN;
    await (await stack.connect(node)).downloadImage(imageId);
    writeFileSync(join(node.cacheDir, 'queue', imageId), '');
    chownSync(join(node.cacheDir, 'queue', imageId), stack.user.uid, stack.user.gid);
    return { api: apiOf(node), imageId };
  }

  test('is taken from one place by the older calls', async () => {
    const { api, imageId } = await placeTwice(both);
    await api.queue(imageId, NO_SIGNAL);
    await api.deleteQueued(imageId, NO_SIGNAL);
    expect(await api.list(NO_SIGNAL)).toMatchObject({ cached: [{ imageId }], queued: [] });
    await placeTwice(both);
    await api.deleteCached(imageId, NO_SIGNAL);
    expect(await api.list(NO_SIGNAL)).toEqual({ cached: [], queued: [imageId] });
    expect(await api.deleteAllQueued(NO_SIGNAL)).toBe(1);
  });

  test('stays where the node would take it from both', async () => {
    const { api, imageId } = await placeTwice(newer);
    expect(await rejectionOf(api.deleteCached(imageId, NO_SIGNAL))).toMatchObject({ code: 'USAGE_NOT_AVAILABLE' });
    expect(await rejectionOf(api.deleteQueued(imageId, NO_SIGNAL))).toMatchObject({ code: 'USAGE_NOT_AVAILABLE' });
    expect(await api.list(NO_SIGNAL)).toMatchObject({ cached: [{ imageId }], queued: [imageId] });
    expect(await api.deleteAllQueued(NO_SIGNAL)).toBe(1);
    expect(await api.list(NO_SIGNAL)).toMatchObject({ cached: [{ imageId }], queued: [] });
    expect(await api.deleteAllCached(NO_SIGNAL)).toBe(1);
  });
});

test('a node without a cache has no such API', async () => {
  expect(await rejectionOf(apiOf(none).list(NO_SIGNAL))).toMatchObject({
    code: 'NOT_FOUND_CACHE_API',
    exitCode: 6,
    details: { newest_version: '2.15' },
  });
});

/** Downloads an image; one that is removed in the instant when a download begins is a 500. */
async function read(glance: GlanceClient, imageId: ImageId): Promise<void> {
  const response = await glance.request('GET', `/v2/images/${imageId}/file`);
  await response.arrayBuffer();
}

test('a busy node is no several', async () => {
  const glance = await stack.connect(both);
  const [first = UNKNOWN, second = UNKNOWN] = images;
  const api = apiOf(both);
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([
      read(glance, first),
      read(glance, second),
      api.list(NO_SIGNAL),
      apiOf(both).deleteCached(round % 2 === 0 ? first : second, NO_SIGNAL),
      glance.request('PUT', `/v2/queued_images/${second}`).then(() => api.list(NO_SIGNAL)),
    ]);
  }
  expect(api.doubts()).toEqual([]);
});

test('an address that leads to two nodes in turn is told from a node', async () => {
  await (await stack.connect(newer)).downloadImage(images[0] ?? UNKNOWN);
  // Only what was cached a while ago tells: nothing can have happened to it in between.
  ageRow(newer);
  const balancer = await startBalancer([both.port, newer.port]);
  try {
    const api = apiOf({ url: `http://127.0.0.1:${balancer.port}` });
    await api.look(NO_SIGNAL);
    expect(api.doubts()).toEqual([expect.stringContaining('may be a load balancer') as string]);
  } finally {
    await balancer.close();
  }
});

function ageRow({ cacheDir }: GlanceNode): void {
  const database = new Database(join(cacheDir, 'cache.db'));
  database.exec('UPDATE cached_images SET last_modified = last_modified - 3600');
  database.close();
}

/** Gives each connection to the next port in turn, as load balancers do by default. */
async function startBalancer(ports: readonly number[]): Promise<{ port: number; close(): Promise<void> }> {
  let connections = 0;
  const server = createServer((client) => {
    const upstream = connect(ports[connections % ports.length] ?? 0, '127.0.0.1');
    connections += 1;
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The balancer does not listen');
  return {
    port: address.port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
