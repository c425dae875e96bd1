import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../../src/log/redact.ts';

describe('createRedactor() with known secrets', () => {
  test.each([
    [['hunter2'], 'user glance has hunter2 for a password', 'user glance has *** for a password'],
    [['hunter2'], 'xhunter2y', 'x***y'],
    [['abcd', 'abcdefgh'], 'abcdefgh abcd', '*** ***'],
    [['abcd', 'cdefgh'], 'abcdefgh', '***'],
    [['pa ss"wö'], 'a=pa%20ss%22w%C3%B6 b=pa+ss%22w%C3%B6 c="pa ss\\"wö"', 'a=*** b=*** c="***"'],
    [['line\nfeed'], 'line\\x0afeed', '***'],
    [['*.?(['], 'a *.?([ b', 'a *** b'],
    [['', 'secret'], 'a secret', 'a ***'],
    [['lone\ud800'], 'a lone\ud800 b', 'a *** b'],
  ])('masks %j in %j', (secrets, text, masked) => {
    expect(createRedactor(secrets)(text)).toBe(masked);
  });

  test('masks a very short secret as a word, not within words', () => {
    expect(createRedactor(['a'])("cache and 'a', =a")).toBe("cache and '***', =***");
  });

  test('leaves none of the secrets standing, whatever surrounds them', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '=', ' ', '"'), minLength: 4, maxLength: 8 });
    const secretsAndText = fc.tuple(fc.array(letters, { minLength: 1, maxLength: 4 }), fc.array(letters));
    fc.assert(
      fc.property(secretsAndText, ([secrets, pieces]) => {
        const text = [...pieces, ...secrets, ...pieces].join('');
        const masked = createRedactor(secrets)(text);
        for (const secret of secrets) expect(masked).not.toContain(secret);
      }),
    );
  });
});

describe('createRedactor() without known secrets', () => {
  const redact = createRedactor([]);

  test.each([
    ['password=foo bar', 'password=*** bar'],
    ['admin_password = foo', 'admin_password = ***'],
    ['os_password=a,b&c', 'os_password=***'],
    ['glance_password="a\\"b c" z', 'glance_password="***" z'],
    ['X-Auth-Token: gAAAAA-_x next', 'X-Auth-Token: *** next'],
    ['x-subject-token:gAAAAA', 'x-subject-token:***'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: ***'],
    ['sent Bearer abcdefghij', 'sent Bearer ***'],
    ['{"password": {"user": {"password": "y z", "n": 1}}}', '{"password": {"user": {"password": "***", "n": 1}}}'],
    ["{'adminPass': u'x y', 'b': 1}", "{'adminPass': u'***', 'b': 1}"],
    ['{\\"password\\": \\"a b\\", \\"c\\"}', '{\\"password\\": \\"***\\", \\"c\\"}'],
    ["argv ['--os-password', 'foo']", "argv ['--os-password', '***']"],
    ['run --os-passcode 123456 --debug', 'run --os-passcode *** --debug'],
    ['{"totp": {"user": {"passcode": "123456"}}}', '{"totp": {"user": {"passcode": "***"}}}'],
    ['--os-auth-token foo --debug', '--os-auth-token *** --debug'],
    ['<adminPass>foo bar</adminPass>', '<adminPass>***</adminPass>'],
    ['auth:\n  password: foo\n', 'auth:\n  password: ***\n'],
    ['mysql+pymysql://glance:s3c@cr/et@db/glance', 'mysql+pymysql://glance:***@db/glance'],
    ['https://a:b@c and https://d:e@f', 'https://a:***@c and https://d:***@f'],
  ])('masks what is written like a secret in %j', (text, masked) => {
    expect(redact(text)).toBe(masked);
  });

  test.each([
    'http://127.0.0.1:9292/v2/images',
    'Cannot get a Keystone token: connection refused',
    'tokens are renewed, the token was renewed',
    'Keystone refused the password for user glance',
    'compass: north, bypass=1',
    '"token": {"expires_at": "2026"}',
  ])('leaves %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('takes a long text in its stride', () => {
    const started = performance.now();
    for (const piece of ['a', '://a:', 'token ', '://', 'x-', '--', '<a']) redact(piece.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
