import { describe, expect, test } from 'vitest';
import { credentialsOf, refusal, resolved } from './resolved.ts';

const FALLBACKS = { endpoint: 'http://node1:9292', default_domain_id: 'default' };

const PASSWORD = {
  OS_AUTH_URL: 'http://keystone.example.org:5000',
  OS_USERNAME: 'operator',
  OS_PASSWORD: 'pass-1',
  OS_PROJECT_NAME: 'ops',
};

describe('resolveCredentials() with what stands in', () => {
  test('takes the domain of those who name none, as the stock tool does', async () => {
    expect((await credentialsOf({ env: PASSWORD, fallbacks: FALLBACKS })).auth).toMatchObject({
      user_domain_id: 'default',
      project_domain_id: 'default',
    });
  });

  test('leaves the domains that are given', async () => {
    const env = { ...PASSWORD, OS_USER_DOMAIN_NAME: 'people', OS_DEFAULT_DOMAIN_NAME: 'others' };
    const { auth } = await credentialsOf({ env, fallbacks: FALLBACKS });
    expect(auth).toMatchObject({ user_domain_name: 'people', project_domain_name: 'others' });
    expect(auth).not.toHaveProperty('project_domain_id');
  });

  test.each(['none', 'noauth'])('goes to that endpoint with auth_type %s', async (authType) => {
    const credentials = await credentialsOf({ flags: { auth_type: authType }, fallbacks: FALLBACKS });
    expect(credentials).toMatchObject({ authType, auth: { endpoint: 'http://node1:9292' } });
  });

  test('goes there when the strategy is noauth, and when there is a token and no Keystone', async () => {
    const noauth = await credentialsOf({ flags: { auth_strategy: 'noauth' }, fallbacks: FALLBACKS });
    expect(noauth).toMatchObject({ authType: 'noauth', auth: { endpoint: 'http://node1:9292' } });
    const token = await credentialsOf({ flags: { token: 'gAAAA1' }, fallbacks: FALLBACKS });
    expect(token).toMatchObject({ authType: 'admin_token', auth: { endpoint: 'http://node1:9292', token: 'gAAAA1' } });
  });

  test('leaves the endpoint that is given', async () => {
    const flags = { auth_type: 'none', endpoint_override: 'http://own.example.org' };
    const { auth, endpoint } = await credentialsOf({ flags, fallbacks: FALLBACKS });
    expect(auth).toEqual({});
    expect(endpoint.override).toBe('http://own.example.org');
  });

  test('takes nobody for somebody over it, and does not speak of it', async () => {
    expect(await refusal({ fallbacks: FALLBACKS })).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: 'Cannot log in to Keystone: no credentials are given',
    });
    const { notes } = await resolved({ env: PASSWORD, fallbacks: FALLBACKS });
    expect(notes.filter((note) => note.startsWith('Not used'))).toEqual([]);
  });
});
