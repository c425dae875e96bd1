import { describe, expect, test } from 'vitest';
import { useCache } from '../support/cache-fixture.ts';
import { callInProcess } from '../support/call-in-process.ts';
import type { Cloud } from '../support/cloud/cloud.js';
import { before } from '../support/cloud/scripted.ts';
import { useClouds } from '../support/cloud/use-clouds.ts';
import { federatedOf } from '../support/openid/environment.ts';
import type { OpenIdProvider } from '../support/openid/provider.js';
import { trusting, useProviders } from '../support/openid/use-providers.ts';
import { loginOf } from '../support/prefetch-fixture.ts';

// What check tells of the login of a prefetch, on sockets: how the real Keystone answers is in test/openstack.

const cache = useCache();
const start = useClouds();
const startProvider = useProviders();

interface Told {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
}

async function check(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<readonly Told[]> {
  const options = ['--config-file', cache().conf, '--format', 'json', 'check', ...args];
  const { stdout, stderr } = await callInProcess('manage', options, { env });
  expect(stdout + stderr).not.toContain('open sesame');
  const { items } = JSON.parse(stdout) as { readonly items: readonly Told[] };
  return items.filter(({ check: name }) => /login|clock|could-not|-in-file/.test(name));
}

function setClockAhead(cloud: Cloud, seconds: number): void {
  const date = new Date(Date.now() + seconds * 1000).toUTCString();
  before(
    cloud,
    () => true,
    (_request, response) => void response.setHeader('date', date),
  );
}

describe('glance-cache-manage check', () => {
  test('finds nothing about a login that works; one without an admin role is worth a note', async () => {
    const cloud = await start();
    expect(await check(loginOf(cloud))).toEqual([]);
    expect(cloud.requests.at(-1)).toMatchObject({ method: 'GET', path: '/v2/images' });
    const demo = loginOf(cloud, { username: 'demo', password: 'demo-secret', project: 'demo' });
    expect(await check(demo)).toMatchObject([{ check: 'login-without-admin', severity: 'note' }]);
  });

  test('tells of a login that fails, and asks nobody with --offline', async () => {
    const cloud = await start();
    const env = loginOf(cloud, { password: 'wrong' });
    expect(await check(env)).toMatchObject([{ check: 'login-fails', severity: 'error' }]);
    const before = cloud.requests.length;
    expect(await check(env, '--offline')).toEqual([]);
    expect(cloud.requests.length).toBe(before);
  });

  test('tells of credentials that lack something, and of none', async () => {
    const cloud = await start();
    const { OS_PASSWORD: _, ...rest } = loginOf(cloud);
    expect(await check(rest)).toMatchObject([{ check: 'login-incomplete', severity: 'error' }]);
    expect(cloud.requests).toEqual([]);
    expect(await check({})).toMatchObject([{ check: 'no-login', severity: 'note' }]);
  });

  test.each([
    [2, []],
    [30, ['warning']],
    [-7200, ['error']],
  ])('compares the clock of Keystone, which is %d s ahead', async (aheadSec, severities) => {
    const cloud = await start();
    setClockAhead(cloud, aheadSec);
    const findings = await check(loginOf(cloud));
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
    for (const { check: name, message } of findings) {
      expect(name).toBe('clock-skew');
      expect(message).toContain(aheadSec > 0 ? 'ahead of' : 'behind');
    }
  });

  test('compares the clock also where the login fails', async () => {
    const cloud = await start();
    setClockAhead(cloud, 600);
    const names = (await check(loginOf(cloud, { password: 'wrong' }))).map(({ check: name }) => name);
    expect(names).toEqual(['login-fails', 'clock-skew']);
  });
});

describe('glance-cache-manage check through an identity provider', () => {
  async function setUp() {
    const provider = await startProvider();
    return { provider, cloud: await start({ federation: trusting(provider) }) };
  }

  function setProviderAhead(provider: OpenIdProvider, seconds: number): void {
    provider.intercept((_request, response) => {
      response.setHeader('date', new Date(Date.now() + seconds * 1000).toUTCString());
      return false;
    });
  }

  test('compares the clock of Keystone, although the provider answers first', async () => {
    const { provider, cloud } = await setUp();
    setProviderAhead(provider, 600);
    expect(await check(federatedOf(cloud, provider))).toEqual([]);
    setClockAhead(cloud, -30);
    // A header has whole seconds.
    const isBehind = new RegExp(`"${cloud.keystoneUrl}" is (?:29|30|31) s behind`);
    expect(await check(federatedOf(cloud, provider))).toMatchObject([
      { check: 'clock-skew', message: expect.stringMatching(isBehind) as string },
    ]);
  });

  test('tells what the provider says where it refuses, and compares its clock where no other has answered', async () => {
    const { provider, cloud } = await setUp();
    setProviderAhead(provider, 600);
    const findings = await check(federatedOf(cloud, provider, { OS_CLIENT_SECRET: 'wrong one' }));
    expect(findings).toMatchObject([
      { check: 'login-fails', severity: 'error', message: expect.stringContaining('"invalid_client') as string },
      { check: 'clock-skew', severity: 'error', message: expect.stringContaining(provider.issuer) as string },
    ]);
    expect(JSON.stringify(findings)).not.toContain('wrong one');
    expect(cloud.requests).toEqual([]);
  });

  test('tells of a type that is not known, as of what else keeps credentials from working', async () => {
    const { provider, cloud } = await setUp();
    expect(await check(federatedOf(cloud, provider, { OS_AUTH_TYPE: 'v3samlpassword' }))).toMatchObject([
      { check: 'login-incomplete', message: expect.stringContaining('does not support the auth_type') as string },
    ]);
  });

  test.each([
    ['v3oidcdeviceauthz', { OS_DEVICE_AUTHORIZATION_ENDPOINT: 'https://idp.test/device' }],
    ['v3oidcpassword', { OS_USERNAME: 'bob', OS_PASSWORD: 'builder', OS_IDP_OTP_KEY: 'totp' }],
    ['v3totp', { OS_USERNAME: 'glance', OS_USER_DOMAIN_NAME: 'Default' }],
  ])('asks nobody for what %s takes, and says that it has not tried', async (type, env) => {
    const { provider, cloud } = await setUp();
    const login = federatedOf(cloud, provider, { ...env, OS_AUTH_TYPE: type });
    expect(await check(login)).toMatchObject([{ check: 'login-untried', severity: 'note' }]);
    expect([...cloud.requests, ...provider.requests]).toEqual([]);
    expect(await check(login, '--offline')).toEqual([]);
  });

  test('tries a passcode that is given for this run, and none of a file', async () => {
    const { provider, cloud } = await setUp();
    const login = federatedOf(cloud, provider, {
      OS_AUTH_TYPE: 'v3oidcpassword',
      OS_USERNAME: 'bob',
      OS_PASSWORD: 'builder',
      OS_IDP_OTP_KEY: 'totp',
      OS_PASSCODE: '246810',
    });
    expect(await check(login)).toEqual([]);
    const asked = provider.requests.length;
    const lines = Object.entries(login).map(([name, value]) => `${name.replace('OS_', '').toLowerCase()} = ${value}`);
    cache().configure('[cache_tools]', ...lines);
    const findings = await check({});
    expect(findings.map(({ check: name }) => name)).toEqual([
      'login-needs-person',
      'passcode-in-file',
      'login-untried',
    ]);
    expect(provider.requests).toHaveLength(asked);
  });
});
