import { describe, expect, test } from 'vitest';
import { credentialsOf, refusal, resolved } from './resolved.ts';

function service(...lines: readonly string[]): string {
  return ['[keystone_authtoken]', ...lines, ''].join('\n');
}

const USER = ['auth_url = http://k', 'user_id = u', 'password = pass-1'] as const;

describe('readConfiguration()', () => {
  test('reads the four old options of [DEFAULT] as version 2 had them', async () => {
    const conf = '[DEFAULT]\nadmin_user = u\nadmin_password = pa$$s\nauth_url = http://k:5000/v2.0\nauth_region = R\n';
    const credentials = await credentialsOf({ conf });
    expect(credentials).toMatchObject({
      source: '[DEFAULT] in /0.conf',
      authType: 'password',
      endpoint: { region: 'R', interfaces: ['public'] },
    });
    expect(credentials.auth).toEqual({
      auth_url: 'http://k:5000/v3',
      username: 'u',
      password: 'pa$s',
      user_domain_id: 'default',
    });
  });

  test('spells what is missing in [DEFAULT] as it is written there', async () => {
    const { message, details } = await refusal({ conf: '[DEFAULT]\nadmin_user = u\n' });
    expect(message).toBe(
      'Cannot log in with the credentials from [DEFAULT] in /0.conf: there is no auth_url in [DEFAULT], no admin_password in [DEFAULT]',
    );
    expect(details).toEqual({
      source: '[DEFAULT] in /0.conf',
      missing: ['auth_url in [DEFAULT]', 'admin_password in [DEFAULT]'],
    });
  });

  test('asks a service user by name for a domain, and says where it is missing', async () => {
    const conf = service('auth_url = http://k/v3', 'username = u', 'password = pass-1');
    expect((await refusal({ conf })).message).toBe(
      'Cannot log in with the credentials from [keystone_authtoken] in /0.conf: there is no user_domain_name in [keystone_authtoken] (or user_domain_id in [keystone_authtoken])',
    );
  });

  test.each<readonly [string, readonly string[], Readonly<Record<string, string>>]>([
    [
      'identity_uri',
      ['identity_uri = http://k:35357', 'admin_user = u', 'admin_password = x', 'admin_tenant_name = p'],
      { auth_url: 'http://k:35357' },
    ],
    [
      'host, port and protocol',
      [
        'auth_host = k',
        'auth_port = 5000',
        'auth_protocol = http',
        'admin_user = u',
        'admin_password = x',
        'admin_tenant_name = p',
      ],
      { auth_url: 'http://k:5000' },
    ],
    [
      'a host alone, an address of IPv6',
      ['auth_host = fd00::1', 'admin_user = u', 'admin_password = x', 'admin_tenant_name = p'],
      { auth_url: 'https://[fd00::1]:35357' },
    ],
    [
      'auth_url beside the old user',
      [
        'auth_url = http://k',
        'identity_uri = http://no',
        'admin_user = u',
        'admin_password = x',
        'admin_tenant_name = p',
      ],
      { auth_url: 'http://k' },
    ],
    [
      'a user under the present name',
      ['identity_uri = http://k', 'username = u', 'password = x', 'project_name = p'],
      { auth_url: 'http://k' },
    ],
    [
      'a first secret of Keystone beside the user',
      [
        'identity_uri = http://k',
        'admin_token = ADMIN',
        'admin_user = u',
        'admin_password = x',
        'admin_tenant_name = p',
      ],
      { auth_url: 'http://k' },
    ],
  ])('reads a section from before keystoneauth with %s', async (_what, lines, expected) => {
    const { authType, auth } = await credentialsOf({ conf: service('auth_uri = http://public', ...lines) });
    expect(authType).toBe('password');
    expect(auth).toEqual({
      username: 'u',
      password: 'x',
      user_domain_id: 'default',
      project_name: 'p',
      project_domain_id: 'default',
      ...expected,
    });
  });

  test('does not take www_authenticate_uri or auth_uri for where to log in', async () => {
    const conf = service('www_authenticate_uri = http://no', 'auth_uri = http://no', 'user_id = u', 'password = x');
    expect((await refusal({ conf })).details).toMatchObject({ missing: ['auth_url in [keystone_authtoken]'] });
  });

  test('reads the former names of options', async () => {
    const conf = service(
      'auth_plugin = v3password',
      'auth_url = http://k',
      'user_name = u',
      'user_domain_id = d',
      'password = x',
      'tenant_name = p',
      'project_domain_id = d',
    );
    const { authType, auth } = await credentialsOf({ conf });
    expect({ authType, ...auth }).toMatchObject({ authType: 'v3password', username: 'u', project_name: 'p' });
  });

  test('follows auth_section once, with the connection of both groups', async () => {
    const conf = `${service('auth_section = other', 'username = no', 'region_name = R', 'cafile = /dev/null', 'insecure = true')}
[other]
${USER.join('\n')}
auth_section = third
region_name = no
interface = internal
[third]
user_id = no
`;
    const credentials = await credentialsOf({ conf });
    expect(credentials.auth).toEqual({ auth_url: 'http://k', user_id: 'u', password: 'pass-1' });
    expect(credentials).toMatchObject({
      source: '[other] in /0.conf',
      endpoint: { region: 'R', interfaces: ['internal'] },
      tls: { insecure: true },
    });
    expect((await resolved({ conf })).secrets).toEqual(['pass-1']);
  });

  test('lets the service user be named in [cache_tools]', async () => {
    const conf = `${service(...USER)}[cache_tools]\nauth_section = keystone_authtoken\ninterface = admin\n`;
    expect(await credentialsOf({ conf })).toMatchObject({
      auth: { user_id: 'u' },
      endpoint: { interfaces: ['admin'] },
    });
  });

  test('takes the connection from [cache_tools] first, whoever logs in', async () => {
    const own =
      '[cache_tools]\nregion_name = R2\nvalid_interfaces = internal,public\nendpoint_override = http://g\ntimeout = 7\n';
    const conf = service(...USER, 'region_name = R1', 'interface = admin', 'service_name = glance', 'timeout = 3');
    const credentials = await credentialsOf({ conf: conf + own });
    expect(credentials.timeoutSec).toBe(7);
    expect(credentials.endpoint).toEqual({
      serviceType: 'image',
      serviceName: 'glance',
      interfaces: ['internal', 'public'],
      region: 'R2',
      override: 'http://g',
    });
    const old = '[DEFAULT]\nadmin_user = u\nadmin_password = x\nauth_url = http://k\nauth_region = R1\n';
    expect((await credentialsOf({ conf: old + own })).endpoint).toMatchObject({ region: 'R2', override: 'http://g' });
  });

  test('reads options from the environment of oslo.config too', async () => {
    const env = { OS_KEYSTONE_AUTHTOKEN__PASSWORD: 'env-pass-1' };
    const conf = service(...USER);
    expect((await credentialsOf({ conf, env })).auth.password).toBe('env-pass-1');
  });

  test('refuses a bad value in the section that is used, and in no other', async () => {
    const bad = service(...USER, 'insecure = maybe');
    const error = await refusal({ conf: bad });
    expect(error).toMatchObject({ code: 'CONFIG_VALUE', exitCode: 3 });
    expect(error.message).toMatch(/^Cannot use insecure from \/0.conf:5: "maybe" /);
    const used = '[DEFAULT]\nadmin_user = u\nadmin_password = x\nauth_url = http://k\n';
    expect((await credentialsOf({ conf: used + bad })).source).toBe('[DEFAULT] in /0.conf');
    const nobody = service('insecure = maybe', 'timeout = soon');
    expect((await refusal({ conf: nobody })).code).toBe('CONFIG_CREDENTIALS');
  });

  test('tells nothing of a password that cannot be expanded', async () => {
    const error = await refusal({ conf: service('user_id = u', 'password = s3cret$word') });
    expect(error.code).toBe('CONFIG_VALUE');
    expect(`${error.message}${error.hint}${JSON.stringify(error.details)}`).not.toMatch(/s3cret|\$word/);
  });
});
