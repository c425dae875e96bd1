import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACTOR_NAMES, factorsOf } from '../../../src/credentials/factors.ts';
import { useTempDir } from '../../support/temp-dir.ts';
import { credentialsOf, type Given, refusal, write } from './resolved.ts';

const LOGIN = {
  auth_url: 'http://k',
  username: 'u',
  user_domain_id: 'd',
  password: 'secret-1',
  passcode: '123456',
};
const variables = (options: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [`OS_${name.toUpperCase()}`, value]));

describe('factorsOf()', () => {
  test.each([
    ['v3password,v3totp', ['v3password', 'v3totp']],
    [' V3TOTP , v3password,', ['v3totp', 'v3password']],
    ['password,totp,token,application_credential', ['v3password', 'v3totp', 'v3token', 'v3applicationcredential']],
    ['totp,v3totp', ['v3totp']],
    ['v3password,v3kerberos', 'v3kerberos'],
    [' , ', ' , '],
  ])('takes %j for %j', (text, factors) => {
    expect(factorsOf(text)).toEqual(factors);
  });

  test('finds any names that are joined, in their order', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...FACTOR_NAMES], { minLength: 1 }),
        fc.constantFrom(',', ', ', ' ,'),
        (names, comma) => {
          expect(factorsOf(names.join(comma))).toEqual(names);
        },
      ),
    );
  });
});

describe('auth_methods', () => {
  const dir = useTempDir();

  test.each<[string, () => Given]>([
    [
      'the environment',
      () => ({ env: variables({ ...LOGIN, auth_type: 'v3multifactor', auth_methods: 'v3password,v3totp' }) }),
    ],
    ['the environment, without auth_type', () => ({ env: variables({ ...LOGIN, auth_methods: 'v3password,v3totp' }) })],
    [
      'flags over an openrc file with another way',
      () => ({
        env: variables({ ...LOGIN, auth_type: 'v3password' }),
        flags: { auth_type: 'v3multifactor', auth_methods: 'v3password,v3totp' },
      }),
    ],
    [
      'glance-cache.conf',
      () => ({
        conf: `[cache_tools]\n${Object.entries({
          ...LOGIN,
          auth_type: 'v3multifactor',
          auth_methods: 'v3password,v3totp',
        })
          .map(([name, value]) => `${name} = ${value}\n`)
          .join('')}`,
      }),
    ],
    ...['[v3password, v3totp]', '"v3password,v3totp"', '\n        - v3password\n        - v3totp'].map(
      (methods): [string, () => Given] => [
        `clouds.yaml as ${methods.trim()}`,
        () => {
          const auth = Object.entries(LOGIN).map(([name, value]) => `      ${name}: ${value}\n`);
          const prod = `    auth_type: v3multifactor\n    auth:\n${auth.join('')}      auth_methods: ${methods}\n`;
          write(dir(), 'clouds.yaml', `clouds:\n  prod:\n${prod}`);
          return { cloud: 'prod', dir: dir() };
        },
      ],
    ),
  ])('is taken from %s', async (_where, given) => {
    expect(await credentialsOf(given())).toMatchObject({
      authType: 'v3multifactor',
      auth: { ...LOGIN, auth_methods: 'v3password,v3totp' },
    });
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['nothing', {}, 'there is no OS_AUTH_METHODS'],
    [
      'another way',
      { auth_methods: 'v3password,v3oidcpassword' },
      'auth_methods has "v3oidcpassword" (OS_AUTH_METHODS)',
    ],
  ])('is refused with %s in it', async (_what, methods, state) => {
    const env = variables({ ...LOGIN, auth_type: 'v3multifactor', ...methods });
    expect(await refusal({ env })).toMatchObject({
      code: 'CONFIG_CREDENTIALS',
      message: `Cannot log in with the credentials from the environment: ${state}`,
    });
  });

  test('wants what each of the ways needs', async () => {
    const { password: _password, ...others } = LOGIN;
    const env = variables({ ...others, auth_methods: 'v3password,v3totp,v3token' });
    expect(await refusal({ env })).toMatchObject({
      message: 'Cannot log in with the credentials from the environment: there is no OS_PASSWORD, no OS_TOKEN',
    });
  });
});
