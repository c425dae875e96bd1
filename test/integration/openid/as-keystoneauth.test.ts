import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from '../../../src/keystone/open-session.ts';
import { FakeClock } from '../../support/clocks.ts';
import { type RecordedRequest, RecordingCloud } from '../../support/cloud/recording-cloud.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';
import { credentialsOf } from '../../unit/credentials/resolved.ts';

// What Debian's keystoneauth does not know yet, beside what the present one was seen to ask for.

const transport = useTransports();
let cloud: RecordingCloud;
beforeAll(async () => {
  cloud = await RecordingCloud.start();
});
afterAll(() => cloud.close());

let count = 0;

async function loggedIn(options: Readonly<Record<string, string>>): Promise<readonly RecordedRequest[]> {
  count += 1;
  const base = cloud.urlOf(`ours-${count}`);
  const common = {
    AUTH_URL: `${base}/identity/v3`,
    PROJECT_ID: 'p',
    IDENTITY_PROVIDER: 'idp',
    PROTOCOL: 'openid',
    CLIENT_ID: 'glance-cache',
    DISCOVERY_ENDPOINT: `${base}/provider/document`,
  };
  const env = Object.fromEntries(Object.entries({ ...common, ...options }).map(([key, text]) => [`OS_${key}`, text]));
  const session = openSession({
    credentials: await credentialsOf({ env }),
    transport: transport(),
    clock: new FakeClock(),
    random: () => 0,
    retries: 0,
    interaction: { tell: async () => undefined, canAsk: () => true, ask: async () => '246810' },
  });
  await session.access(NO_SIGNAL);
  return cloud.requestsOf(`ours-${count}`).filter(({ path }) => path.startsWith('/provider'));
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const FORM = 'application/x-www-form-urlencoded';
const BASIC = `Basic ${btoa('glance-cache:hush')}`;

/** The fields of a form. */
function fieldsOf(request: RecordedRequest | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(request?.body as readonly (readonly [string, string])[]);
}

test.each([
  ['without PKCE, and without a secret', {}, undefined, undefined],
  ['with PKCE and a secret', { CLIENT_SECRET: 'hush', CODE_CHALLENGE_METHOD: 'S256' }, 'S256', BASIC],
  ['with PKCE in the open', { CODE_CHALLENGE_METHOD: 'plain' }, 'plain', undefined],
])('a login on another device is asked for as keystoneauth does %s', async (_what, options, method, authorization) => {
  const requests = await loggedIn({ AUTH_TYPE: 'v3oidcdeviceauthz', ...options });
  const headers = { ...(authorization === undefined ? {} : { authorization }), 'content-type': FORM };
  expect(requests.map(({ method: verb, path }) => `${verb} ${path}`)).toEqual([
    'GET /provider/document',
    'POST /provider/device',
    'POST /provider/token',
  ]);
  expect(requests.slice(1).map((request) => request.headers)).toEqual([headers, headers]);
  const { code_challenge: challenge, ...device } = fieldsOf(requests[1]);
  const { code_verifier: verifier, ...poll } = fieldsOf(requests[2]);
  const asked = { client_id: 'glance-cache', scope: 'openid profile' };
  expect(device).toEqual(method === undefined ? asked : { ...asked, code_challenge_method: method });
  expect(poll).toEqual({ client_id: 'glance-cache', device_code: 'device-1', grant_type: DEVICE_GRANT });
  const hashed = verifier === undefined ? undefined : createHash('sha256').update(verifier).digest('base64url');
  expect(challenge).toBe(method === 'S256' ? hashed : verifier);
  expect(challenge === undefined).toBe(method === undefined);
});

test.each([
  ['is asked for on a terminal', {}, '246810'],
  ['is given', { PASSCODE: '135790' }, '135790'],
])('a one-time passcode is sent in the field that idp_otp_key names when it %s', async (_what, options, passcode) => {
  const user = { USERNAME: 'bob', PASSWORD: 'builder', CLIENT_SECRET: 'hush', IDP_OTP_KEY: 'totp' };
  const requests = await loggedIn({ AUTH_TYPE: 'v3oidcpassword', ...user, ...options });
  expect(requests[1]).toMatchObject({ path: '/provider/token', headers: { authorization: BASIC } });
  expect(fieldsOf(requests[1])).toEqual({
    grant_type: 'password',
    username: 'bob',
    password: 'builder',
    scope: 'openid profile',
    totp: passcode,
  });
});
