import { describe, expect, test } from 'vitest';
import { useTempDir } from '../../support/temp-dir.ts';
import { credentialsOf, type Given, refusal, resolved, USER_AUTH, USER_ENV, write } from './resolved.ts';

const dir = useTempDir();

const DEFAULT_CONF = `[DEFAULT]
admin_user = conf-user
admin_password = conf-pass-1
admin_tenant_name = conf-project
auth_url = http://conf.example.org:5000/v2.0
auth_region = conf-region
`;

const SERVICE_CONF = `[keystone_authtoken]
www_authenticate_uri = http://wrong.example.org
auth_type = password
auth_url = http://service.example.org:5000
username = service-user
password = service-pass-1
user_domain_name = Default
project_name = service
project_domain_name = Default
`;

const OWN_CONF = `[cache_tools]
auth_url = http://own.example.org
username = own-user
user_domain_name = own-domain
password = own-pass-1
`;

const CLOUDS = `clouds:
  prod:
    auth:
      auth_url: http://cloud.example.org
      user_id: cloud-user
      password: cloud-pass-1
      project_id: cloud-project
`;

const AUTH = {
  cloud: {
    auth_url: 'http://cloud.example.org',
    user_id: 'cloud-user',
    password: 'cloud-pass-1',
    project_id: 'cloud-project',
  },
  env: USER_AUTH,
  own: {
    auth_url: 'http://own.example.org',
    username: 'own-user',
    user_domain_name: 'own-domain',
    password: 'own-pass-1',
  },
  default: {
    auth_url: 'http://conf.example.org:5000/v3',
    username: 'conf-user',
    user_domain_id: 'default',
    password: 'conf-pass-1',
    project_name: 'conf-project',
    project_domain_id: 'default',
  },
  service: {
    auth_url: 'http://service.example.org:5000',
    username: 'service-user',
    password: 'service-pass-1',
    user_domain_name: 'Default',
    project_name: 'service',
    project_domain_name: 'Default',
  },
} as const;

const ALL_CONF = DEFAULT_CONF + SERVICE_CONF + OWN_CONF;

describe('resolveCredentials()', () => {
  test.each<readonly [string, Given, keyof typeof AUTH, string]>([
    [
      '--os-cloud, when OS_CLOUD names another',
      { cloud: 'prod', env: { ...USER_ENV, OS_CLOUD: 'no' }, conf: ALL_CONF },
      'cloud',
      'cloud "prod" in DIR/clouds.yaml',
    ],
    [
      'OS_CLOUD, when the environment has a user too',
      { env: { ...USER_ENV, OS_CLOUD: 'prod' }, conf: ALL_CONF },
      'cloud',
      'cloud "prod" in DIR/clouds.yaml',
    ],
    [
      'the environment, when the configuration has all kinds',
      { env: USER_ENV, conf: ALL_CONF },
      'env',
      'the environment',
    ],
    [
      'the environment, when OS_CLOUD is blank',
      { env: { ...USER_ENV, OS_CLOUD: ' ' }, conf: ALL_CONF },
      'env',
      'the environment',
    ],
    ['[cache_tools], when other sections have credentials', { conf: ALL_CONF }, 'own', '[cache_tools] in /0.conf'],
    [
      '[DEFAULT], when there is a service user',
      { conf: DEFAULT_CONF + SERVICE_CONF },
      'default',
      '[DEFAULT] in /0.conf',
    ],
    ['the service user, when there is no other', { conf: SERVICE_CONF }, 'service', '[keystone_authtoken] in /0.conf'],
    [
      'the configuration, when the environment names nobody',
      {
        env: {
          OS_PASSWORD: 'x-1',
          OS_PROJECT_NAME: 'p',
          OS_REGION_NAME: 'r',
          OS_INTERFACE: 'admin',
          OS_CACERT: '/no',
          OS_AUTH_URL: 'http://no',
        },
        conf: SERVICE_CONF,
      },
      'service',
      '[keystone_authtoken] in /0.conf',
    ],
    [
      'the configuration, when the environment has options of the configuration only',
      { env: { OS_KEYSTONE_AUTHTOKEN__REGION_NAME: 'r', OS_DEFAULT__DEBUG: 'true' }, conf: SERVICE_CONF },
      'service',
      '[keystone_authtoken] in /0.conf',
    ],
  ])('takes %s', async (_what, given, source, name) => {
    write(dir(), 'clouds.yaml', CLOUDS);
    const credentials = await credentialsOf({ ...given, dir: dir() });
    expect(credentials.auth).toEqual(AUTH[source]);
    expect(credentials.source).toBe(name.replace('DIR', dir()));
  });

  test.each<readonly [string, Given]>([
    ['the environment', { env: { OS_USERNAME: 'u' }, conf: ALL_CONF }],
    ['the environment, with a way to log in only', { env: { OS_AUTH_TYPE: 'password' }, conf: ALL_CONF }],
    ['the environment, with an endpoint only', { env: { OS_ENDPOINT: 'http://glance' }, conf: ALL_CONF }],
    ['cloud "half" in', { cloud: 'half', env: USER_ENV, conf: ALL_CONF }],
    ['[cache_tools]', { conf: `${DEFAULT_CONF}[cache_tools]\nauth_url = http://k\n` }],
    ['[DEFAULT]', { conf: `[DEFAULT]\nadmin_user = u\n${SERVICE_CONF}` }],
    ['[empty] of the configuration', { conf: '[keystone_authtoken]\nauth_section = empty\n' }],
  ])('refuses %s when it is incomplete, whatever else there is', async (name, given) => {
    write(dir(), 'clouds.yaml', 'clouds: {half: {auth: {auth_url: "http://k", username: u}}}');
    const error = await refusal({ ...given, dir: dir() });
    expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', exitCode: 3, hint: expect.any(String) as unknown });
    expect(error.message).toMatch(/^Cannot log in with the credentials from /);
    expect(error.message.replace(/^.* credentials from /, '')).toContain(name.replace(/, .*/, ''));
  });

  test('names the ways to give credentials when there are none', async () => {
    const error = await refusal({ env: { OS_AUTH_URL: 'http://k' }, dir: dir() });
    expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', exitCode: 3 });
    expect(error.message).toBe('Cannot log in to Keystone: no credentials are given');
    for (const way of ['--os-cloud', 'OS_CLOUD', 'OS_AUTH_URL', '[keystone_authtoken]', '[cache_tools]']) {
      expect(error.hint).toContain(way);
    }
  });

  test('lets OS_AUTH_URL replace auth_url of [DEFAULT], and of nothing else', async () => {
    const env = { OS_AUTH_URL: 'http://other.example.org' };
    expect((await credentialsOf({ env, conf: DEFAULT_CONF })).auth.auth_url).toBe('http://other.example.org');
    expect((await credentialsOf({ env, conf: DEFAULT_CONF.replace(/auth_url.*/, '') })).auth.auth_url).toBe(
      'http://other.example.org',
    );
    for (const conf of [SERVICE_CONF, OWN_CONF]) {
      expect((await credentialsOf({ env, conf })).auth.auth_url).not.toBe('http://other.example.org');
    }
  });

  test('notes which variables have no effect beside another source, and never their values', async () => {
    const { notes } = await resolved({
      env: { OS_PASSWORD: 'env-pass-1', OS_AUTH_URL: 'http://k' },
      conf: DEFAULT_CONF,
    });
    expect(notes).toContain('Not used beside [DEFAULT] in /0.conf: OS_PASSWORD');
    expect(notes.join()).not.toContain('env-pass-1');
  });

  test('looks beyond the environment when a flag takes its strategy back', async () => {
    const env = { OS_AUTH_STRATEGY: 'noauth' };
    const { source } = await credentialsOf({ flags: { auth_strategy: 'keystone' }, env, conf: SERVICE_CONF });
    expect(source).toBe('[keystone_authtoken] in /0.conf and the command line');
  });

  test('completes a user of the command line from the environment before the service user', async () => {
    const env = { OS_AUTH_URL: 'http://k', OS_USER_DOMAIN_ID: 'd', OS_PASSWORD: 'env-pass-1' };
    const credentials = await credentialsOf({ flags: { username: 'me' }, env, conf: SERVICE_CONF });
    expect(credentials.auth).toEqual({
      auth_url: 'http://k',
      username: 'me',
      user_domain_id: 'd',
      password: 'env-pass-1',
    });
    expect(credentials.source).toBe('the environment and the command line');
  });

  test('takes flags alone when they are complete, and spells what is missing as flags when they are not', async () => {
    const flags = { auth_url: 'http://k', user_id: 'me', password: 'flag-pass-1' };
    const { source, auth } = await credentialsOf({ flags });
    expect({ source, auth }).toEqual({ source: 'the command line', auth: flags });
    expect((await refusal({ flags: { username: 'me' } })).message).toBe(
      'Cannot log in with the credentials from the command line: there is no --os-auth-url, no --os-password, no --os-user-domain-name (or --os-user-domain-id)',
    );
  });

  test('tells every secret it has seen, used or replaced', async () => {
    const { secrets } = await resolved({
      flags: { password: 'flag-pass-1' },
      env: { ...USER_ENV, OS_TOKEN: 'env-token-1', OS_AUTH_TYPE: 'password' },
    });
    expect([...secrets].sort()).toEqual(['env-pass-1', 'env-token-1', 'flag-pass-1']);
    const unused = await resolved({ flags: { token: 'token-1', password: 'pass-1', auth_url: 'http://k' } });
    expect([...unused.secrets].sort()).toEqual(['pass-1', 'token-1']);
    const own = await resolved({ conf: OWN_CONF });
    expect(own.secrets).toEqual(['own-pass-1']);
  });
});
