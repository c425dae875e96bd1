import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../../src/credentials/credentials.ts';
import { cacheKeyOf } from '../../../../src/keystone/token-cache/cache-key.ts';
import { AUTH_OPTIONS, type AuthOptionName } from '../../../../src/settings/options/keystone.ts';
import { ADMIN, adminOf } from '../../../support/cloud/credentials.ts';

const CLOUD = { keystoneUrl: 'https://keystone.example.org:5000' };
const TOKENS: readonly AuthOptionName[] = ['token', 'access_token', 'code'];

const SECRETS = AUTH_OPTIONS.filter(({ secret }) => secret === true).map(({ name }) => name);
const OPEN = AUTH_OPTIONS.filter(({ secret }) => secret !== true).map(({ name }) => name);

function keyOf(changes: Parameters<typeof adminOf>[1] = {}, others: Partial<Credentials> = {}): string | undefined {
  return cacheKeyOf({ ...adminOf(CLOUD, changes), ...others });
}

/** Credentials of any kind, with a URL of Keystone. */
const anyAuth: fc.Arbitrary<Credentials['auth']> = fc
  .record(
    Object.fromEntries(OPEN.map((name) => [name, fc.stringMatching(/^[a-zA-Z0-9_.-]{1,8}$/)])) as Record<
      AuthOptionName,
      fc.Arbitrary<string>
    >,
    { requiredKeys: ['auth_url'] },
  )
  .map((auth) => auth);

describe('cacheKeyOf()', () => {
  test('is a name of a file, the same one for the same login', () => {
    expect(keyOf()).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf()).toBe(keyOf());
    const reversed = Object.fromEntries(Object.entries(ADMIN).reverse());
    expect(keyOf({ auth: reversed })).toBe(keyOf());
  });

  test('is not changed by any secret', () => {
    const anySecret = fc.constantFrom(...SECRETS.filter((name) => !TOKENS.includes(name)));
    fc.assert(
      fc.property(anyAuth, anySecret, fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (auth, name, a, b) => {
        const plain = keyOf({ auth });
        expect(plain).toBeDefined();
        expect(keyOf({ auth: { ...auth, [name]: a } })).toBe(plain);
        expect(keyOf({ auth: { ...auth, [name]: b } })).toBe(plain);
      }),
    );
  });

  test('is changed by every option that is no secret, and by its absence', () => {
    fc.assert(
      fc.property(anyAuth, fc.constantFrom(...OPEN), (auth, name) => {
        const { [name]: before, ...without } = auth;
        const changed = keyOf({ auth: { ...auth, [name]: `${before}x` } });
        expect(changed).not.toBe(keyOf({ auth }));
        if (name !== 'auth_url') expect(changed).not.toBe(keyOf({ auth: without }));
      }),
    );
  });

  test('does not take the value of one option for that of another', () => {
    const keys = OPEN.map((name) => keyOf({ auth: { auth_url: 'http://k', [name]: 'http://k' } }));
    expect(new Set(keys).size).toBe(OPEN.length);
  });

  test.each([
    ['the way to log in', keyOf({ authType: 'v3password' })],
    ['whether any certificate will do', keyOf({}, { tls: { ...adminOf(CLOUD).tls, insecure: true } })],
    ['the authorities', keyOf({}, { tls: { ...adminOf(CLOUD).tls, ca: 'PEM' } })],
    ['the certificate of the client', keyOf({}, { tls: { ...adminOf(CLOUD).tls, cert: 'PEM' } })],
  ])('is changed by %s', (_what, key) => {
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(key).not.toBe(keyOf());
  });

  test('tells a certificate from an authority', () => {
    const { tls } = adminOf(CLOUD);
    expect(keyOf({}, { tls: { ...tls, ca: 'PEM' } })).not.toBe(keyOf({}, { tls: { ...tls, cert: 'PEM' } }));
  });

  test.each([
    ['where the credentials come from', { source: 'cloud "prod"' }],
    ['how long a server may take', { timeoutSec: 7 }],
    ['the key of a certificate', { tls: { ...adminOf(CLOUD).tls, key: 'PEM' } }],
    ['which Glance is asked', { endpoint: { ...adminOf(CLOUD).endpoint, region: 'RegionTwo', override: 'http://g' } }],
  ])('is not changed by %s', (_what, others) => {
    expect(keyOf({}, others)).toBe(keyOf());
  });

  test('has no password of a URL in it, and the user', () => {
    const at = (url: string) => keyOf({ auth: { ...ADMIN, discovery_endpoint: url } });
    expect(at('https://me:one@sso.example.org/')).toBe(at('https://me:t/w@o@sso.example.org/'));
    expect(at('https://me:one@sso.example.org/')).not.toBe(at('https://you:one@sso.example.org/'));
  });

  test.each([
    ['token', { auth_url: 'http://k', token: 'x', project_id: 'p' }],
    ['v3token', { auth_url: 'http://k', token: 'x' }],
    ['v3oidcaccesstoken', { auth_url: 'http://k', access_token: 'x', identity_provider: 'sso', protocol: 'openid' }],
    ['v3multifactor', { auth_url: 'http://k', auth_methods: 'v3token,v3totp', token: 'x', username: 'u' }],
    ['admin_token', { endpoint: 'http://g', token: 'x' }],
    ['http_basic', { endpoint: 'http://g', username: 'u', password: 'p' }],
    ['none', { endpoint: 'http://g' }],
    ['noauth', { endpoint: 'http://g', user_id: 'u', project_id: 'p' }],
  ])('does not exist for %s', (authType, auth) => {
    expect(cacheKeyOf({ ...adminOf(CLOUD), authType, auth })).toBeUndefined();
  });
});
