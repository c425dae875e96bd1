// What Keystone, and the web server before it, make of a provider's token.
import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import type { Cloud } from '../../support/cloud/cloud.js';
import { adminOf, type CredentialChanges } from '../../support/cloud/credentials.ts';
import { answerAll, answerNext, type Which } from '../../support/cloud/scripted.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { redirect, send, sendJson } from '../../support/http-answers.ts';
import type { Answer } from '../../support/loopback-server.ts';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();

const BEARER = 'the-token-of-the-provider';
const GIVEN: Credentials['auth'] = { identity_provider: 'sso', protocol: 'openid', access_token: BEARER };

const isFederated: Which = ({ path }) => path.includes('/OS-FEDERATION/');
const isRescoped: Which = ({ method, path }) => method === 'POST' && path.endsWith('/auth/tokens');

function open(cloud: Cloud, auth: Credentials['auth'] = {}, changes: CredentialChanges = {}) {
  const credentials = adminOf(cloud, { authType: 'v3oidcaccesstoken', auth: { ...GIVEN, ...auth }, ...changes });
  return openSession({ credentials, transport: transport(), clock: new FakeClock(), random: () => 0, retries: 1 });
}

/** Answers for a user of no project, as Keystone does. */
const unscoped = (token: string): Answer =>
  sendJson(201, { token: { user: { id: 'u', name: 'alice' }, methods: ['openid'] } }, { 'x-subject-token': token });

describe('a login with the token of a provider', () => {
  test.each<[what: string, scope: Credentials['auth'], asked: unknown]>([
    ['a project by its ID', { project_id: 'p1' }, { project: { id: 'p1' } }],
    [
      'a project by its name',
      { project_name: 'service', project_domain_id: 'default' },
      { project: { name: 'service', domain: { id: 'default' } } },
    ],
    ['a trust', { trust_id: 't1' }, { 'OS-TRUST:trust': { id: 't1' } }],
    ['a domain', { domain_name: 'Default' }, { domain: { name: 'Default' } }],
    ['the system', { system_scope: 'all' }, { system: { all: true } }],
  ])('becomes one for %s', async (_what, scope, asked) => {
    const cloud = await startCloud();
    const scoped = { roles: [{ name: 'admin' }], catalog: [] };
    answerNext(cloud, isFederated, unscoped('unscoped-token'));
    answerNext(cloud, isRescoped, sendJson(201, { token: scoped }, { 'x-subject-token': 'scoped-token' }));
    const session = open(cloud, scope, { endpoint: { override: 'http://glance.example:9292' } });
    expect(await session.access(NO_SIGNAL)).toEqual({
      headers: { 'x-auth-token': 'scoped-token' },
      imageEndpoint: 'http://glance.example:9292/v2',
      isAdmin: true,
    });
    const [first, second] = cloud.requests.filter(({ method }) => method === 'POST');
    expect(first).toMatchObject({ body: '', headers: { authorization: `Bearer ${BEARER}` } });
    expect(second?.headers).toMatchObject({ 'x-auth-token': 'unscoped-token' });
    expect(JSON.parse(second?.body ?? '')).toEqual({
      auth: { identity: { methods: ['token'], token: { id: 'unscoped-token' } }, scope: asked },
    });
  });

  test('is used as it is where there is no scope, and Glance has to be known', async () => {
    const cloud = await startCloud();
    answerAll(cloud, isFederated, unscoped('unscoped-token'));
    const known = open(cloud, {}, { endpoint: { override: 'http://glance.example:9292' } });
    expect(await known.access(NO_SIGNAL)).toMatchObject({ headers: { 'x-auth-token': 'unscoped-token' } });
    expect(await rejectionOf(open(cloud).access(NO_SIGNAL))).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: 'Cannot find Glance: the login is for no project, so it has no catalog',
      hint: expect.stringMatching(/which projects it may be for: openstack federation project list$/) as string,
    });
  });

  test.each([
    ['my idp', 'open/id', 'my%20idp/protocols/open%2Fid'],
    ['../../users', 'a?b#c', '..%2F..%2Fusers/protocols/a%3Fb%23c'],
    ['ünïcode', '%41', '%C3%BCn%C3%AFcode/protocols/%2541'],
  ])('asks for %j and %j by names, not by paths', async (identityProvider, protocol, path) => {
    const cloud = await startCloud();
    answerNext(cloud, isFederated, unscoped('unscoped-token'));
    const changes = { endpoint: { override: 'http://glance.example:9292' } };
    await open(cloud, { identity_provider: identityProvider, protocol }, changes).access(NO_SIGNAL);
    expect(cloud.requests.filter(isFederated).map(({ path: asked }) => asked)).toEqual([
      `/v3/OS-FEDERATION/identity_providers/${path}/auth`,
    ]);
  });
});

const CHECK = 'Check the credentials from the environment: identity_provider and protocol are names in Keystone';
const BROWSER = 'Have the web server of Keystone take bearer tokens at this path';

test('a given token may end with a line feed', async () => {
  const cloud = await startCloud();
  answerNext(cloud, isFederated, unscoped('unscoped-token'));
  const changes = { endpoint: { override: 'http://glance.example:9292' } };
  await open(cloud, { access_token: `${BEARER}\n` }, changes).access(NO_SIGNAL);
  expect(cloud.requests.find(isFederated)?.headers.authorization).toBe(`Bearer ${BEARER}`);
});

describe('a token of a provider that is not taken', () => {
  const fault = (status: number, message: string) => sendJson(status, { error: { message, code: status, title: 'x' } });

  test.each<[what: string, answer: Answer, told: readonly [code: string, state: string, hint: string]]>([
    ['the web server', send(401, '<h1>Unauthorized</h1>'), ['AUTH_REFUSED', 'lets nobody in with a token', BROWSER]],
    ['Keystone', fault(401, 'Not you.'), ['AUTH_REFUSED', '"Not you." (HTTP 401)', CHECK]],
    ['the mapping', fault(403, 'No match.'), ['AUTH_FORBIDDEN', '"No match." (HTTP 403)', CHECK]],
    ['its name', fault(404, 'Could not find it.'), ['AUTH_REFUSED', '"Could not find it." (HTTP 404)', CHECK]],
    ['a page', redirect(302, 'https://idp.example/auth'), ['REMOTE_REDIRECT', 'it redirects to a page for', BROWSER]],
    ['a page', redirect(303, '/login'), ['REMOTE_REDIRECT', 'it redirects to a page for browsers', BROWSER]],
    [
      'a page',
      send(200, '<form>', { 'content-type': 'text/html; charset=utf-8' }),
      ['REMOTE_REDIRECT', 'it shows a page for browsers instead', BROWSER],
    ],
    [
      'a path',
      send(404, '<h1>Not Found</h1>'),
      ['CONFIG_ENDPOINT', 'there is no Keystone (HTTP 404)', 'Check auth_url'],
    ],
    [
      'another',
      fault(409, 'Duplicate entry.'),
      ['REMOTE_STATUS', '"Duplicate entry." (HTTP 409)', 'at the same moment'],
    ],
    ['trouble', fault(500, 'Oops.'), ['REMOTE_STATUS', '"Oops." (HTTP 500)', 'Look at the log of the server']],
  ])('because of %s %# is told with what to check', async (_what, answer, [code, state, hint]) => {
    const cloud = await startCloud();
    answerAll(cloud, isFederated, answer);
    const error = await rejectionOf(open(cloud).access(NO_SIGNAL));
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(state) as string,
      hint: expect.stringContaining(hint) as string,
    });
    // A refusal may count against somebody; trouble may pass.
    expect(cloud.requests.filter(isFederated)).toHaveLength(code === 'REMOTE_STATUS' ? 2 : 1);
  });

  test('is told without tokens, though Keystone repeats them', async () => {
    const cloud = await startCloud();
    const heal = answerAll(cloud, isFederated, (request, response) =>
      fault(401, `No: ${request.headers.authorization ?? ''}`)(request, response),
    );
    const first = await rejectionOf(open(cloud).access(NO_SIGNAL));
    heal();
    answerAll(cloud, isFederated, unscoped('unscoped-token'));
    answerAll(cloud, isRescoped, (request, response) => fault(404, `Not found: ${request.body}`)(request, response));
    const second = await rejectionOf(open(cloud, { project_id: 'p' }).access(NO_SIGNAL));
    for (const error of [first, second]) {
      const told = JSON.stringify([(error as Error).message, error]);
      expect(told).toContain('***');
      expect(told).not.toContain(BEARER);
      expect(told).not.toContain('unscoped-token');
    }
  });
});

test('a provider token that was kept because Keystone was busy is not held on to once it is refused', async () => {
  const cloud = await startCloud();
  const left = answerNext(cloud, isFederated, send(503), send(503), send(401), unscoped('unscoped-token'));
  const session = open(cloud, {}, { endpoint: { override: 'http://glance.example:9292' } });
  expect(await rejectionOf(session.access(NO_SIGNAL))).toMatchObject({ code: 'REMOTE_STATUS' });
  expect(await session.access(NO_SIGNAL)).toMatchObject({ headers: { 'x-auth-token': 'unscoped-token' } });
  expect(left()).toBe(0);
});
