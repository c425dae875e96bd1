import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/credentials/credentials.ts';
import { secretsOf } from '../../../src/credentials/secret-texts.ts';

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
