import { describe, expect, test } from 'vitest';
import { maxLength } from '../../../../src/settings/types/max-length.ts';
import { uri } from '../../../../src/settings/types/uri.ts';
import { refusal } from './refusal.ts';

const BAD_HOST = 'has a host or port that is not valid';

describe('uri', () => {
  test.each([
    ...['http://keystone:5000/v3', 'HTTP://Keystone', 'http://u:p%40@a', 'x+y.z-1://a', 'http://a?q=[1]#[2]'],
    ...['http://1.2.3.4', 'http://1.2.3', 'http://[::1]:80', 'http://[fe80::1%25eth0]', 'http://[v1.a:b]'],
    // rfc3986 as it is: an empty host, a port without a colon, five digits of it, and bytes above 255 in IPv6.
    ...[
      'http://:80',
      'http://u@',
      'http://[::1]80',
      'http://a:99999',
      'http://[::999.1.1.1]',
      'http://[1:2:3:4:5:6:1.2.3.4]',
    ],
    ...['http://a/é "%', 'http://a\\b', 'http://a\n', 'http://a/\nb'],
  ])('returns %j unchanged', (text) => {
    expect(uri().parse(text)).toBe(text);
  });

  test.each([
    ['', 'has no scheme'],
    ['//a', 'has no scheme'],
    ['1a://b', 'has no scheme'],
    [' http://a', 'has no scheme'],
    ['file:///x', 'has no host'],
    ['keystone:5000', 'has no host'],
    ['http:/a', 'has no host'],
    ['http://a b', BAD_HOST],
    ['http://é', BAD_HOST],
    ['http://a%4', BAD_HOST],
    ['http://a@b@c', BAD_HOST],
    ['http://a:123456', BAD_HOST],
    ['http://a:x', BAD_HOST],
    ['http://256.1.1.1', BAD_HOST],
    ['http://::1', BAD_HOST],
    ['http://[1.2.3.4]', BAD_HOST],
    ['http://[::f1.2.3.4]', BAD_HOST],
    ['http://[1::2::3]', BAD_HOST],
    ['http://[fe80::1%eth0]', BAD_HOST],
    ['http://[V1.a]', BAD_HOST],
    ['http://a/b[0]', 'has a square bracket in its path'],
  ])('refuses %j because it %s', (text, reason) => {
    expect(refusal(uri(), text).message).toBe(reason);
  });

  test('tells schemes apart by case when only some are valid', () => {
    const type = uri({ schemes: ['http', 'https'] });
    expect(type.parse('https://a')).toBe('https://a');
    expect(refusal(type, 'HTTP://a')).toMatchObject({
      message: 'has a scheme that is not among the valid ones',
      hint: 'Write http in lower case',
    });
    expect(refusal(type, 'ftp://a').hint).toBeUndefined();
  });

  test('hints at the slashes when a host and a port look like a scheme', () => {
    expect(refusal(uri(), 'keystone:5000').hint).toContain('two slashes');
    expect(refusal(uri(), 'file:///x').hint).toBeUndefined();
  });

  test('says what it expects when some schemes are valid, or short ones', () => {
    expect(uri().expects).toBe('a URI with a scheme and a host');
    expect(maxLength(uri({ schemes: ['http', 'https'] }), 9).expects).toBe(
      'a URI with the scheme http or https and a host, at most 9 characters long',
    );
  });

  test('takes no longer than the text deserves when it is long and wrong', () => {
    const started = performance.now();
    for (const part of ['a', '%41', ':', '1:', '.']) refusal(uri(), `http://${part.repeat(200_000)}\u0000`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
