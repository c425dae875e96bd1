import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import { secretsIn, secretsOf, sentSecrets, withoutSecrets } from '../../../src/credentials/secret-texts.ts';

const NOBODY: Credentials = {
  source: 'a test',
  authType: 'password',
  auth: {},
  tls: { ca: 'PUBLIC', cert: 'PUBLIC', key: undefined, insecure: false },
  timeoutSec: undefined,
  endpoint: { serviceType: 'image', serviceName: undefined, interfaces: ['public'], region: 'R', override: undefined },
};

describe('secretsOf()', () => {
  test('names passwords, tokens, secrets and keys, and nothing else', () => {
    expect(secretsOf(NOBODY)).toEqual([]);
    const auth = {
      username: 'u',
      project_name: 'p',
      password: 'pass-1',
      token: 'token-1',
      application_credential_id: 'i',
      application_credential_secret: 'secret-1',
    };
    expect(secretsOf({ ...NOBODY, auth, tls: { ...NOBODY.tls, key: 'KEY' } })).toEqual([
      'pass-1',
      'token-1',
      'secret-1',
      'KEY',
    ]);
  });

  test.each([
    ['https://u:p%40ss@k/v3', ['p%40ss', 'p@ss']],
    ['https://u:p@s/s@k/v3', ['p@s/s']],
    ['https://:p%zz@k', ['p%zz']],
    ['https://u@k:5000/v3', []],
    ['https://k:5000', []],
  ])('names the password of %s, as written and as meant', (url, secrets) => {
    expect(secretsOf({ ...NOBODY, auth: { auth_url: url } })).toEqual(secrets);
    expect(secretsOf({ ...NOBODY, auth: { endpoint: url } })).toEqual(secrets);
    expect(secretsOf({ ...NOBODY, endpoint: { ...NOBODY.endpoint, override: url } })).toEqual(secrets);
  });
});

describe('secretsIn() and secretsOf()', () => {
  test.each([
    ['client_secret', 'client-secret-1', true],
    ['access_token', 'access-token-1', true],
    ['passcode', '123456', false],
    ['passcode', ' 12345678 ', false],
    ['passcode', '1234123456', true],
    ['passcode', 'pin-123456', true],
  ] as const)('name %s "%s" unless it is no more than a few digits', (name, text, isNamed) => {
    const given = new Map([[name, { text, origin: 'a test' }]]);
    expect(secretsIn(given)).toEqual(isNamed ? [text] : []);
    expect(secretsOf({ ...NOBODY, auth: { [name]: text } })).toEqual(isNamed ? [text] : []);
  });

  test.each(['discovery_endpoint', 'access_token_endpoint', 'device_authorization_endpoint'] as const)(
    'name the password in %s',
    (name) => {
      const url = 'https://u:hush-1@idp/x';
      expect(secretsIn(new Map([[name, { text: url, origin: 'a test' }]]))).toContain('hush-1');
      expect(secretsOf({ ...NOBODY, auth: { [name]: url } })).toContain('hush-1');
    },
  );
});

describe('sentSecrets()', () => {
  test('names what answers may repeat, a passcode of a few digits too', () => {
    const auth = {
      username: 'u',
      password: 'p',
      passcode: '123456',
      client_secret: 'c',
      client_id: 'i',
      access_token: 'a',
    };
    expect([...sentSecrets({ ...NOBODY, auth })].sort()).toEqual(['123456', 'a', 'c', 'p']);
  });
});

describe('withoutSecrets()', () => {
  test('has all but the secrets, and passwords in URLs', () => {
    const open = { username: 'u:p@x', project_name: 'http://p:q@r' };
    const auth = { ...open, password: 'one', passcode: '1', client_secret: 'two', auth_url: 'http://u:p/w@k/v3' };
    expect(withoutSecrets(auth)).toEqual({ ...open, auth_url: 'http://u@k/v3' });
    expect(withoutSecrets({ discovery_endpoint: 'http://u@k' })).toEqual({ discovery_endpoint: 'http://u@k' });
  });
});
