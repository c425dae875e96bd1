import { beforeEach, describe, expect, test } from 'vitest';
import { createCacheApi } from '../../../src/cache-api/cache-api-client.ts';
import { parseNodeAddress } from '../../../src/cache-api/node-address.ts';
import { NO_PROXIES } from '../../../src/http/proxies.ts';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import { adminOf } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { FakeNode, fakeRow, useCacheApi } from '../../support/fake-node.ts';
import { neverAnswer, redirect, reset, send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';
import { imageIdOf } from '../glance/image-ids.ts';

const server = useHttpServer();
const cacheApi = useCacheApi();
const startCloud = useClouds();
const transports = useTransports();
const A = imageIdOf(1);
const EMPTY = sendJson(200, { cached_images: [], queued_images: [] });
const LOOK = [EMPTY, EMPTY];
const textWith = (text: string): string => expect.stringContaining(text) as string;

let node: FakeNode;

beforeEach(() => {
  node = new FakeNode();
});

function listError(...answers: readonly Answer[]): Promise<unknown> {
  server().answerWith(...answers);
  return rejectionOf(cacheApi(server().origin).api.list(NO_SIGNAL));
}

describe('a node without a cache API', () => {
  beforeEach(() => {
    node.hasCacheApi = false;
    node.hasOlder = false;
  });

  test.each([
    [['v2.17', 'v2.15', 'v2.9'], '2.17'],
    [['v2.13', 'v2.9'], '2.13'],
  ])('that offers %j is told, with what to set', async (versions, newest) => {
    node.versions = versions;
    expect(await listError(node.answer)).toMatchObject({
      code: 'NOT_FOUND_CACHE_API',
      exitCode: 6,
      message: `Cannot list the cache of "${server().origin}": cache management middleware not enabled, it speaks version ${newest} of the Image API`,
      hint: textWith('keystone+cachemanagement'),
      details: { host: server().origin, newest_version: newest },
    });
  });

  test('is told from a server that is no Glance', async () => {
    expect(await listError(send(404, '<h1>Not Found</h1>'))).toMatchObject({
      code: 'REMOTE_ANSWER',
      message: `Cannot list the cache of "${server().origin}": what answers at "${server().origin}" is not the Image API (HTTP 404)`,
    });
  });

  test('is changed in nothing', async () => {
    server().answerWith(node.answer);
    const { api } = cacheApi(server().origin);
    for (const change of [
      () => api.queue(A, NO_SIGNAL),
      () => api.deleteCached(A, NO_SIGNAL),
      () => api.deleteAllQueued(NO_SIGNAL),
      () => api.prune(NO_SIGNAL),
    ]) {
      expect(await rejectionOf(change())).toMatchObject({ code: 'NOT_FOUND_CACHE_API' });
    }
    expect(new Set(server().requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });
});

describe('list()', () => {
  test.each<readonly [Answer, string, string]>([
    [send(300), 'REMOTE_ANSWER', 'is not the Image API (HTTP 300)'],
    [send(400, 'what?'), 'REMOTE_STATUS', 'the server says "what?" (HTTP 400)'],
    [send(409, 'busy'), 'REMOTE_STATUS', 'the server says "busy" (HTTP 409)'],
    [send(200, '<html>'), 'REMOTE_ANSWER', 'the answer is no JSON object'],
    [sendJson(200, []), 'REMOTE_ANSWER', 'the answer is no JSON object'],
    [sendJson(200, { cached_images: [] }), 'REMOTE_ANSWER', 'the answer has no list "queued_images"'],
    [redirect(302, 'http://127.0.0.1:1/'), 'REMOTE_REDIRECT', 'where no token may go'],
  ])('tells case %#, and asks once', async (answer, code, text) => {
    expect(await listError(answer)).toMatchObject({ code, exitCode: 8, message: textWith(text) });
    expect(server().requests).toHaveLength(1);
  });

  test('tells who may not, with the policies to change, and never the token', async () => {
    const error = await listError(send(403, 'not with fixed-token', { 'x-openstack-request-id': 'req-1' }));
    expect(error).toMatchObject({
      code: 'AUTH_FORBIDDEN',
      exitCode: 7,
      message: `Cannot list the cache of "${server().origin}": not authorized to make this request (HTTP 403)`,
      hint: textWith('cache_list, cache_image, cache_delete'),
      details: { host: server().origin, status: 403, request_id: 'req-1' },
    });
    expect(JSON.stringify(error)).not.toContain('fixed-token');
  });

  test('tries again while a failure may pass', async () => {
    server().answerWith(send(503), reset(), ...LOOK);
    const { api, clock } = cacheApi(server().origin);
    expect(await api.list(NO_SIGNAL)).toEqual({ cached: [], queued: [] });
    expect(clock.sleeps).toHaveLength(2);
  });

  test('gives up after the retries', async () => {
    expect(await listError(send(503))).toMatchObject({ code: 'REMOTE_STATUS', isTransient: true });
    expect(server().requests).toHaveLength(3);
  });

  test('tells more images than other answers may have bytes', async () => {
    const rows = Array.from({ length: 60_000 }, (_, place) => fakeRow(imageIdOf(place)));
    server().answerWith(sendJson(200, { cached_images: rows, queued_images: [] }), node.answer);
    const { cached } = await cacheApi(server().origin).api.list(NO_SIGNAL);
    expect(cached).toHaveLength(60_000);
  });
});

describe('a change', () => {
  test.each<readonly [string, (api: ReturnType<typeof cacheApi>['api']) => Promise<unknown>, number]>([
    ['queue', (api) => api.queue(A, NO_SIGNAL), 1],
    ['remove all', (api) => api.deleteAllCached(NO_SIGNAL), 1],
    ['prune', (api) => api.prune(NO_SIGNAL), 1],
    ['clean', (api) => api.clean(NO_SIGNAL), 1],
    // Twice is as good as once.
    ['remove one', (api) => api.deleteCached(A, NO_SIGNAL), 3],
  ])('to %s is tried %# as often as it may be', async (_what, change, times) => {
    server().answerWith(...LOOK, send(503, 'busy'));
    const { api } = cacheApi(server().origin);
    expect(await rejectionOf(change(api))).toMatchObject({ code: 'REMOTE_STATUS', exitCode: 8 });
    expect(server().requests).toHaveLength(2 + times);
  });

  test('is given up with the reason', async () => {
    const reason = new Error('stopped');
    const stop = new AbortController();
    server().answerWith(...LOOK, (request, response) => {
      stop.abort(reason);
      return neverAnswer()(request, response);
    });
    await expect(cacheApi(server().origin).api.prune(stop.signal)).rejects.toBe(reason);
  });

  test.each([
    [sendJson(200, {}), 'the answer has no counts'],
    [sendJson(200, { total_files_pruned: -1, total_bytes_pruned: 'x' }), 'the answer has no counts'],
    [send(200, '<html>'), 'the answer is no JSON object'],
  ])('that answers nonsense is REMOTE_ANSWER: case %#', async (answer, text) => {
    server().answerWith(...LOOK, answer);
    const { api } = cacheApi(server().origin);
    expect(await rejectionOf(api.prune(NO_SIGNAL))).toMatchObject({ code: 'REMOTE_ANSWER', message: textWith(text) });
  });

  test('that says no count that makes sense counts what was listed', async () => {
    node.cached = [fakeRow(A)];
    server().answerWith(node.answer, node.answer, sendJson(200, { num_deleted: -5 }));
    expect(await cacheApi(server().origin).api.deleteAllCached(NO_SIGNAL)).toBe(1);
  });

  test('forbidden by the policy of the older calls is done by the newer ones', async () => {
    node.cached = [fakeRow(A)];
    node.images = new Map([[A, 'active']]);
    server().answerWith((request, response) =>
      request.url.includes('cached_images') ? send(403)(request, response) : node.answer(request, response),
    );
    const { api } = cacheApi(server().origin);
    await api.deleteCached(A, NO_SIGNAL);
    expect(node.cached).toEqual([]);
  });

  test('forbidden on an older node is AUTH_FORBIDDEN', async () => {
    node.hasCacheApi = false;
    server().answerWith((request, response) =>
      request.method === 'GET' ? node.answer(request, response) : send(403)(request, response),
    );
    const { api } = cacheApi(server().origin);
    expect(await rejectionOf(api.deleteCached(A, NO_SIGNAL))).toMatchObject({ code: 'AUTH_FORBIDDEN' });
    expect(await rejectionOf(api.deleteAllQueued(NO_SIGNAL))).toMatchObject({ code: 'AUTH_FORBIDDEN' });
  });
});

describe('a token that a node refuses', () => {
  test('is renewed once', async () => {
    const cloud = await startCloud();
    server().answerWith(send(401), ...LOOK);
    const transport = transports();
    const patience = { clock: new FakeClock(), random: () => 0.5, retries: 0 };
    const session = openSession({ credentials: adminOf(cloud), transport, ...patience });
    const address = parseNodeAddress(server().origin);
    const api = createCacheApi({ session, transport, node: address, proxies: NO_PROXIES, ...patience });
    await api.list(NO_SIGNAL);
    const [first, second, third] = server().requests.map(({ headers }) => headers['x-auth-token']);
    expect(second).toBe(third);
    expect(first).not.toBe(second);
    server().answerWith(send(401));
    expect(await rejectionOf(api.list(NO_SIGNAL))).toMatchObject({
      code: 'AUTH_REFUSED',
      hint: textWith('see that it asks the same Keystone'),
    });
  });

  test('is AUTH_REFUSED at once when it is fixed', async () => {
    expect(await listError(send(401))).toMatchObject({ code: 'AUTH_REFUSED', exitCode: 7 });
    expect(server().requests).toHaveLength(1);
  });
});

test('a node below a path is asked below it', async () => {
  server().answerWith(...LOOK);
  await cacheApi(`${server().origin}/image/v2`).api.list(NO_SIGNAL);
  expect(server().requests.map(({ url }) => url)).toEqual(['/image/v2/cache', '/image/v2/cache']);
});
