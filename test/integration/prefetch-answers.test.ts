// Keystone and Glance that refuse, fail, or answer what makes no sense.
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { answerAll, isDownload, isLogin, isLookup, REQUESTS, type Which } from '../support/cloud/scripted.ts';
import { send, sendJson, sendZeros } from '../support/http-answers.ts';
import type { Answer } from '../support/loopback-server.ts';
import {
  expectRecovery,
  keptPart,
  MIB,
  type PrefetchFixture,
  QUEUED,
  usePrefetch,
} from '../support/prefetch-fixture.ts';
import { failure } from '../support/run-program.ts';

const prefetch = usePrefetch();

const [ONE, TWO] = [idOf('1'), idOf('2')];
const IMAGE = { id: ONE, sizeBytes: MIB };

/** A cloud with one image, which is queued. */
async function queued(): Promise<PrefetchFixture> {
  const it = await prefetch({ images: [IMAGE] });
  it.queue(ONE);
  return it;
}

/** An answer of a Keystone that lets everybody in, with a token of its own making. */
function token(it: PrefetchFixture, changes: Readonly<Record<string, unknown>>): Answer {
  const facts = { roles: [{ name: 'admin' }], catalog: [], ...changes };
  return sendJson(201, { token: facts }, { 'x-subject-token': it.cloud.issueToken('glance') });
}

/** What the prefetcher says of it, with the URLs of the cloud put in. */
interface Fault {
  readonly at: Which;
  readonly answer: (it: PrefetchFixture) => Answer;
  readonly code: number;
  readonly message: string;
  readonly hint: string;
}

const KEYSTONE = 'KEYSTONE/v3/auth/tokens';
const GO_AWAY = () => send(500, 'Go away');
const NO_JSON = () => send(200, '<html>Welcome!</html>');
const ENDLESS = (status: number) => () => sendZeros(status, 64 * 1024 * MIB, { 'content-type': 'text/plain' });
const EMPTY_404 = () => (_request: unknown, response: ServerResponse) => {
  // Not even an ID of the request, which Glance would give.
  response.removeHeader('x-openstack-request-id');
  response.writeHead(404).end();
};

const HINT_LATER = 'Look at the log of the server if it goes on, and run it again later: <this command>';
const HINT_LOGIN =
  'Check the credentials from the environment: the user, the password, the domains of user and project, and that the user has a role in the project; to try those of the shell: openstack token issue';
const HINT_NEW_TOKEN =
  'Glance refuses a token that is new: see that it asks the same Keystone, and look at its log: sudo tail -n 50 /var/log/glance/glance-api.log';
const HINT_RIGHTS =
  'Log in to a project whose role is enough: Glance wants a project, and for some images an admin; what there is: openstack role assignment list --names --auth-user';
const HINT_NO_LOGIN_PAGE =
  'It must be the URL of the service itself, not of a login page or of another service: openstack catalog list';
const HINT_IN_FRONT =
  'Check that the endpoint is that of Glance, and look at what is in front of it: openstack catalog show image';
const HINT_NO_IMAGES =
  'It has no service of type "image" with an endpoint: check the project, with "openstack catalog list", or name it: <this command> --os-image-endpoint-override https://glance.example.org:9292';
const HINT_AUTH_URL =
  'Check that auth_url names Keystone, and look at what is in front of it: curl -i http://127.0.0.1:9/v3/auth/tokens';
const HINT_OTHER_URL =
  'Check the URL: it may be that of something else than Keystone or Glance: curl -i http://127.0.0.1:9';

const FAULTS: Readonly<Record<string, Fault>> = {
  'a login that is answered with 401': {
    at: isLogin,
    answer: () => send(401, '{"error": {"message": "Who are you?"}}'),
    code: 7,
    message: `Cannot log in at "${KEYSTONE}" as user "glance" in domain "Default": the server says "Who are you?" (HTTP 401) (req-2)`,
    hint: HINT_LOGIN,
  },
  'a login that is answered with 500': {
    at: isLogin,
    answer: GO_AWAY,
    code: 8,
    message: `Cannot log in at "${KEYSTONE}" as user "glance" in domain "Default": the server says "Go away" (HTTP 500) (req-2)`,
    hint: HINT_LATER,
  },
  'a login that is answered with 404': {
    at: isLogin,
    answer: () => send(404),
    code: 3,
    message: `Cannot log in at "${KEYSTONE}": there is no Keystone (HTTP 404)`,
    hint: 'Check auth_url in the credentials from the environment: it names Keystone, with or without /v3 at its end; what answers: curl -i http://127.0.0.1:9/v3/auth/tokens',
  },
  'a login that is answered with no JSON': {
    at: isLogin,
    answer: NO_JSON,
    code: 8,
    message: `Cannot log in at "${KEYSTONE}": the answer is no JSON object`,
    hint: HINT_NO_LOGIN_PAGE,
  },
  'a login that is answered without a token': {
    at: isLogin,
    answer: () => sendJson(201, { token: {} }),
    code: 8,
    message: `Cannot log in at "${KEYSTONE}": the answer holds no token`,
    hint: HINT_AUTH_URL,
  },
  'a login that is answered without end': {
    at: isLogin,
    answer: ENDLESS(200),
    code: 8,
    message: `Cannot post to "${KEYSTONE}": the answer is longer than 8388608 bytes`,
    hint: `${HINT_OTHER_URL}/v3/auth/tokens`,
  },
  'a catalog that is no list': {
    at: isLogin,
    answer: (it) => token(it, { catalog: 'none' }),
    code: 8,
    message: `Cannot log in at "${KEYSTONE}": the catalog in the answer is no list`,
    hint: HINT_AUTH_URL,
  },
  'a catalog of anything but services': {
    at: isLogin,
    answer: (it) => token(it, { catalog: [1, null, 'image', { type: 'image', endpoints: { public: 'http://x' } }] }),
    code: 3,
    message: 'Cannot find Glance: the catalog of Keystone has no public endpoint of service "image"',
    hint: HINT_NO_IMAGES,
  },
  'a catalog with a Glance that is none of HTTP': {
    at: isLogin,
    answer: (it) =>
      token(it, { catalog: [{ type: 'image', endpoints: [{ interface: 'public', url: 'file:///etc' }] }] }),
    code: 3,
    message: 'Cannot find Glance: the catalog of Keystone has no public endpoint of service "image"',
    hint: HINT_NO_IMAGES,
  },
  'a look at the image that is refused with every token': {
    at: isLookup,
    answer: () => send(401),
    code: 7,
    message: `Cannot get image ${ONE}: the server answered with an error (HTTP 401) (req-5)`,
    hint: HINT_NEW_TOKEN,
  },
  'a look at the image that is answered with 403': {
    at: isLookup,
    answer: () => send(403, '<html><h1>403 Forbidden</h1>Not for you<br/></html>'),
    code: 7,
    message: `Cannot get image ${ONE}: the server says "403 Forbidden Not for you" (HTTP 403) (req-3)`,
    hint: HINT_RIGHTS,
  },
  'a look at the image that is answered with 500': {
    at: isLookup,
    answer: GO_AWAY,
    code: 8,
    message: `Cannot get image ${ONE}: the server says "Go away" (HTTP 500) (req-3)`,
    hint: HINT_LATER,
  },
  'a look at the image that is answered with no JSON': {
    at: isLookup,
    answer: NO_JSON,
    code: 8,
    message: `Cannot get image ${ONE}: the answer is no JSON object`,
    hint: HINT_NO_LOGIN_PAGE,
  },
  'a look at the image that is answered without end': {
    at: isLookup,
    answer: ENDLESS(200),
    code: 8,
    message: `Cannot get "GLANCE/v2/images/${ONE}": the answer is longer than 8388608 bytes`,
    hint: `${HINT_OTHER_URL}/v2/images/${ONE}`,
  },
  'a look at the image that is answered with another one': {
    at: isLookup,
    answer: () => sendJson(200, { id: TWO, status: 'active', size: 1 }),
    code: 8,
    message: `Cannot read what Glance says about image ${ONE}: the answer is about another image`,
    hint: HINT_IN_FRONT,
  },
  'a look at the image that is answered with a size of -1': {
    at: isLookup,
    answer: () => sendJson(200, { id: ONE, status: 'active', size: -1 }),
    code: 8,
    message: `Cannot read what Glance says about image ${ONE}: the answer has a size that is no number of bytes`,
    hint: HINT_IN_FRONT,
  },
  'a 404 to everything that is asked of Glance': {
    at: ({ service }) => service === 'glance',
    answer: EMPTY_404,
    code: 3,
    message: `Cannot get image ${ONE}: what answers at "GLANCE/v2" is not the Image API (HTTP 404)`,
    hint: 'Check the endpoint of Glance in the catalog of Keystone, with "openstack catalog show image", or the one that overrides it; what answers: curl -i http://127.0.0.1:9/v2',
  },
  'a download that is refused with every token': {
    at: isDownload,
    answer: () => send(401),
    code: 7,
    message: `Cannot download image ${ONE}: the server answered with an error (HTTP 401) (req-6)`,
    hint: HINT_NEW_TOKEN,
  },
  'a download that is answered with 403': {
    at: isDownload,
    answer: () => send(403, 'Not for you'),
    code: 7,
    message: `Cannot download image ${ONE}: the server says "Not for you" (HTTP 403) (req-4)`,
    hint: HINT_RIGHTS,
  },
  'a download that is answered with 500': {
    at: isDownload,
    answer: GO_AWAY,
    code: 8,
    message: `Cannot download image ${ONE}: the server says "Go away" (HTTP 500) (req-4)`,
    hint: HINT_LATER,
  },
  'a download that is answered with 204': {
    at: isDownload,
    answer: () => send(204),
    code: 8,
    message: `Cannot download image ${ONE}: Glance has no data of it (HTTP 204)`,
    hint: 'Its store has lost it, or nothing has been uploaded yet: openstack image show 11111111-1111-1111-1111-111111111111',
  },
  'a download that the server wants to be asked for in an hour': {
    at: isDownload,
    answer: () => send(503, 'Busy', { 'retry-after': '3600' }),
    code: 8,
    message: `Cannot download image ${ONE}: the server says "Busy" (HTTP 503) (req-4)`,
    hint: 'The server wants to be asked again in 3600 s: <this command>',
  },
};

for (const [what, { at, answer, code, message, hint }] of Object.entries(FAULTS)) {
  test.concurrent(`the prefetcher ends with ${code} and keeps the marker after ${what}`, async () => {
    const it = await queued();
    const heal = answerAll(it.cloud, at, answer(it));
    const told = message.replace('KEYSTONE', it.cloud.keystoneUrl).replace('GLANCE', it.cloud.glanceUrl);
    // What may pass is tried again elsewhere; a server that wants to be left alone for too long is not.
    const retries = hint.includes('3600') ? [] : ['--retries', '0'];
    expect(await it.run(retries)).toEqual(failure(code, told, hint));
    expect(it.stateOf(ONE)).toEqual(at === isDownload ? keptPart(0) : QUEUED);
    expect(it.logins).toBeLessThanOrEqual(2);
    heal();
    await expectRecovery(it, ONE);
  });
}

for (const [what, at] of Object.entries(REQUESTS)) {
  test(`the memory of the prefetcher stays flat when the error that answers a ${what} has no end`, async () => {
    const it = await queued();
    answerAll(it.cloud, at, ENDLESS(500)());
    const { code, peakBytes } = await it.measured(['--retries', '0']);
    expect(code).toBe(8);
    expect(peakBytes).toBeGreaterThan(20 * MIB);
    expect(peakBytes).toBeLessThan(150 * MIB);
  });
}

test.concurrent('the prefetcher ends with 8 and keeps the marker when Keystone cannot be reached', async () => {
  const it = await queued();
  const hint = 'Check the URL, and that the server runs and can be reached: curl -i http://127.0.0.1:9/';
  expect(await it.run(['--retries', '0'], { env: { OS_AUTH_URL: 'http://127.0.0.1:1' } })).toEqual(
    failure(8, 'Cannot get "http://127.0.0.1:1/": the connection was refused (ECONNREFUSED)', hint),
  );
  expect(it.stateOf(ONE)).toEqual(QUEUED);
  await expectRecovery(it, ONE);
});
