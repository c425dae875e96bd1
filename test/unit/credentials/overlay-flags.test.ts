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
