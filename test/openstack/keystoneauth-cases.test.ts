import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUTH_FLAGS, PROVIDER_FLAGS } from '../../src/cli/auth-flags.ts';
import { spellingsOf } from '../../src/cli/flag.ts';
import { typeNamed } from '../../src/credentials/auth-types.ts';
import { openstackKeys } from '../../src/credentials/openstack-keys.ts';
import { AUTH_OPTIONS, keystoneOptions } from '../../src/settings/options/keystone.ts';
import { useCache } from '../support/cache-fixture.ts';
import { RecordingCloud } from '../support/cloud/recording-cloud.ts';
import { FOR_THE_SYSTEM, MENDED, WITH_A_COLON, WITHOUT_SECRET, WRITTEN } from './support/login-cases.ts';
import { ourLogin, theirLogins, type WriteLogin } from './support/login-pairs.ts';

// Logins as people write them, beside the real libraries; and where those have a fault, beside what they do when they are
// told in the one way that works.

const cache = useCache();
let cloud: RecordingCloud;
beforeAll(async () => {
  cloud = await RecordingCloud.start();
});
afterAll(() => cloud.close());

let count = 0;

/** A login by us, and those by the real libraries. */
async function beside(write: WriteLogin, others: readonly WriteLogin[]) {
  count += 1;
  const { outcomes } = await theirLogins(cloud, cache(), { caller: `theirs-${count}`, logins: others });
  return { ours: await ourLogin(cloud, cache(), { caller: `ours-${count}`, write }), theirs: outcomes };
}

describe('a login', () => {
  test.each(WRITTEN)('is asked for as the real libraries do when there is $what', async ({ write }) => {
    const { ours, theirs } = await beside(write, [write]);
    expect({ ...ours, theySaid: theirs[0]?.said }).toMatchObject({ theySaid: '', requests: theirs[0]?.requests });
    expect(ours.requests.at(-1)?.path).toMatch(/^\/glance/);
  });

  test.each(MENDED)('works where the real libraries fail: $what', async ({ write, theyFail, corrected }) => {
    const { ours, theirs } = await beside(write, [write, corrected]);
    if (theyFail !== undefined) expect(theirs[0]?.said).toMatch(theyFail);
    expect(theirs[0]?.requests).not.toEqual(theirs[1]?.requests);
    expect({ ...ours, theySaid: theirs[1]?.said }).toMatchObject({ theySaid: '', requests: theirs[1]?.requests });
    expect(ours.requests.at(-1)?.path).toMatch(/^\/glance/);
  });

  test.each(WITHOUT_SECRET)('gives the ID of a client without a secret in $what', async ({ write, theyFail }) => {
    const { ours, theirs } = await beside(write, [write]);
    if (theyFail !== undefined) expect(theirs[0]?.said).toMatch(theyFail);
    // So "None" is the secret.
    else expect(theirs[0]?.requests[1]?.headers['authorization']).toBe(`Basic ${btoa('glance-cache:None')}`);
    expect(ours.requests[1]).toEqual({
      method: 'POST',
      path: '/provider/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: [
        ['client_id', 'glance-cache'],
        ['grant_type', 'client_credentials'],
        ['scope', 'openid profile'],
      ],
    });
    expect(ours.requests.at(-1)?.path).toMatch(/^\/glance/);
  });
});

describe('a login that the real libraries take for something else', () => {
  test('is for the system when an identity provider is asked for that', async () => {
    const { ours, theirs } = await beside(FOR_THE_SYSTEM, [FOR_THE_SYSTEM]);
    expect(theirs[0]?.requests.map(({ path }) => path)).not.toContain('/identity/v3/auth/tokens');
    expect(theirs[0]?.said).toMatch(/^EmptyCatalog/);
    expect(ours.requests[3]).toMatchObject({
      path: '/identity/v3/auth/tokens',
      body: { auth: { scope: { system: { all: true } } } },
    });
  });

  test('is refused before anything is sent when the user of HTTP Basic has a colon', async () => {
    const { ours, theirs } = await beside(WITH_A_COLON, [WITH_A_COLON]);
    expect(theirs[0]?.requests[0]?.headers).toEqual({ authorization: `Basic ${btoa('a:b:x')}` });
    expect(ours.requests).toEqual([]);
    expect(ours.said).toContain('has a colon in it');
  });
});

const SCOPE = [
  'system_scope',
  'domain_id',
  'domain_name',
  'project_id',
  'project_name',
  'project_domain_id',
  'project_domain_name',
  'trust_id',
];

/** Of the newest keystoneauth, which Debian 12 does not have. */
const NEWER: Readonly<Record<string, readonly string[]>> = {
  v3oidcpassword: ['idp_otp_key'],
  v3oidcdeviceauthz: [
    'auth_url',
    ...SCOPE,
    'identity_provider',
    'protocol',
    'client_id',
    'client_secret',
    'openid_scope',
    'access_token_endpoint',
    'discovery_endpoint',
    'access_token_type',
    'device_authorization_endpoint',
    'code_challenge_method',
  ],
};

/** What the real libraries take, and Keystone then refuses. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  v3applicationcredential: SCOPE,
};

describe('the options', () => {
  test('are those of keystoneauth, in all their spellings', async () => {
    const { options } = await theirLogins(cloud, cache(), { caller: 'nobody', logins: [] });
    const flags = [...AUTH_FLAGS.flags, ...PROVIDER_FLAGS.flags].flatMap(spellingsOf);
    const keys = new Map([...openstackKeys()]);
    const rows = keystoneOptions('cache_tools').auth;
    const known = Object.entries(options).filter(([name]) => typeNamed(name) !== undefined && name !== 'noauth');
    expect(known.map(([name]) => name).sort()).toEqual([
      'admin_token',
      'http_basic',
      'none',
      'password',
      'token',
      'v2password',
      'v2token',
      'v3applicationcredential',
      'v3multifactor',
      'v3oidcaccesstoken',
      'v3oidcauthcode',
      'v3oidcclientcredentials',
      'v3oidcpassword',
      'v3password',
      'v3token',
      'v3totp',
    ]);
    for (const [type, theirs] of known) {
      for (const { name, dest, former, secret, flags: spellings } of theirs) {
        const key = name.replaceAll('-', '_');
        const option = AUTH_OPTIONS.find((ours) => ours.name === key || ours.aliases?.includes(key) === true);
        const what = `${name} of ${type}`;
        if (option === undefined) throw new Error(`There is no ${what}`);
        expect(flags, what).toEqual(expect.arrayContaining([...spellings]));
        const row = rows[option.name];
        expect([row.name, ...(row.deprecatedNames ?? []).map((old) => old.name)], what).toEqual(
          expect.arrayContaining([dest, ...former.map((old) => old.replaceAll('-', '_'))]),
        );
        expect(keys.get(option.name), what).toEqual(
          expect.arrayContaining([key, dest, ...former.map((old) => old.replaceAll('-', '_'))]),
        );
        if (secret) expect(option.secret, what).toBe(true);
        const isTaken = typeNamed(type)?.takes.includes(option.name);
        expect(isTaken, what).toBe(REFUSED[type]?.includes(key) !== true);
      }
    }
  });

  test.each(Object.entries(NEWER))('of %s are also those that keystoneauth has since', (type, names) => {
    expect(typeNamed(type)?.takes).toEqual(expect.arrayContaining([...names]));
  });
});
