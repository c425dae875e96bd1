import { describe, expect, test } from 'vitest';
import { credentialsOf, refusal } from './resolved.ts';

const URL = { OS_AUTH_URL: 'http://k' };
const WITHOUT_PROJECT = {
  OS_AUTH_URL: 'http://k',
  OS_USERNAME: 'u',
  OS_PASSWORD: 'secret-1',
  OS_USER_DOMAIN_ID: 'd',
};

describe('chooseAuthType()', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['a user', WITHOUT_PROJECT, 'password'],
    ['a user by ID', { ...URL, OS_USER_ID: 'u', OS_PASSWORD: 'x' }, 'password'],
    ['a token', { ...URL, OS_TOKEN: 't' }, 'token'],
    ['a token beside a user', { ...WITHOUT_PROJECT, OS_TOKEN: 't' }, 'token'],
    ['a token and an endpoint without a URL of Keystone', { OS_TOKEN: 't', OS_ENDPOINT: 'http://g' }, 'admin_token'],
    ['the former names of these', { OS_AUTH_TOKEN: 't', OS_URL: 'http://g' }, 'admin_token'],
    ['a token, an endpoint and a URL of Keystone', { ...URL, OS_TOKEN: 't', OS_ENDPOINT: 'http://g' }, 'token'],
    [
      'an application credential',
      { ...URL, OS_APPLICATION_CREDENTIAL_ID: 'i', OS_APPLICATION_CREDENTIAL_SECRET: 's' },
      'v3applicationcredential',
    ],
    [
      'an application credential beside a token and a user',
      { ...WITHOUT_PROJECT, OS_TOKEN: 't', OS_APPLICATION_CREDENTIAL_ID: 'i', OS_APPLICATION_CREDENTIAL_SECRET: 's' },
      'v3applicationcredential',
    ],
    ['a type in other letters', { ...WITHOUT_PROJECT, OS_AUTH_TYPE: ' V3Password ' }, 'v3password'],
    ['a type under its former name', { ...WITHOUT_PROJECT, OS_AUTH_PLUGIN: 'v3password' }, 'v3password'],
    ['a type under both names', { ...WITHOUT_PROJECT, OS_AUTH_PLUGIN: 'none', OS_AUTH_TYPE: 'password' }, 'password'],
    ['a password of version 2', { ...WITHOUT_PROJECT, OS_AUTH_TYPE: 'v2password' }, 'v3password'],
    ['a token of version 2', { ...URL, OS_TOKEN: 't', OS_AUTH_TYPE: 'v2token' }, 'v3token'],
    [
      "openstacksdk's name for admin_token",
      { OS_TOKEN: 't', OS_ENDPOINT: 'http://g', OS_AUTH_TYPE: 'token_endpoint' },
      'admin_token',
    ],
    [
      'none, with an override for an endpoint',
      { OS_AUTH_TYPE: 'none', OS_IMAGE_ENDPOINT_OVERRIDE: 'http://g' },
      'none',
    ],
    ['a strategy without authentication', { OS_AUTH_STRATEGY: 'NoAuth', OS_ENDPOINT: 'http://g' }, 'noauth'],
    [
      'that strategy beside a URL of Keystone, which overrules it',
      { ...WITHOUT_PROJECT, OS_AUTH_STRATEGY: 'noauth' },
      'password',
    ],
    ['the other strategy', { ...WITHOUT_PROJECT, OS_AUTH_STRATEGY: 'keystone' }, 'password'],
  ])('chooses the way to log in when it is given %s', async (_what, env, authType) => {
    expect((await credentialsOf({ env })).authType).toBe(authType);
  });

  test('lists the ways to log in that work when it does not know the one asked for', async () => {
    for (const type of ['v3oidcauthcode', 'v3kerberos', 'v3samlpassword']) {
      const error = await refusal({ env: { ...WITHOUT_PROJECT, OS_AUTH_TYPE: type } });
      expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', details: { auth_type: type } });
      expect(error.message).toContain(`does not know the auth_type "${type}" (OS_AUTH_TYPE)`);
      for (const known of ['password', 'v3token', 'v3applicationcredential', 'admin_token', 'none', 'noauth']) {
        expect(error.hint).toContain(known);
      }
    }
  });

  test('says that nobody is named when there is an endpoint and nothing else', async () => {
    const error = await refusal({ env: { OS_ENDPOINT: 'http://g' } });
    expect(error.message).toMatch(/: they name no user, no token and no application credential$/);
    expect(error.hint).toBe(
      'Set OS_USERNAME, OS_TOKEN, OS_APPLICATION_CREDENTIAL_ID or OS_AUTH_TYPE, as in: <this command> --os-username glance',
    );
  });
});
