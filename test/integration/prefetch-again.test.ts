// Servers that want to be asked again, or elsewhere, or by somebody else.
import { describe, expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { contentOf } from '../support/cloud/contents.js';
import {
  answerAll,
  answerNext,
  before,
  isDownload,
  isLogin,
  isLookup,
  REQUESTS,
  type Which,
} from '../support/cloud/scripted.ts';
import { cutAfter, drip, redirect, send } from '../support/http-answers.ts';
import { useHttpServer } from '../support/http-server.ts';
import {
  DROPPED,
  expectRecovery,
  FETCHED,
  keptPart,
  loginOf,
  MIB,
  type PrefetchFixture,
  QUEUED,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { failure, success } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO] = [idOf('1'), idOf('2')];
const IMAGE = { id: ONE, sizeBytes: MIB };
const { login: _login, ...OF_GLANCE } = REQUESTS;

/** A cloud with one image, which is queued. */
async function queued(): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [IMAGE] });
  it.queue(ONE);
  return it;
}

for (const [what, at] of Object.entries(REQUESTS)) {
  test.concurrent(`the prefetcher fetches the image silently when a ${what} fails once with 500`, async () => {
    const it = await queued();
    answerNext(it.cloud, at, send(500, 'Go away'));
    await expectRecovery(it, ONE);
  });

  for (const [status, retryAfter] of [
    [429, '1'],
    [503, '1'],
  ] as const) {
    test.concurrent(`the prefetcher waits as long as a ${status} to a ${what} asks for`, async () => {
      const it = await queued();
      const atSec: number[] = [];
      before(it.cloud, at, () => void atSec.push(performance.now() / 1000));
      answerNext(it.cloud, at, send(status, 'Busy', { 'retry-after': retryAfter }));
      await expectRecovery(it, ONE);
      const [first = 0, second = 0] = atSec;
      expect(second - first).toBeGreaterThan(0.99);
      // The wait that all have, so that they do not come back together, is added.
      expect(second - first).toBeLessThan(8);
    });
  }
}

describe('redirects', () => {
  const elsewhere = useHttpServer();

  for (const [what, at] of Object.entries(REQUESTS)) {
    test(`the prefetcher does not follow a ${what} that is redirected to another origin`, async () => {
      const it = await queued();
      const heal = answerAll(it.cloud, at, (request, response) =>
        redirect(307, `${elsewhere().origin}${request.url}`)(request, response),
      );
      const verb = at === isLogin ? 'post to' : 'get';
      const { code, stderr } = await it.run();
      expect(code).toBe(8);
      const origin = at === isLogin ? it.cloud.keystoneUrl : it.cloud.glanceUrl;
      expect(stderr).toMatch(new RegExp(`^ERROR: Cannot ${verb} "${origin}/v[23]/[^"]*": `));
      expect(stderr).toContain(
        `: the server redirects it from "${origin}" to "${elsewhere().origin}", where no token may go\nhint: Write the URL `,
      );
      expect(elsewhere().connectionCount).toBe(0);
      expect(it.stateOf(ONE)).toEqual(at === isDownload ? keptPart(0) : QUEUED);
      heal();
      await expectRecovery(it, ONE);
    });
  }

  test('the prefetcher follows a redirect within the origin, with its token', async () => {
    const it = await queued();
    answerNext(it.cloud, isLookup, redirect(302, `/region-two/v2/images/${ONE}`));
    answerNext(it.cloud, isDownload, redirect(302, `/region-two/v2/images/${ONE}/file`));
    await expectRecovery(it, ONE);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', 'bytes=0-']);
  });
});

describe.concurrent('tokens', () => {
  test('the prefetcher logs in once, however many images there are', async () => {
    const it = await prefetch({ images: [IMAGE, { id: TWO, sizeBytes: 5 }] });
    it.queue(ONE, TWO);
    expect(await it.run()).toEqual(success());
    expect([it.stateOf(ONE), it.stateOf(TWO)]).toEqual([FETCHED, FETCHED]);
    expect(it.logins).toBe(1);
  });

  for (const [what, at] of Object.entries(OF_GLANCE)) {
    test(`the prefetcher logs in again and repeats a ${what} when the token is refused meanwhile`, async () => {
      const it = await queued();
      let isRevoked = false;
      before(it.cloud, at, () => {
        if (!isRevoked) it.cloud.revokeTokens();
        isRevoked = true;
      });
      await expectRecovery(it, ONE);
      expect(it.logins).toBe(2);
      const tokens = it.cloud.requests.filter(at).map(({ headers }) => headers['x-auth-token']);
      expect(new Set(tokens.slice(0, 2)).size).toBe(2);
    });
  }

  test('the prefetcher goes on where it was when the token is refused after a cut', async () => {
    const it = await queued();
    answerNext(it.cloud, isDownload, async (request, response) => {
      await cutAfter(500_000, contentOf(ONE, MIB))(request, response);
      it.cloud.revokeTokens();
    });
    await expectRecovery(it, ONE);
    expect(it.rangesOf(ONE)).toEqual(['bytes=0-', 'bytes=500000-', 'bytes=500000-']);
    expect(it.logins).toBe(2);
  });

  test('the prefetcher logs in again by itself when the token is about to end', async () => {
    const it = await prefetch({ images: [IMAGE, { id: TWO, sizeBytes: 5 }], tokenLifeSec: 3 });
    it.queue(ONE, TWO);
    const statuses: number[] = [];
    const isAny: Which = () => true;
    before(it.cloud, isAny, (_request, response) => {
      response.on('finish', () => statuses.push(response.statusCode));
    });
    answerNext(it.cloud, isDownload, drip(contentOf(ONE, MIB), Math.ceil(MIB / 5), 600));
    expect(await it.run(['-j', '1'])).toEqual(success());
    expect([it.stateOf(ONE), it.stateOf(TWO)]).toEqual([FETCHED, FETCHED]);
    expect(it.logins).toBeGreaterThanOrEqual(2);
    expect(statuses).not.toContain(401);
  });

  test('the prefetcher asks Keystone once only when that refuses the password', async () => {
    const it = await prefetch({ images: [IMAGE, { id: TWO, sizeBytes: 5 }] });
    it.queue(ONE, TWO);
    const { code } = await it.run([], { env: { OS_PASSWORD: 'wrong' } });
    expect([code, it.logins]).toEqual([7, 1]);
    expect(it.cloud.requests.filter(({ service }) => service === 'glance')).toEqual([]);
  });
});

describe.concurrent('images that are gone, or not shown', () => {
  const demo = (it: PrefetchFixture): Readonly<Record<string, string>> =>
    loginOf(it.cloud, { username: 'demo', password: 'demo-secret', project: 'demo' });

  for (const status of [404, 410]) {
    for (const [what, at] of Object.entries(OF_GLANCE)) {
      test(`an admin's prefetcher drops the marker when the answer to a ${what} is ${status}`, async () => {
        const it = await queued();
        answerAll(it.cloud, at, send(status));
        const { code, stdout, stderr } = await it.run(['--format', 'value']);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout).toMatch(new RegExp(`^${ONE} unqueue done deleted queue `));
        expect(it.stateOf(ONE)).toEqual(DROPPED);
      });
    }
  }

  test('the prefetcher keeps the marker when the image is not there and the account is no admin', async () => {
    const it = await queued();
    it.env = demo(it);
    it.hide('demo-secret');
    it.cloud.images.set(ONE, { ...it.cloud.images.get(ONE), id: ONE, visibility: 'private' });
    const message = `Cannot get image ${ONE}: Glance does not know it, or does not show it to this account`;
    const hint =
      'It may only be invisible to this account: use an account with an admin role, or of the project that owns the image: openstack image show 11111111-1111-1111-1111-111111111111';
    expect(await it.run()).toEqual(failure(6, message, hint));
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    it.env = loginOf(it.cloud);
    await expectRecovery(it, ONE);
  });
});
