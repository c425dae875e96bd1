import { beforeEach, describe, expect, test } from 'vitest';
import { lookUpAddresses, severalOf } from '../../../src/cache-api/look-up.ts';
import { FakeNode, fakeRow, useCacheApi } from '../../support/fake-node.ts';
import { neverAnswer, send, sendJson } from '../../support/http-answers.ts';
import { useHttpServer } from '../../support/http-server.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { NO_SIGNAL } from '../../support/transports.ts';
import { imageIdOf } from '../glance/image-ids.ts';

// When an address is taken for several nodes, and when it is not.

const server = useHttpServer();
const cacheApi = useCacheApi();
const [A, B] = [imageIdOf(1), imageIdOf(2)];

let node: FakeNode;
let other: FakeNode;

beforeEach(() => {
  node = new FakeNode();
  other = new FakeNode();
});

/** Answers of two nodes in turn, as a load balancer has them. */
function inTurn(): readonly Answer[] {
  return Array.from({ length: 8 }, (_, place) => (place % 2 === 0 ? node : other).answer);
}

async function doubtsWith(
  answers: readonly Answer[],
  changes: Parameters<typeof cacheApi>[1] = {},
): Promise<readonly string[]> {
  server().answerWith(...answers);
  const { api } = cacheApi(server().origin, changes);
  await api.look(NO_SIGNAL);
  return api.doubts();
}

const asked = (): readonly string[] => server().requests.map(({ url }) => url);

function doubt(reason: string): string {
  return `"${server().origin}" may be a load balancer in front of several nodes, not one node: ${reason}`;
}

describe('what answers', () => {
  test('adds the header Via, and the doubt is told once', async () => {
    node.headers = { via: '1.1 haproxy' };
    expect(await doubtsWith([node.answer])).toEqual([
      doubt('what answers is a gateway, by its header Via: "1.1 haproxy"'),
    ]);
  });

  test('sets a cookie, of which the value is not told', async () => {
    node.headers = { 'set-cookie': 'SERVERID=secret; path=/' };
    expect(await doubtsWith([node.answer])).toEqual([doubt('it sets the cookie "SERVERID", as load balancers do')]);
  });

  test('is behind a proxy of ours, whose headers and addresses say nothing', async () => {
    node.headers = { via: '1.1 squid', 'set-cookie': 'a=b' };
    const proxies = { http: server().origin, https: undefined, noProxy: undefined };
    const lookUp = () => Promise.reject(new Error('nobody has to look this up'));
    expect(await doubtsWith([node.answer], { proxies, lookUp })).toEqual([]);
  });

  test('is a web server around one node', async () => {
    node.headers = { server: 'Apache/2.4.57 (Debian)', 'x-frame-options': 'DENY' };
    expect(await doubtsWith([node.answer])).toEqual([]);
  });
});

describe('a name', () => {
  test('with several addresses raises a doubt', async () => {
    const lookUp = () => Promise.resolve(['10.0.0.1', '10.0.0.2', '2001:db8::1']);
    expect(await doubtsWith([node.answer], { lookUp })).toEqual([
      doubt('its name has the addresses 10.0.0.1, 10.0.0.2, 2001:db8::1'),
    ]);
  });

  test.each([
    [[]],
    [['10.0.0.1']],
    [['10.0.0.1', '2001:db8::1']],
    [['127.0.0.1', '::1']],
    [['127.0.1.1', '10.0.0.1']],
    [['10.0.0.1', '10.0.0.1']],
    [['fe80::1', '2001:db8::1']],
  ])('may be that of one node with the addresses %j', (addresses) => {
    expect(severalOf(addresses)).toEqual([]);
  });
});

test('lookUpAddresses() looks up names as this system does, and is silent about what is none', async () => {
  expect(await lookUpAddresses('127.0.0.1')).toEqual(['127.0.0.1']);
  expect((await lookUpAddresses('localhost')).length).toBeGreaterThan(0);
  expect(await lookUpAddresses('a..b')).toEqual([]);
});

describe('two nodes in turn', () => {
  test.each<readonly [string, () => void, string, number]>([
    [
      'the second of which holds what the first has not',
      () => {
        other.cached = [fakeRow(A)];
      },
      `image ${A} has been cached for long, and was missing a moment before`,
      2,
    ],
    [
      'the first of which holds what the second has not, by a third look',
      () => {
        node.cached = [fakeRow(A)];
      },
      `image ${A} has been cached for long, and was missing a moment before`,
      3,
    ],
    [
      'which hold the same, cached at other times',
      () => {
        node.cached = [fakeRow(A)];
        other.cached = [fakeRow(A, { last_modified: 501 })];
      },
      `image ${A} has been cached at two different times`,
      2,
    ],
    [
      'with other queues',
      () => {
        node.queued = [B];
      },
      'its queue was another one for a moment',
      3,
    ],
    [
      'one of which has no cache',
      () => {
        other.hasCacheApi = false;
        other.hasOlder = false;
      },
      'it has a cache API, and a moment later it has none',
      2,
    ],
  ])('are found out: %s', async (_what, setUp, reason, requests) => {
    setUp();
    expect(await doubtsWith(inTurn())).toEqual([doubt(`its answers contradict each other: ${reason}`)]);
    expect(server().requests).toHaveLength(requests);
  });

  test('are found out by the older calls', async () => {
    for (const older of [node, other]) older.hasCacheApi = false;
    node.cached = [fakeRow(A)];
    other.cached = [fakeRow(A, { hits: 1 })];
    // The newer call, the queue and the list are asked for before that list is asked for again.
    expect(await doubtsWith([node.answer, node.answer, node.answer, other.answer])).toEqual([
      doubt(`its answers contradict each other: image ${A} has fewer hits than a moment before`),
    ]);
  });
});

test('two nodes, each of which answers a whole look, are found out by the second one', async () => {
  node.cached = [fakeRow(A)];
  other.cached = [fakeRow(A, { hits: 1 })];
  server().answerWith(node.answer, node.answer, other.answer);
  const { api } = cacheApi(server().origin);
  await api.list(NO_SIGNAL);
  expect(api.doubts()).toEqual([]);
  await api.list(NO_SIGNAL);
  expect(api.doubts()).toEqual([expect.stringContaining('has fewer hits than a moment before') as string]);
});

describe('one node', () => {
  test('which tells of times that are hours off is no several', async () => {
    const { api } = cacheApi(server().origin);
    server().answerWith(node.answer);
    await api.list(NO_SIGNAL);
    node.cached = [fakeRow(A, { last_modified: Date.now() / 1000 - 7200 })];
    await api.list(NO_SIGNAL);
    expect(api.doubts()).toEqual([]);
  });

  test('whose cache is emptied between two looks is no several', async () => {
    node.cached = [fakeRow(A)];
    expect(await doubtsWith([node.answer, other.answer, other.answer])).toEqual([]);
    expect(server().requests).toHaveLength(3);
  });

  test('which caches an image between two looks is no several', async () => {
    other.cached = [fakeRow(A, { last_modified: Date.now() / 1000 })];
    expect(await doubtsWith([node.answer, other.answer])).toEqual([]);
  });

  test.each<readonly [string, Answer]>([
    ['fails', send(503)],
    ['is cut', (_request, response) => void response.socket?.resetAndDestroy()],
    ['makes no sense', send(200, '<html>')],
    ['is forbidden', send(403)],
    ['leads elsewhere', send(302, '', { location: 'http://127.0.0.1:1/' })],
  ])('is not asked a third time where its second answer %s', async (_what, second) => {
    expect(await doubtsWith([node.answer, second])).toEqual([]);
    expect(asked()).toEqual(['/v2/cache', '/v2/cache']);
  });

  test('can be given up in the second look', async () => {
    const reason = new Error('stopped');
    const stop = new AbortController();
    server().answerWith(node.answer, (request, response) => {
      stop.abort(reason);
      return neverAnswer()(request, response);
    });
    await expect(cacheApi(server().origin).api.list(stop.signal)).rejects.toBe(reason);
  });
});

describe('a long list', () => {
  const LONG: readonly Answer[] = [
    sendJson(200, { cached_images: [fakeRow(A)], queued_images: [], filler: 'x'.repeat(600_000) }),
  ];

  test('is not asked for again, but the versions are', async () => {
    expect(await doubtsWith([...LONG, node.answer])).toEqual([]);
    expect(asked()).toEqual(['/v2/cache', '/versions']);
  });

  test('raises a doubt where the versions are those of a node without a cache', async () => {
    node.versions = ['v2.17', 'v2.15', 'v2.9'];
    expect(await doubtsWith([...LONG, node.answer])).toEqual([
      doubt('its answers contradict each other: it has a cache API, which its list of versions has not'),
    ]);
  });

  test('raises none where there is no list of versions', async () => {
    expect(await doubtsWith([...LONG, send(404)])).toEqual([]);
  });
});
