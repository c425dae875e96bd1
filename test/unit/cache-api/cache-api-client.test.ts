import { beforeEach, describe, expect, test } from 'vitest';
import type { CacheApi } from '../../../src/cache-api/cache-api.ts';
import { FakeNode, fakeRow, useCacheApi } from '../../support/fake-node.ts';
import { useHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL } from '../../support/transports.ts';
import { imageIdOf } from '../glance/image-ids.ts';

const server = useHttpServer();
const cacheApi = useCacheApi();
const [A, B, C] = [imageIdOf(1), imageIdOf(2), imageIdOf(3)];
const LOOK = ['GET /v2/cache', 'GET /v2/cache'];
const OLD_LOOK = ['GET /v2/cache', 'GET /v2/cached_images', 'GET /v2/queued_images', 'GET /v2/cached_images'];

let node: FakeNode;
let api: CacheApi;

beforeEach(() => {
  node = new FakeNode();
  node.cached = [fakeRow(A)];
  node.queued = [B];
  node.images = new Map([A, B, C].map((imageId) => [imageId, 'active']));
  server().answerWith(node.answer);
  ({ api } = cacheApi(server().origin));
});

const asked = (): readonly string[] => server().requests.map(({ method, url }) => `${method} ${url}`);
const cachedIds = (): readonly string[] => node.cached.map((row) => row.image_id);

function withoutCacheApi(): void {
  node.hasCacheApi = false;
  node.versions = ['v2.13', 'v2.9'];
}

describe('list()', () => {
  const STATE = {
    cached: [{ imageId: A, lastAccessedSec: 600.5, lastModifiedSec: 500.25, sizeBytes: 1000, hits: 3 }],
    queued: [B],
  };

  test('tells cache and queue, and looks a second time, on connections of their own', async () => {
    expect(await api.list(NO_SIGNAL)).toEqual(STATE);
    expect(asked()).toEqual(LOOK);
    expect(server().connectionCount).toBe(2);
    expect(server().requests.map(({ headers }) => headers['x-auth-token'])).toEqual(['fixed-token', 'fixed-token']);
    expect(api.doubts()).toEqual([]);
    expect(api.host).toBe(server().origin);
  });

  test('asks the older calls where there is no other', async () => {
    withoutCacheApi();
    expect(await api.list(NO_SIGNAL)).toEqual(STATE);
    expect(asked()).toEqual(OLD_LOOK);
    expect(api.doubts()).toEqual([]);
  });

  test('looks anew each time', async () => {
    await api.list(NO_SIGNAL);
    node.cached = [];
    expect(await api.list(NO_SIGNAL)).toEqual({ cached: [], queued: [B] });
  });
});

describe('look()', () => {
  test('serves for what is done within ten seconds', async () => {
    const { api: mine, clock } = cacheApi(server().origin);
    await mine.look(NO_SIGNAL);
    await mine.deleteCached(A, NO_SIGNAL);
    clock.seconds += 10;
    await mine.deleteCached(C, NO_SIGNAL);
    expect(asked()).toEqual([...LOOK, `DELETE /v2/cached_images/${A}`, `DELETE /v2/cached_images/${C}`]);
    clock.seconds += 1;
    await mine.deleteCached(C, NO_SIGNAL);
    expect(asked().slice(4)).toEqual([...LOOK, `DELETE /v2/cached_images/${C}`]);
  });
});

test('a look serves all that is done at once', async () => {
  await Promise.all([A, B, C].map((imageId) => api.deleteCached(imageId, NO_SIGNAL)));
  expect(asked().filter((text) => text === 'GET /v2/cache')).toHaveLength(2);
});

describe('queue()', () => {
  test('has the node fetch an image', async () => {
    await api.queue(C, NO_SIGNAL);
    expect(asked()).toEqual([...LOOK, `PUT /v2/cache/${C}`]);
    expect(node.queued).toEqual([B, C]);
  });

  test('takes what Yoga says for what it is', async () => {
    node.isYoga = true;
    await api.queue(C, NO_SIGNAL);
    expect(node.queued).toEqual([B, C]);
  });

  test('leaves a cached image alone, which the node would read for nothing', async () => {
    await api.queue(A, NO_SIGNAL);
    expect(asked()).toEqual(LOOK);
  });

  test('asks for a queued image again, which has it fetched', async () => {
    await api.queue(B, NO_SIGNAL);
    expect(asked()).toEqual([...LOOK, `PUT /v2/cache/${B}`]);
  });

  test('queues by the older call where there is no other', async () => {
    withoutCacheApi();
    await api.queue(C, NO_SIGNAL);
    expect(asked()).toEqual([...OLD_LOOK, `PUT /v2/queued_images/${C}`]);
    expect(node.queued).toEqual([B, C]);
  });

  test('raises NOT_FOUND_IMAGE for what Glance does not know, and does not try the older call', async () => {
    node.images = new Map();
    expect(await rejectionOf(api.queue(C, NO_SIGNAL))).toMatchObject({
      code: 'NOT_FOUND_IMAGE',
      exitCode: 6,
      message: `Cannot queue image ${C} on "${server().origin}": Glance does not know it, or does not show it to this account`,
      details: { host: server().origin, image_id: C },
    });
    expect(asked()).toEqual([...LOOK, `PUT /v2/cache/${C}`]);
  });

  test('raises REMOTE_STATUS for an image that is not active', async () => {
    node.images = new Map([[C, 'queued']]);
    expect(await rejectionOf(api.queue(C, NO_SIGNAL))).toMatchObject({
      code: 'REMOTE_STATUS',
      message: `Cannot queue image ${C} on "${server().origin}": the image is not active (HTTP 400)`,
    });
  });
});

describe('removing one image', () => {
  test('is done by the older calls, which take it from one place', async () => {
    node.queued = [A, B];
    await api.deleteCached(A, NO_SIGNAL);
    expect(cachedIds()).toEqual([]);
    expect(node.queued).toEqual([A, B]);
    await api.deleteQueued(B, NO_SIGNAL);
    expect(node.queued).toEqual([A]);
  });

  test.each([
    ['with the newer API', () => undefined],
    ['of an older release', withoutCacheApi],
  ])('that is absent is silent on a node %s', async (_what, setUp) => {
    setUp();
    await api.deleteCached(C, NO_SIGNAL);
    await api.deleteQueued(C, NO_SIGNAL);
    expect(cachedIds()).toEqual([A]);
    expect(node.queued).toEqual([B]);
  });

  test('uses the spelling that it is queued by', async () => {
    node.queued = [B, C.toUpperCase(), `{${A}}`];
    await api.deleteQueued(C, NO_SIGNAL);
    await api.deleteQueued(A, NO_SIGNAL);
    expect(node.queued).toEqual([B]);
    expect(asked().slice(2)).toEqual([
      `DELETE /v2/queued_images/${C.toUpperCase()}`,
      `DELETE /v2/queued_images/%7B${A}%7D`,
    ]);
  });

  describe('on a node without the older calls', () => {
    beforeEach(() => {
      node.hasOlder = false;
    });

    test('is done by the call for both where it is in one place', async () => {
      await api.deleteCached(A, NO_SIGNAL);
      await api.deleteQueued(B, NO_SIGNAL);
      expect(node).toMatchObject({ cached: [], queued: [] });
      expect(asked()).toEqual([
        ...LOOK,
        `DELETE /v2/cached_images/${A}`,
        `DELETE /v2/cache/${A}`,
        `DELETE /v2/cache/${B}`,
      ]);
    });

    test('takes what Yoga says for what it is', async () => {
      node.isYoga = true;
      await api.deleteCached(A, NO_SIGNAL);
      expect(node.cached).toEqual([]);
    });

    test('is refused where it is in both, and nothing removed', async () => {
      node.queued = [A, B];
      const error = await rejectionOf(api.deleteCached(A, NO_SIGNAL));
      expect(error).toMatchObject({
        code: 'USAGE_NOT_AVAILABLE',
        exitCode: 2,
        message: `Cannot delete image ${A} from the cache of "${server().origin}": it is both cached and queued there, and the node can only remove it from both at once`,
      });
      expect(await rejectionOf(api.deleteQueued(A, NO_SIGNAL))).toMatchObject({ code: 'USAGE_NOT_AVAILABLE' });
      expect(cachedIds()).toEqual([A]);
      expect(node.queued).toEqual([A, B]);
    });

    test('leaves what is in the other place alone', async () => {
      await api.deleteCached(B, NO_SIGNAL);
      await api.deleteQueued(A, NO_SIGNAL);
      expect(cachedIds()).toEqual([A]);
      expect(node.queued).toEqual([B]);
      expect(asked().filter((text) => text.startsWith('DELETE /v2/cache/'))).toEqual([]);
    });

    test('tries a file that no list tells of, and is silent where there is none', async () => {
      node.images = new Map();
      await api.deleteCached(C, NO_SIGNAL);
      expect(asked().at(-1)).toBe(`DELETE /v2/cache/${C}`);
    });

    test('looks again where the last look is no longer new, as a queued image may be cached by now', async () => {
      const { api: mine, clock } = cacheApi(server().origin);
      await mine.look(NO_SIGNAL);
      node.cached = [fakeRow(A), fakeRow(B)];
      clock.seconds += 2;
      expect(await rejectionOf(mine.deleteQueued(B, NO_SIGNAL))).toMatchObject({ code: 'USAGE_NOT_AVAILABLE' });
      expect(cachedIds()).toEqual([A, B]);
    });
  });
});

describe('removing all images', () => {
  beforeEach(() => {
    node.cached = [fakeRow(A), fakeRow(C)];
  });

  test.each([
    ['with both APIs', () => undefined],
    ['of an older release', withoutCacheApi],
  ])('says how many there were, on a node %s', async (_what, setUp) => {
    setUp();
    expect(await api.deleteAllCached(NO_SIGNAL)).toBe(2);
    expect(node).toMatchObject({ cached: [], queued: [B] });
    expect(await api.deleteAllQueued(NO_SIGNAL)).toBe(1);
    expect(node.queued).toEqual([]);
    expect(asked().filter((text) => text.startsWith('DELETE'))).toEqual([
      'DELETE /v2/cached_images',
      'DELETE /v2/queued_images',
    ]);
  });

  test('counts what is listed on a node that does not say how many, and takes from one place alone', async () => {
    node.hasOlder = false;
    expect(await api.deleteAllQueued(NO_SIGNAL)).toBe(1);
    expect(node).toMatchObject({ cached: [fakeRow(A), fakeRow(C)], queued: [] });
    expect(await api.deleteAllCached(NO_SIGNAL)).toBe(2);
    expect(node.cached).toEqual([]);
    expect(server().requests.flatMap(({ headers }) => headers['x-image-cache-clear-target'] ?? [])).toEqual([
      'queue',
      'cache',
    ]);
  });
});

describe('prune() and clean()', () => {
  test('are done by a node with version 2.18', async () => {
    node.hasPrune = true;
    expect(await api.prune(NO_SIGNAL)).toEqual({ images: 2, bytes: 3000 });
    await api.clean(NO_SIGNAL);
    expect(asked()).toEqual([...LOOK, 'POST /v2/cache/prune', ...LOOK, 'POST /v2/cache/clean']);
  });

  test.each([
    ['of version 2.16', () => undefined, '2.16'],
    ['of an older release', withoutCacheApi, '2.13'],
  ])('are refused for a node %s', async (_what, setUp, newest) => {
    setUp();
    expect(await rejectionOf(api.prune(NO_SIGNAL))).toMatchObject({
      code: 'USAGE_NOT_AVAILABLE',
      exitCode: 2,
      message: `Cannot prune the cache of "${server().origin}": that takes version 2.18 of the Image API, and it speaks version ${newest}`,
      hint: 'Run glance-cache-pruner on the node itself',
      details: { newest_version: newest },
    });
    expect(await rejectionOf(api.clean(NO_SIGNAL))).toMatchObject({
      hint: 'Run glance-cache-cleaner on the node itself',
    });
    expect(api.doubts()).toEqual([]);
  });

  test('raise a doubt where the node offers 2.18 and does not have it', async () => {
    node.versions = ['v2.18', 'v2.16', 'v2.14'];
    await rejectionOf(api.prune(NO_SIGNAL));
    expect(api.doubts()).toEqual([expect.stringContaining('it offers version 2.18') as string]);
  });
});
