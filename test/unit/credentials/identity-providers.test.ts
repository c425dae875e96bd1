import { describe, expect, test } from 'vitest';
import { useTempDir } from '../../support/temp-dir.ts';
import { credentialsOf, type Given, refusal, resolved, write } from './resolved.ts';

const dir = useTempDir();

/** The same options in each kind of source. */
const PLACES: Readonly<Record<string, (options: Readonly<Record<string, string>>) => Given>> = {
  'the environment': (options) => ({
    env: Object.fromEntries(Object.entries(options).map(([key, text]) => [`OS_${key.toUpperCase()}`, text])),
  }),
  'clouds.yaml': ({ auth_type, ...auth }) => {
    write(dir(), 'clouds.yaml', JSON.stringify({ clouds: { c: { auth_type, auth } } }));
    return { dir: dir(), cloud: 'c' };
  },
  'glance-cache.conf': (options) => ({
    conf: ['[cache_tools]', ...Object.entries(options).map(([key, text]) => `${key} = ${text}`), ''].join('\n'),
  }),
  flags: (flags) => ({ flags }),
};

const FEDERATED = { auth_url: 'http://k', identity_provider: 'idp', protocol: 'openid' };
const CLIENT = { ...FEDERATED, client_id: 'c', client_secret: 'hush-1', discovery_endpoint: 'http://i/document' };

describe.each(Object.keys(PLACES))('resolveCredentials() of a login through an identity provider in %s', (place) => {
  const given = (options: Readonly<Record<string, string>>): Given => PLACES[place]?.(options) ?? {};

  test.each<readonly [string, Readonly<Record<string, string>>]>([
    ['v3oidcclientcredentials', { ...CLIENT, access_token_type: 'id_token', openid_scope: 'openid x' }],
    ['v3oidcpassword', { ...CLIENT, username: 'u', password: 'hush-2', idp_otp_key: 'totp', passcode: '123456' }],
    ['v3oidcaccesstoken', { ...FEDERATED, access_token: 'hush-3', project_id: 'p' }],
    [
      'v3oidcdeviceauthz',
      { ...CLIENT, device_authorization_endpoint: 'http://i/device', code_challenge_method: 'S256' },
    ],
    // keystoneauth says nothing, and gets a token for nothing.
    ['v3oidcclientcredentials', { ...CLIENT, system_scope: 'all' }],
    ['v3oidcclientcredentials', { ...CLIENT, trust_id: 't' }],
  ])('takes all that %s has, as it is', async (type, options) => {
    const { credentials } = await resolved(given({ auth_type: type, ...options }));
    expect(credentials).toMatchObject({ authType: type, auth: options });
    expect(Object.keys(credentials.auth).sort()).toEqual(Object.keys(options).sort());
  });

  test('tells of what the way to log in has no use for, without its value', async () => {
    const options = { auth_type: 'v3oidcaccesstoken', ...FEDERATED, access_token: 'hush-3' };
    const { notes, credentials } = await resolved(
      given({ ...options, client_secret: 'hush-1', user_domain_name: 'D' }),
    );
    const note = notes.find((text) => text.startsWith('Not used with auth_type v3oidcaccesstoken: '));
    expect(note).toMatch(/client.secret/i);
    expect(note).toMatch(/user.domain.name/i);
    expect(JSON.stringify(notes)).not.toContain('hush');
    expect(credentials.auth).not.toHaveProperty('client_secret');
  });
});

describe('resolveCredentials()', () => {
  const SPELT: Readonly<Record<string, readonly string[]>> = {
    'the environment': ['OS_IDENTITY_PROVIDER', 'OS_PROTOCOL', 'OS_DISCOVERY_ENDPOINT (or OS_ACCESS_TOKEN_ENDPOINT)'],
    'clouds.yaml': [
      'auth.identity_provider',
      'auth.protocol',
      'auth.discovery_endpoint (or auth.access_token_endpoint)',
    ],
    'glance-cache.conf': [
      'identity_provider in [cache_tools]',
      'protocol in [cache_tools]',
      'discovery_endpoint in [cache_tools] (or access_token_endpoint in [cache_tools])',
    ],
    flags: ['--os-identity-provider', '--os-protocol', '--os-discovery-endpoint (or --os-access-token-endpoint)'],
  };

  test.each(Object.entries(SPELT))('names what is missing as it is spelt in %s', async (place, names) => {
    const options = { auth_type: 'v3oidcclientcredentials', auth_url: 'http://k', client_id: 'c' };
    const error = await refusal(PLACES[place]?.(options) ?? {});
    expect(error.message).toContain(`: there is no ${names.join(', no ')}`);
    expect(error.hint).toContain(
      '<this command> --os-identity-provider VALUE --os-protocol openid --os-discovery-endpoint https://idp.example.org/.well-known/openid-configuration',
    );
  });

  test.each([
    ['v3oidcpassword', { ...CLIENT, username: 'u' }, 'OS_PASSWORD'],
    ['v3oidcpassword', { ...CLIENT, password: 'x' }, 'OS_USERNAME'],
    ['v3oidcaccesstoken', FEDERATED, 'OS_ACCESS_TOKEN'],
    ['v3oidcdeviceauthz', { ...FEDERATED, discovery_endpoint: 'http://i' }, 'OS_CLIENT_ID'],
    [
      'v3oidcdeviceauthz',
      { ...FEDERATED, client_id: 'c', access_token_endpoint: 'http://i' },
      'OS_DISCOVERY_ENDPOINT (or OS_DEVICE_AUTHORIZATION_ENDPOINT)',
    ],
    ['v3multifactor', { auth_url: 'http://k', user_id: 'u' }, 'OS_AUTH_METHODS'],
    ['v3multifactor', { auth_url: 'http://k', user_id: 'u', auth_methods: 'v3password,v3totp' }, 'OS_PASSWORD'],
    ['v3totp', { auth_url: 'http://k', passcode: '1' }, 'OS_USERNAME (or OS_USER_ID)'],
    ['v3totp', { auth_url: 'http://k', username: 'u' }, 'OS_USER_DOMAIN_NAME (or OS_USER_DOMAIN_ID)'],
    ['http_basic', { username: 'u', password: 'x' }, 'OS_ENDPOINT (or OS_IMAGE_ENDPOINT_OVERRIDE)'],
    ['http_basic', { endpoint: 'http://g', password: 'x' }, 'OS_USERNAME'],
  ])('does not log in with %s without its options', async (type, options, missing) => {
    const error = await refusal(PLACES['the environment']?.({ auth_type: type, ...options }) ?? {});
    expect(error.code).toBe('CONFIG_CREDENTIALS');
    expect(error.message.endsWith(`: there is no ${missing}`), error.message).toBe(true);
  });

  test('takes a list of factors from clouds.yaml', async () => {
    const auth = { auth_url: 'http://k', user_id: 'u', password: 'x', auth_methods: ['v3password', 'v3totp'] };
    write(dir(), 'clouds.yaml', JSON.stringify({ clouds: { c: { auth_type: 'v3multifactor', auth } } }));
    const credentials = await credentialsOf({ dir: dir(), cloud: 'c' });
    expect(credentials.auth.auth_methods).toBe('v3password,v3totp');
  });

  test.each([
    ['auth of clouds.yaml', { auth: { ...CLIENT, scope: 'openid email' } }, 'openid email'],
    ['auth of clouds.yaml beside its other name', { auth: { ...CLIENT, scope: 'a', openid_scope: 'b' } }, 'b'],
    ['clouds.yaml beside auth', { auth: CLIENT, scope: 'openid email' }, undefined],
  ])('reads scope in %s as keystoneauth does', async (_what, cloud, scope) => {
    write(dir(), 'clouds.yaml', JSON.stringify({ clouds: { c: { auth_type: 'v3oidcclientcredentials', ...cloud } } }));
    expect((await credentialsOf({ dir: dir(), cloud: 'c' })).auth.openid_scope).toBe(scope);
  });

  test('reads scope in a configuration file, and not in the environment', async () => {
    const options = { auth_type: 'v3oidcclientcredentials', ...CLIENT, scope: 'openid email' };
    const scopeIn = async (place: string) => (await credentialsOf(PLACES[place]?.(options) ?? {})).auth.openid_scope;
    expect(await scopeIn('glance-cache.conf')).toBe('openid email');
    expect(await scopeIn('the environment')).toBeUndefined();
  });
});
