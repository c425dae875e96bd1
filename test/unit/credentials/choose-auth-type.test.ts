import { describe, expect, test } from 'vitest';
import { AUTH_TYPE_NAMES } from '../../../src/credentials/auth-types.ts';
import { credentialsOf, refusal } from './resolved.ts';

const URL = { OS_AUTH_URL: 'http://k' };
const PROVIDER = { ...URL, OS_IDENTITY_PROVIDER: 'idp', OS_PROTOCOL: 'openid', OS_DISCOVERY_ENDPOINT: 'http://i' };
const CLIENT = { ...PROVIDER, OS_CLIENT_ID: 'c', OS_CLIENT_SECRET: 'secret-2' };
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
    ['an access token', { ...PROVIDER, OS_ACCESS_TOKEN: 'a' }, 'v3oidcaccesstoken'],
    [
      'an access token beside a client and a user',
      { ...CLIENT, OS_USERNAME: 'u', OS_ACCESS_TOKEN: 'a' },
      'v3oidcaccesstoken',
    ],
    ['a client with a secret', CLIENT, 'v3oidcclientcredentials'],
    ['a client with a code', { ...CLIENT, OS_CODE: 'k' }, 'v3oidcauthcode'],
    [
      "a client of Keystone's own",
      { ...URL, OS_OAUTH2_ENDPOINT: 'http://k/t', OS_OAUTH2_CLIENT_ID: 'i', OS_OAUTH2_CLIENT_SECRET: 's' },
      'v3oauth2clientcredential',
    ],
    ['a client without one', { ...PROVIDER, OS_CLIENT_ID: 'c' }, 'v3oidcdeviceauthz'],
    ['a client and a user without a domain', { ...CLIENT, OS_USERNAME: 'u', OS_PASSWORD: 'x' }, 'v3oidcpassword'],
    ['a client and a user with a domain, who is one of Keystone', { ...CLIENT, ...WITHOUT_PROJECT }, 'password'],
    ['a client that is for no identity provider, beside a user', { ...WITHOUT_PROJECT, OS_CLIENT_ID: 'c' }, 'password'],
    ['a passcode', { ...URL, OS_USER_ID: 'u', OS_PASSCODE: '1' }, 'v3totp'],
    ['a password and a passcode', { ...WITHOUT_PROJECT, OS_PASSCODE: '1' }, 'v3multifactor'],
    ['several ways', { ...WITHOUT_PROJECT, OS_AUTH_METHODS: 'v3password' }, 'v3multifactor'],
    [
      'several ways, of which one is an application credential',
      {
        ...WITHOUT_PROJECT,
        OS_AUTH_METHODS: 'totp,application_credential',
        OS_APPLICATION_CREDENTIAL_ID: 'i',
        OS_APPLICATION_CREDENTIAL_SECRET: 's',
      },
      'v3multifactor',
    ],
    [
      'HTTP Basic',
      { OS_AUTH_TYPE: 'http_basic', OS_ENDPOINT: 'http://g', OS_USERNAME: 'u', OS_PASSWORD: 'x' },
      'http_basic',
    ],
    [
      'a way of identity providers in other letters',
      { ...CLIENT, OS_AUTH_TYPE: ' V3OIDCClientCredentials\t' },
      'v3oidcclientcredentials',
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

  test.each([
    ['v3oidcrefreshtoken', /: <this command> --os-auth-type v3oidcaccesstoken$/],
    [' V3SamlPassword', /^Where the identity provider speaks OpenID too, use v3oidcpassword; else make an application/],
    ['v3adfspassword', /use v3oidcpassword; else .*: openstack application credential create glance-cache$/],
    ['v3kerberos', /^Jobs have no ticket; make an application credential/],
    ['v3oauth2mtlsclientcredential', /openstack application credential create/],
    ['v3tokenlessauth', /tells nothing of where Glance is; make an application credential/],
  ])('says what to use instead of %s, which keystoneauth has', async (type, hint) => {
    const error = await refusal({ env: { ...WITHOUT_PROJECT, OS_AUTH_TYPE: type } });
    expect(error).toMatchObject({ code: 'CONFIG_CREDENTIALS', details: { auth_type: type } });
    expect(error.message).toContain(`does not support the auth_type "${type}" (OS_AUTH_TYPE)`);
    expect(error.hint).toMatch(hint);
  });

  test.each([
    ['v3oidcpasword', 'v3oidcpassword'],
    ['v3-totp', 'v3totp'],
    ['http-basic', 'http_basic'],
    ['v3oidcclientcredential', 'v3oidcclientcredentials'],
  ])('guesses what is meant by %s', async (typed, meant) => {
    const error = await refusal({ env: { ...WITHOUT_PROJECT, OS_AUTH_TYPE: typed } });
    expect(error.message).toContain(`does not know the auth_type "${typed}" (OS_AUTH_TYPE)`);
    expect(error.hint).toBe(`Write ${meant}: <this command> --os-auth-type ${meant}`);
  });

  test('lists the ways to log in, by what they are for, when nothing near the one asked for is known', async () => {
    const error = await refusal({ flags: { auth_type: 'ldap' }, env: WITHOUT_PROJECT });
    expect(error.message).toContain('does not know the auth_type "ldap" (--os-auth-type)');
    expect(error.hint).toBe(
      'Use password, token or v3applicationcredential, with a second factor v3totp or v3multifactor, through an identity provider v3oidcclientcredentials, v3oidcpassword, v3oidcdeviceauthz or v3oidcaccesstoken, without Keystone http_basic, admin_token or none: <this command> --os-auth-type password',
    );
    expect(AUTH_TYPE_NAMES).toEqual(
      expect.arrayContaining(error.hint?.match(/\b(?:v3\w+|http_basic|admin_token)\b/g) ?? []),
    );
  });

  test('says that a client is for no identity provider when nothing else is named', async () => {
    const error = await refusal({ env: { ...URL, OS_CLIENT_ID: 'c', OS_CLIENT_SECRET: 'secret-3' } });
    expect(error.message).toMatch(/: they name a client, and no identity provider that it is for$/);
    expect(error.hint).toBe(
      'Set OS_IDENTITY_PROVIDER or OS_AUTH_TYPE, as in: <this command> --os-auth-type v3oidcclientcredentials',
    );
  });

  test('names what cannot be combined with others', async () => {
    const env = { ...WITHOUT_PROJECT, OS_AUTH_TYPE: 'v3multifactor', OS_AUTH_METHODS: 'v3password, v3oidcpassword' };
    const error = await refusal({ env });
    expect(error.message).toMatch(/: auth_methods has "v3oidcpassword" \(OS_AUTH_METHODS\)$/);
    expect(error.hint).toContain('v3password, v3totp, v3token, v3applicationcredential');
  });

  test('says that nobody is named when there is an endpoint and nothing else', async () => {
    const error = await refusal({ env: { OS_ENDPOINT: 'http://g' } });
    expect(error.message).toMatch(/: they name no user, no token and no application credential$/);
    expect(error.hint).toBe(
      'Set OS_USERNAME, OS_TOKEN, OS_APPLICATION_CREDENTIAL_ID or OS_AUTH_TYPE, as in: <this command> --os-username glance',
    );
  });

  test('tells once of an option that would do for several', async () => {
    const env = { OS_AUTH_TYPE: 'v3oidcdeviceauthz', OS_AUTH_URL: 'http://k', OS_IDENTITY_PROVIDER: 'a' };
    const error = await refusal({ env: { ...env, OS_PROTOCOL: 'openid', OS_CLIENT_ID: 'c' } });
    expect(error.message).toMatch(
      /there is no OS_DISCOVERY_ENDPOINT \(or OS_ACCESS_TOKEN_ENDPOINT and OS_DEVICE_AUTHORIZATION_ENDPOINT\)$/,
    );
    expect(error.hint?.match(/--os-discovery-endpoint/g)).toHaveLength(1);
  });
});
