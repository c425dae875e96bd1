import { describe, expect, test } from 'vitest';
import type { OptionKey } from '../../../src/credentials/source.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { TLS } from '../../support/tls.ts';
import { credentialsOf, type Given, USER_AUTH, USER_ENV, write } from './resolved.ts';

const dir = useTempDir();

type Flags = Readonly<Partial<Record<OptionKey, string>>>;

const { username: _1, user_domain_name: _2, password: _3, ...NOBODY } = USER_AUTH;
const { project_name: _4, project_domain_name: _5, ...NO_PROJECT } = USER_AUTH;

describe('overlayFlags()', () => {
  test.each<readonly [string, Flags, string, Readonly<Record<string, string>>]>([
    ['the user', { username: 'me' }, 'password', { ...USER_AUTH, username: 'me' }],
    ['the password', { password: 'mine' }, 'password', { ...USER_AUTH, password: 'mine' }],
    ['the URL', { auth_url: 'http://mine' }, 'password', { ...USER_AUTH, auth_url: 'http://mine' }],
    [
      'the user by ID',
      { user_id: 'me' },
      'password',
      {
        auth_url: USER_AUTH.auth_url,
        user_id: 'me',
        password: 'env-pass-1',
        project_name: 'env-project',
        project_domain_name: 'env-project-domain',
      },
    ],
    [
      'the domain of the user by ID',
      { user_domain_id: 'd' },
      'password',
      { ...NOBODY, username: 'env-user', password: 'env-pass-1', user_domain_id: 'd' },
    ],
    ['the project', { project_name: 'mine' }, 'password', { ...USER_AUTH, project_name: 'mine' }],
    ['the project by ID', { project_id: 'mine' }, 'password', { ...NO_PROJECT, project_id: 'mine' }],
    [
      'the domain of the project by ID',
      { project_domain_id: 'd' },
      'password',
      { ...NO_PROJECT, project_name: 'env-project', project_domain_id: 'd' },
    ],
    ['the scope by a trust', { trust_id: 't' }, 'password', { ...NO_PROJECT, trust_id: 't' }],
    ['the scope by the system', { system_scope: 'all' }, 'password', { ...NO_PROJECT, system_scope: 'all' }],
    [
      'both domains at once',
      { domain_id: 'd' },
      'password',
      {
        auth_url: USER_AUTH.auth_url,
        username: 'env-user',
        password: 'env-pass-1',
        user_domain_id: 'd',
        project_name: 'env-project',
        project_domain_id: 'd',
      },
    ],
    [
      'both domains, and one of them by itself',
      { domain_name: 'd', user_domain_name: 'u' },
      'password',
      { ...USER_AUTH, user_domain_name: 'u', project_domain_name: 'd' },
    ],
    ['the user by a token', { token: 't' }, 'token', { ...NOBODY, token: 't' }],
    [
      'the user by an application credential',
      { application_credential_id: 'i', application_credential_secret: 's' },
      'v3applicationcredential',
      { auth_url: USER_AUTH.auth_url, application_credential_id: 'i', application_credential_secret: 's' },
    ],
    ['the way to log in', { auth_type: 'none', endpoint: 'http://g' }, 'none', { endpoint: 'http://g' }],
    ['the strategy', { auth_strategy: 'noauth', endpoint: 'http://g' }, 'noauth', { endpoint: 'http://g' }],
  ])('replaces %s', async (_what, flags, authType, auth) => {
    const credentials = await credentialsOf({ flags, env: USER_ENV });
    expect({ authType: credentials.authType, auth: credentials.auth }).toEqual({ authType, auth });
    expect(credentials.source).toBe('the environment and the command line');
  });

  test.each<readonly [string, Given, string]>([
    ['a user over a token', { flags: { username: 'me' }, env: { ...USER_ENV, OS_TOKEN: 't' } }, 'password'],
    [
      'a user over another way to log in',
      { flags: { username: 'me' }, env: { ...USER_ENV, OS_AUTH_TYPE: 'token', OS_TOKEN: 't' } },
      'password',
    ],
    [
      'a user over one way to log in with users',
      { flags: { username: 'me' }, env: { ...USER_ENV, OS_AUTH_TYPE: 'v3password' } },
      'v3password',
    ],
    [
      'a token over none',
      { flags: { token: 't' }, env: { OS_AUTH_TYPE: 'none', OS_ENDPOINT: 'http://g' } },
      'admin_token',
    ],
    [
      'a token over an application credential',
      { flags: { token: 't' }, env: { OS_AUTH_URL: 'http://k', OS_APPLICATION_CREDENTIAL_ID: 'i' } },
      'token',
    ],
    [
      'an application credential over a token',
      {
        flags: { application_credential_id: 'i', application_credential_secret: 's' },
        env: { OS_AUTH_URL: 'http://k', OS_TOKEN: 't' },
      },
      'v3applicationcredential',
    ],
    ['a token and its way to log in', { flags: { token: 't', auth_type: 'v3token' }, env: USER_ENV }, 'v3token'],
    ['another password over a token', { flags: { password: 'x' }, env: { ...USER_ENV, OS_TOKEN: 't' } }, 'password'],
    [
      'the strategy keystone over noauth',
      {
        flags: { auth_strategy: 'keystone', user_id: 'u', password: 'x', auth_url: 'http://k' },
        env: { OS_AUTH_STRATEGY: 'noauth', OS_ENDPOINT: 'http://g' },
      },
      'password',
    ],
    [
      'the strategy noauth over another way to log in',
      { flags: { auth_strategy: 'noauth', endpoint: 'http://g' }, env: { ...USER_ENV, OS_AUTH_TYPE: 'password' } },
      'noauth',
    ],
    [
      'the strategy keystone over none',
      { flags: { auth_strategy: 'keystone' }, env: { ...USER_ENV, OS_AUTH_TYPE: 'none' } },
      'password',
    ],
  ])('chooses the way to log in anew for %s', async (_what, given, authType) => {
    expect((await credentialsOf(given)).authType).toBe(authType);
  });

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

  const SCOPES = {
    project_id: 'p',
    project_name: 'n',
    domain_id: 'd',
    trust_id: 't',
    system_scope: 'all',
  } as const;
  const SCOPE_NAMES = Object.keys(SCOPES) as readonly (keyof typeof SCOPES)[];

  test.each(SCOPE_NAMES.flatMap((base) => SCOPE_NAMES.map((flag) => [flag, base] as const)))(
    'makes %s the only thing to log in to when the source has %s',
    async (flag, base) => {
      const env = { OS_AUTH_URL: 'http://k', OS_USER_ID: 'u', OS_PASSWORD: 'x', OS_PROJECT_DOMAIN_ID: 'pd' };
      const { auth } = await credentialsOf({
        flags: { [flag]: 'flag' },
        env: { ...env, [`OS_${base.toUpperCase()}`]: SCOPES[base] },
      });
      const hasProject = base === 'project_id' || base === 'project_name';
      // Beside a project, a domain is that of user and project.
      const expected = flag === 'domain_id' && hasProject ? base : flag;
      expect(SCOPE_NAMES.filter((name) => auth[name] !== undefined)).toEqual([expected]);
    },
  );

  test('takes a certificate for one with its key when the source has another key', async () => {
    const both = write(dir(), 'both.pem', TLS.client.cert + TLS.client.key);
    const env = { ...USER_ENV, OS_CERT: '/nonexistent', OS_KEY: '/nonexistent' };
    expect((await credentialsOf({ flags: { cert: both }, env })).tls.key).toBe(TLS.client.cert + TLS.client.key);
  });

  test('takes a domain for what to log in to when there is no project', async () => {
    const { auth } = await credentialsOf({
      flags: { domain_name: 'd' },
      env: { OS_AUTH_URL: 'http://k', OS_USER_ID: 'u', OS_PASSWORD: 'x' },
    });
    expect(auth).toEqual({ auth_url: 'http://k', user_id: 'u', password: 'x', domain_name: 'd' });
  });

  test('replaces the connection one by one', async () => {
    const { endpoint } = await credentialsOf({
      flags: { interface: 'admin', endpoint_override: 'http://g' },
      env: { ...USER_ENV, OS_INTERFACE: 'internal', OS_REGION_NAME: 'R' },
    });
    expect(endpoint).toMatchObject({ interfaces: ['admin'], region: 'R', override: 'http://g' });
  });
});
