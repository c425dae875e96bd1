import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import { ConfigError } from '../../../src/errors/cache-error.ts';
import { openSession } from '../../../src/keystone/open-session.ts';
import type { Access } from '../../../src/keystone/session.ts';
import { FakeClock } from '../../support/clocks.ts';
import type { Cloud } from '../../support/cloud/cloud.js';
import { ADMIN, adminOf, type CredentialChanges } from '../../support/cloud/credentials.ts';
import { useClouds } from '../../support/cloud/use-clouds.ts';
import { thrownBy } from '../../support/thrown.ts';
import { NO_SIGNAL, useTransports } from '../../support/transports.ts';

const startCloud = useClouds();
const transport = useTransports();

const APPLICATION = { id: 'app-1', name: 'prefetcher', secret: 'app-secret', userId: 'user-glance' };

const sessionOf = (credentials: Credentials) =>
  openSession({ credentials, transport: transport(), clock: new FakeClock(), random: () => 0, retries: 0 });

const startApplicationCloud = () =>
  startCloud({ applicationCredentials: [{ ...APPLICATION, projectId: 'project-service' }] });

async function logIn(cloud: Cloud, changes: CredentialChanges): Promise<{ access: Access; sent: unknown[] }> {
  const access = await sessionOf(adminOf(cloud, changes)).access(NO_SIGNAL);
  const logins = cloud.requests.filter(({ method, path }) => method === 'POST' && path === '/v3/auth/tokens');
  return { access, sent: logins.map(({ body }): unknown => JSON.parse(body)) };
}

const SERVICE = { project: { name: 'service', domain: { name: 'Default' } } };

describe('a login by password', () => {
  const { project_name, project_domain_name } = ADMIN;
  const byName = { name: 'glance', domain: { name: 'Default' }, password: 'open sesame' };

  test.each<[string, Credentials['auth'], unknown, unknown]>([
    ['password', ADMIN, byName, SERVICE],
    ['v3password', ADMIN, byName, SERVICE],
    [
      'password',
      { ...ADMIN, user_domain_id: 'default', project_domain_id: 'default' },
      { ...byName, domain: { id: 'default' } },
      { project: { name: 'service', domain: { id: 'default' } } },
    ],
    [
      'password',
      { user_id: 'user-glance', username: 'ignored', password: 'open sesame', project_id: 'project-service' },
      { id: 'user-glance', password: 'open sesame' },
      { project: { id: 'project-service' } },
    ],
    [
      'v3password',
      { user_id: 'user-glance', password: 'open sesame', project_name: 'service', project_domain_name: 'Default' },
      { id: 'user-glance', password: 'open sesame' },
      { project: { name: project_name, domain: { name: project_domain_name } } },
    ],
  ])('as %s sends user and scope of %j', async (authType, auth, user, scope) => {
    const { access, sent } = await logIn(await startCloud(), { authType, auth });
    expect(sent).toEqual([{ auth: { identity: { methods: ['password'], password: { user } }, scope } }]);
    expect(access.isAdmin).toBe(true);
  });

  test('sends no scope when none is asked for, and finds Glance by the override', async () => {
    const cloud = await startCloud();
    const auth = { user_id: 'user-glance', password: 'open sesame' };
    const { access, sent } = await logIn(cloud, { auth, endpoint: { override: cloud.glanceUrl } });
    const identity = { methods: ['password'], password: { user: { id: 'user-glance', password: 'open sesame' } } };
    expect(sent).toEqual([{ auth: { identity } }]);
    expect(access).toMatchObject({ imageEndpoint: `${cloud.glanceUrl}/v2`, isAdmin: false });
  });

  test('asks for the system when it is told to', async () => {
    const { project_name: _name, project_domain_name: _domain, ...user } = ADMIN;
    const { access, sent } = await logIn(await startCloud(), { auth: { ...user, system_scope: 'all' } });
    expect(sent).toMatchObject([{ auth: { scope: { system: { all: true } } } }]);
    expect(access.isAdmin).toBe(true);
  });

  test('sends its request as Keystone wants it', async () => {
    const cloud = await startCloud();
    await logIn(cloud, { authType: 'v3password' });
    expect(cloud.requests).toHaveLength(1);
    expect(cloud.requests[0]?.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
    });
    expect(cloud.requests[0]?.headers).not.toHaveProperty('x-auth-token');
  });
});

describe('a login by token', () => {
  test.each(['token', 'v3token'])('as %s sends the token in body and header, with a scope', async (authType) => {
    const cloud = await startCloud();
    const token = cloud.issueToken('glance');
    const auth = { token, project_name: 'service', project_domain_name: 'Default' };
    const { access, sent } = await logIn(cloud, { authType, auth });
    expect(sent).toEqual([{ auth: { identity: { methods: ['token'], token: { id: token } }, scope: SERVICE } }]);
    expect(cloud.requests.at(-1)?.headers['x-auth-token']).toBe(token);
    expect(access.headers['x-auth-token']).not.toBe(token);
  });
});

describe('a login by application credential', () => {
  test('sends ID and secret, and no scope although there is one', async () => {
    const auth = { ...ADMIN, application_credential_id: 'app-1', application_credential_secret: 'app-secret' };
    const { sent } = await logIn(await startApplicationCloud(), { authType: 'v3applicationcredential', auth });
    const application_credential = { id: 'app-1', secret: 'app-secret' };
    expect(sent).toEqual([{ auth: { identity: { methods: ['application_credential'], application_credential } } }]);
  });

  test.each<[Credentials['auth'], unknown]>([
    [{ user_id: 'user-glance' }, { id: 'user-glance' }],
    [
      { username: 'glance', user_domain_id: 'default' },
      { name: 'glance', domain: { id: 'default' } },
    ],
  ])('sends name, secret and the user of %j', async (who, user) => {
    const auth = { ...who, application_credential_name: 'prefetcher', application_credential_secret: 'app-secret' };
    const { sent } = await logIn(await startApplicationCloud(), { authType: 'v3applicationcredential', auth });
    const application_credential = { name: 'prefetcher', secret: 'app-secret', user };
    expect(sent).toEqual([{ auth: { identity: { methods: ['application_credential'], application_credential } } }]);
  });
});

describe('a method without a login', () => {
  test.each<[string, Credentials['auth'], string]>([
    ['admin_token', { token: 'fixed-token' }, 'fixed-token'],
    ['none', {}, 'notused'],
    ['noauth', { user_id: 'u1', project_id: 'p1' }, 'u1:p1'],
    ['noauth', { user_id: 'u1' }, 'notused'],
  ])('as %s of %j takes the endpoint, and asks Keystone nothing', async (authType, auth, token) => {
    const cloud = await startCloud();
    const endpoint = `${cloud.glanceUrl}/v2/`;
    const { access } = await logIn(cloud, { authType, auth: { ...auth, endpoint } });
    expect(access).toEqual({
      headers: { 'x-auth-token': token },
      imageEndpoint: `${cloud.glanceUrl}/v2`,
      isAdmin: false,
    });
    expect(cloud.requests).toEqual([]);
  });

  test('takes the override before the endpoint, and fills the project in', async () => {
    const auth = { project_id: 'p 1', endpoint: 'http://elsewhere' };
    const endpoint = { override: 'http://g:9292/%(project_id)s' };
    const { access } = await logIn(await startCloud(), { authType: 'noauth', auth, endpoint });
    expect(access.imageEndpoint).toBe('http://g:9292/p%201/v2');
  });

  test('cannot do without an endpoint', () => {
    const error = thrownBy(() => sessionOf(adminOf({ keystoneUrl: '' }, { authType: 'none', auth: {} })));
    expect(error).toMatchObject({
      code: 'CONFIG_ENDPOINT',
      message: 'Cannot find Glance: the credentials from the environment have no endpoint',
    });
  });
});

describe('openSession()', () => {
  const { password: _password, ...withoutPassword } = ADMIN;
  const application = { application_credential_name: 'prefetcher', application_credential_secret: 'app-secret' };

  test.each<[string, Credentials['auth'], string]>([
    ['password', withoutPassword, 'there is no password'],
    ['password', { password: 'open sesame' }, 'they name no user'],
    ['v3password', { username: 'glance', password: 'x' }, 'the user "glance" is given by name, without a domain'],
    ['token', {}, 'there is no token'],
    ['admin_token', { endpoint: 'http://g' }, 'there is no token'],
    ['v3applicationcredential', { application_credential_id: 'a' }, 'there is no secret of the application credential'],
    ['v3applicationcredential', { application_credential_secret: 's' }, 'they name no application credential'],
    [
      'v3applicationcredential',
      application,
      'the application credential "prefetcher" is given by name, without its user',
    ],
    ['v3totp', { passcode: '123456' }, 'they name no user'],
    ['v3totp', { username: 'glance' }, 'the user "glance" is given by name, without a domain'],
    [
      'v3multifactor',
      { ...ADMIN, auth_methods: 'v3password,v3kerberos' },
      'auth_methods names no way to log in that can be combined',
    ],
    ['v3multifactor', { ...withoutPassword, auth_methods: 'v3totp,v3password' }, 'there is no password'],
    ['http_basic', { password: 'x', endpoint: 'http://g' }, 'they name no user'],
    ['http_basic', { username: 'x', endpoint: 'http://g' }, 'there is no password'],
    [
      'http_basic',
      { username: 'a:b', password: 'x', endpoint: 'http://g' },
      'the user "a:b" has a colon in it, which HTTP\'s Basic authentication cannot send',
    ],
    ['v3kerberos', ADMIN, 'auth_type "v3kerberos" is not known'],
  ])('refuses %s with %j', (authType, auth, state) => {
    const error = thrownBy(() => sessionOf(adminOf({ keystoneUrl: 'http://k:5000' }, { authType, auth })));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: `Cannot log in with the credentials from the environment: ${state}`,
    });
  });

  test.each([
    ['', 'auth_url is no URL of http or https'],
    ['keystone:5000', 'auth_url is no URL of http or https'],
    ['http://user:hunter2@k:5000', 'auth_url holds a user or a password'],
  ])('refuses the auth_url %j', (keystoneUrl, state) => {
    const error = thrownBy(() => sessionOf(adminOf({ keystoneUrl })));
    expect(error).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: `Cannot log in with the credentials from the environment: ${state}`,
    });
  });
});
