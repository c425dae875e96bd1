import { describe, expect, test } from 'vitest';
import { boolean } from '../../../../src/settings/types/boolean.ts';
import { choice } from '../../../../src/settings/types/choice.ts';
import { dict } from '../../../../src/settings/types/dict.ts';
import { hostAddress } from '../../../../src/settings/types/host-address.ts';
import { integer } from '../../../../src/settings/types/integer.ts';
import { list } from '../../../../src/settings/types/list.ts';
import { port } from '../../../../src/settings/types/port.ts';
import { pythonRepr } from '../../../../src/settings/types/python-repr.ts';
import { nonEmpty, string } from '../../../../src/settings/types/string.ts';
import { refusal } from './refusal.ts';

describe('integer', () => {
  test.each([
    ['10737418240', 10_737_418_240],
    [' 007 ', 7],
    ['-0', 0],
    ['+5', 5],
    ['1_000', 1000],
    ['٣𝟗', 39],
    ['\u00a05\u3000', 5],
    ['9223372036854775807', 2 ** 63],
  ])('parses %j as Python does when it is a whole number', (text, value) => {
    expect(integer().parse(text)).toBe(value);
  });

  test.each(['', ' ', '10G', '1.5', '0x10', '1e3', '_5', '5__0', '+ 5', '\u001c5', '²'])(
    'refuses %j when it is not a whole number',
    (text) => {
      expect(refusal(integer(), text).message).toBe('is not a whole number');
    },
  );

  test('compares with its bounds exactly when the number has no exact double', () => {
    const type = integer({ max: Number.MAX_SAFE_INTEGER });
    expect(type.parse('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(refusal(type, '9007199254740992').message).toBe('should be less than or equal to 9007199254740991');
  });

  test('says its bound in the words of oslo.config when a number is below it', () => {
    expect(refusal(integer({ min: 0 }), '-1').message).toBe('should be greater than or equal to 0');
  });

  test('refuses a number when no double is as large', () => {
    expect(refusal(integer({ unit: 'bytes' }), '9'.repeat(400)).message).toBe('is more bytes than can be counted');
  });

  test.each([
    ['bytes', '10G', 'Write the number of bytes, without a suffix: 10737418240'],
    ['bytes', '1.5 TiB', 'Write the number of bytes, without a suffix: 1649267441664'],
    ['seconds', '24h', 'Write the number of seconds, without a suffix: 86400'],
    [undefined, '10,737,418,240', 'Write the digits alone: 10737418240'],
    [undefined, '0o640', 'Write the digits alone: 640'],
    [undefined, '10G', undefined],
    ['bytes', 'plenty', undefined],
  ] as const)('hints at the number meant when %s are written as %j', (unit, text, hint) => {
    expect(refusal(integer(unit === undefined ? {} : { unit }), text).hint).toBe(hint);
  });

  test.each([
    [{}, 'a whole number'],
    [{ min: 0, unit: 'bytes' as const }, 'a whole number of bytes, 0 or more'],
    [{ max: 7 }, 'a whole number, 7 or less'],
    [{ min: 1, max: 7 }, 'a whole number from 1 to 7'],
  ])('says what it expects when its traits are %j', (traits, expects) => {
    expect(integer(traits).expects).toBe(expects);
  });

  test('is referred to as the plain number when it was written in another way', () => {
    expect(integer().referenced?.(' 0_7 ')).toBe('7');
    expect(integer().referenced?.(' ')).toBe('');
    expect(integer().referenced?.('18446744073709551617')).toBe('18446744073709551617');
  });
});

describe('port', () => {
  test('accepts what fits a TCP port and nothing else', () => {
    expect([port.parse('0'), port.parse('65535')]).toEqual([0, 65_535]);
    expect(refusal(port, '65536').message).toBe('should be less than or equal to 65535');
  });
});

describe('boolean', () => {
  test.each(['true', 'TRUE', '1', 'on', 'Yes'])('is true when the text is %j', (text) => {
    expect(boolean.parse(text)).toBe(true);
    expect(boolean.referenced?.(text)).toBe('True');
  });

  test.each(['false', 'False', '0', 'OFF', 'no'])('is false when the text is %j', (text) => {
    expect(boolean.parse(text)).toBe(false);
    expect(boolean.referenced?.(text)).toBe('False');
  });

  test.each([
    ['', 'Write true or false'],
    [' true', 'Write true, and nothing else'],
    ['yes please', 'Write true, and nothing else'],
    ['disabled', 'Write false, and nothing else'],
    ['maybe', 'Write true or false'],
  ])('refuses %j with a hint when it is not one of the words', (text, hint) => {
    expect(refusal(boolean, text)).toMatchObject({ message: 'is an unexpected boolean value', hint });
  });
});

describe('string', () => {
  test('keeps a text as it is when it is empty or has blanks', () => {
    expect([string.parse(''), string.parse(' a ')]).toEqual(['', ' a ']);
  });

  test('refuses an empty text when the option cannot do with one', () => {
    expect(nonEmpty('a path').parse(' ')).toBe(' ');
    expect(refusal(nonEmpty('a path'), '').message).toBe('is empty');
  });
});

describe('choice', () => {
  test('puts a word into the case of the list when case does not count', () => {
    expect(choice(['sqlite', 'xattr'], { ignoreCase: true }).parse('SQLite')).toBe('sqlite');
  });

  test('refuses a word in another case when case counts', () => {
    expect(refusal(choice(['http', 'https']), 'HTTP')).toMatchObject({
      message: 'is not among the valid values',
      hint: 'Write http',
    });
  });

  test('lists the words when it says what it expects', () => {
    expect(choice(['a', 'b']).expects).toBe('one of a, b');
    expect(refusal(choice(['a', 'b']), 'c').hint).toBeUndefined();
  });
});

describe('list', () => {
  test.each([
    ['', []],
    ['a,, b,,', ['a', '', 'b']],
    [',a', ['', 'a']],
    ['a, ,', ['a', '']],
    ['"a","b"', ['"a"', '"b"']],
    ['a\nb', ['a\nb']],
  ])('splits %j at its commas', (text, items) => {
    expect(list.parse(text)).toEqual(items);
  });

  test('is referred to as Python writes a list', () => {
    expect(list.referenced?.("a, it's")).toBe(`['a', "it's"]`);
  });
});

describe('dict', () => {
  test('keeps pairs in their order when names look like numbers or like __proto__', () => {
    const pairs = dict.parse('b:1, 2:x:y ,__proto__: , a,c:d');
    expect([...pairs]).toEqual([
      ['b', '1'],
      ['2', 'x:y'],
      ['__proto__', ''],
      ['a,c', 'd'],
    ]);
  });

  test.each([
    ['a', 'should be NAME:VALUE pairs separated by ","'],
    ['a:1,', 'should be NAME:VALUE pairs separated by ","'],
    [':1', 'has a pair without a name: key name should not be empty'],
    ['a:1,a:2', 'has a duplicate key "a"'],
  ])('refuses %j when it is not a list of pairs', (text, reason) => {
    expect(refusal(dict, text).message).toBe(reason);
  });

  test('is referred to as Python writes a dictionary', () => {
    expect([dict.referenced?.('a:1,b:'), dict.referenced?.(' ')]).toEqual(["{'a': '1', 'b': ''}", '{}']);
  });
});

describe('hostAddress', () => {
  test.each(['0.0.0.0', '::1', 'fe80::1', 'glance.example.org', 'host-1', 'a1'])('accepts %s', (text) => {
    expect(hostAddress.parse(text)).toBe(text);
  });

  test('drops the full stop when a name ends with one', () => {
    expect(hostAddress.parse('example.org.')).toBe('example.org');
  });

  test.each(['', '256.1.1.1', '1.2.3', '01.2.3.4', 'fe80::1%eth0', '-a', 'a_b', `${'a'.repeat(64)}.org`, 'a..b'])(
    'refuses %j',
    (text) => {
      expect(refusal(hostAddress, text).message).toBe('is not a valid host address');
    },
  );

  test('hints at what is too much when an address has brackets or a scheme', () => {
    expect(refusal(hostAddress, '[::1]').hint).toBe('Write an IPv6 address without brackets');
    expect(refusal(hostAddress, 'http://a').hint).toBe('Write the host alone, without a scheme and path');
  });
});

describe('pythonRepr', () => {
  test.each([
    ['a', `'a'`],
    [`it's`, `"it's"`],
    [`it's "x"`, String.raw`'it\'s "x"'`],
    ['\\\n\t\u001b', String.raw`'\\\n\t\x1b'`],
    ['\u00a0\u2028é', String.raw`'\xa0\u2028é'`],
    ['\u{e0001}😀', String.raw`'\U000e0001😀'`],
  ])('writes %j as Python does', (text, repr) => {
    expect(pythonRepr(text)).toBe(repr);
  });
});
