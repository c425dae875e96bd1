import { describe, expect, test } from 'vitest';
import type { OptionKey } from '../../../src/credentials/source.ts';
import { credentialsOf, USER_ENV } from './resolved.ts';

type Flags = Readonly<Partial<Record<OptionKey, string>>>;

// Which way to log in flags mean that lie over another one, where identity providers and second factors are among them.

describe('overlayFlags()', () => {
  const SSO = {
    OS_AUTH_URL: 'http://k',
    OS_IDENTITY_PROVIDER: 'idp',
    OS_PROTOCOL: 'openid',
    OS_CLIENT_ID: 'c',
    OS_CLIENT_SECRET: 'cs',
    OS_DISCOVERY_ENDPOINT: 'http://i',
    OS_PROJECT_ID: 'p',
  } as const;
  const SSO_USER = { ...SSO, OS_AUTH_TYPE: 'v3oidcpassword', OS_USERNAME: 'u', OS_PASSWORD: 'x' } as const;
  const SSO_CLIENT = { ...SSO, OS_AUTH_TYPE: 'v3oidcclientcredentials' } as const;
  const FACTORS = { ...USER_ENV, OS_AUTH_TYPE: 'v3multifactor', OS_AUTH_METHODS: 'v3password,v3totp' } as const;

  test.each<readonly [string, Flags, Readonly<Record<string, string>>, string, Flags]>([
    [
      'a password over that of a user of a provider',
      { password: 'n' },
      SSO_USER,
      'v3oidcpassword',
      { username: 'u', password: 'n' },
    ],
    [
      'the secret of a client',
      { client_secret: 'n' },
      SSO_USER,
      'v3oidcpassword',
      { client_id: 'c', client_secret: 'n' },
    ],
    ['a code over a client as itself', { code: 'k' }, SSO_CLIENT, 'v3oidcauthcode', { client_id: 'c', code: 'k' }],
    ['a passcode for a provider', { passcode: '1', idp_otp_key: 'otp' }, SSO_USER, 'v3oidcpassword', { passcode: '1' }],
    [
      'a user of Keystone over one of a provider',
      { user_id: 'k' },
      SSO_USER,
      'password',
      { user_id: 'k', password: 'x' },
    ],
    [
      'a user with a domain over a client',
      { username: 'k', password: 'n', user_domain_name: 'D' },
      SSO_CLIENT,
      'password',
      { username: 'k', password: 'n', user_domain_name: 'D', project_id: 'p' },
    ],
    [
      'a user without a domain over a client: the provider has users too',
      { username: 'k', password: 'n' },
      SSO_CLIENT,
      'v3oidcpassword',
      { username: 'k', password: 'n', client_id: 'c' },
    ],
    [
      'an access token over a user of a provider',
      { access_token: 'a' },
      SSO_USER,
      'v3oidcaccesstoken',
      { access_token: 'a', identity_provider: 'idp', project_id: 'p' },
    ],
    [
      'an access token over a user of Keystone',
      { access_token: 'a', identity_provider: 'i', protocol: 'o' },
      USER_ENV,
      'v3oidcaccesstoken',
      { access_token: 'a' },
    ],
    [
      'a token over an access token',
      { token: 't' },
      { ...SSO, OS_AUTH_TYPE: 'v3oidcaccesstoken', OS_ACCESS_TOKEN: 'a' },
      'token',
      { token: 't' },
    ],
    [
      'a client over a user of Keystone',
      { client_id: 'n', client_secret: 's', identity_provider: 'i', protocol: 'o', discovery_endpoint: 'http://d' },
      { ...USER_ENV, OS_AUTH_TYPE: 'password' },
      'v3oidcclientcredentials',
      { client_id: 'n', client_secret: 's', project_name: 'env-project' },
    ],
    [
      'another provider over one that is given by its endpoints',
      { discovery_endpoint: 'http://n' },
      { ...SSO_CLIENT, OS_ACCESS_TOKEN_ENDPOINT: 'http://old/token' },
      'v3oidcclientcredentials',
      { discovery_endpoint: 'http://n' },
    ],
    [
      'an endpoint beside the document',
      { access_token_endpoint: 'http://n' },
      SSO_CLIENT,
      'v3oidcclientcredentials',
      { discovery_endpoint: 'http://i', access_token_endpoint: 'http://n' },
    ],
    [
      'a passcode over a password',
      { passcode: '1' },
      { ...USER_ENV, OS_AUTH_TYPE: 'password' },
      'v3multifactor',
      { password: 'env-pass-1', passcode: '1' },
    ],
    [
      'a passcode over several factors',
      { passcode: '1' },
      FACTORS,
      'v3multifactor',
      { passcode: '1', auth_methods: 'v3password,v3totp' },
    ],
    [
      'a password over several factors',
      { password: 'n' },
      FACTORS,
      'v3multifactor',
      { password: 'n', auth_methods: 'v3password,v3totp' },
    ],
    ['a token over several factors', { token: 't' }, FACTORS, 'token', { token: 't' }],
    [
      'several factors over a password',
      { auth_methods: 'v3password,v3totp', passcode: '1' },
      { ...USER_ENV, OS_AUTH_TYPE: 'v3password' },
      'v3multifactor',
      { password: 'env-pass-1', passcode: '1' },
    ],
    [
      'a password for HTTP Basic',
      { password: 'n' },
      { OS_AUTH_TYPE: 'http_basic', OS_ENDPOINT: 'http://g', OS_USERNAME: 'u', OS_PASSWORD: 'x' },
      'http_basic',
      { endpoint: 'http://g', username: 'u', password: 'n' },
    ],
  ])('lays %s', async (_what, flags, env, authType, auth) => {
    const credentials = await credentialsOf({ flags, env });
    expect({ authType: credentials.authType, auth: credentials.auth }).toMatchObject({ authType, auth });
  });

  test('drops the endpoints of another provider when the document of one is given', async () => {
    const env = {
      ...SSO_CLIENT,
      OS_ACCESS_TOKEN_ENDPOINT: 'http://old/token',
      OS_DEVICE_AUTHORIZATION_ENDPOINT: 'http://old/device',
    };
    const { auth } = await credentialsOf({ flags: { discovery_endpoint: 'http://n' }, env });
    expect(auth).toMatchObject({ discovery_endpoint: 'http://n' });
    expect(JSON.stringify(auth)).not.toContain('http://old');
  });
});
