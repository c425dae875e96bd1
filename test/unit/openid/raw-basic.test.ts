import { describe, expect, test } from 'vitest';
import { clientAuthentications, rawBasic } from '../../../src/openid/client-authentication.ts';

describe('rawBasic()', () => {
  test.each([
    ['a text of ASCII, with nothing encoded in it', 'my-app', 's:e%c+r/e t', Buffer.from('my-app:s:e%c+r/e t')],
    ['Latin-1, as keystoneauth sends it', 'my-app', 'clé', Buffer.from([...Buffer.from('my-app:cl'), 0xe9])],
    ['more than Latin-1, which keystoneauth cannot send', 'my-app', '€', Buffer.from('my-app:€', 'utf8')],
  ])('sends %s', (_what, id, secret, bytes) => {
    expect(rawBasic(id, secret)).toBe(`Basic ${bytes.toString('base64')}`);
  });
});

describe('clientAuthentications()', () => {
  test.each([
    ['plain', ['basic']],
    ['with a plus+', ['basic', 'encodedBasic']],
    ['100%', ['basic', 'encodedBasic']],
    ['clé', ['basic', 'encodedBasic']],
    [undefined, ['none']],
  ])('tries %s raw, and encoded where that differs', (clientSecret, ways) => {
    expect(clientAuthentications({ clientId: 'c', clientSecret }, [])).toEqual(ways);
  });
});
