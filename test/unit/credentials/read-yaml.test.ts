import { describe, expect, test } from 'vitest';
import { parseYaml, type YamlValue } from '../../../src/credentials/read-yaml.ts';
import type { ConfigError } from '../../../src/errors/cache-error.ts';
import { thrownBy } from '../../support/thrown.ts';

function plain(value: YamlValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries(
      [...(value as ReadonlyMap<string, YamlValue>)].map(([key, inner]) => [key, plain(inner)]),
    );
  }
  return Array.isArray(value) ? (value as readonly YamlValue[]).map(plain) : value;
}

function read(text: string): unknown {
  return plain(parseYaml('/x.yaml', text));
}

/** Ten lines, each with ten references to the line above it: ten to the ninth scalars. */
function bomb(line: (name: string, references: readonly string[]) => string): string {
  const names = Array.from('abcdefghij');
  return names.map((name, i) => line(name, i === 0 ? [] : Array<string>(10).fill(`*${names[i - 1]}`))).join('\n');
}

describe('parseYaml()', () => {
  test.each([
    '12345',
    '012',
    '0x1F',
    '1e5',
    '1.50',
    '1_000',
    '12:30:00',
    '2026-11-21',
    'yes',
    'No',
    'true',
    '.inf',
    '-x',
    'a#b',
    'a:b',
  ])('keeps %s as it is written', (text) => {
    expect(read(`password: ${text}`)).toEqual({ password: text });
    expect(read(`%YAML 1.1\n---\npassword: ${text}`)).toEqual({ password: text });
  });

  test.each(['', '~', 'null', 'NULL'])('takes %o for nothing', (text) => {
    expect(read(`a: ${text}`)).toEqual({ a: null });
    expect(read(`a: "${text}"`)).toEqual({ a: text });
  });

  test('reads quotes, lists, tags of the standard and texts of several lines', () => {
    expect(read(`a: 'it''s'\nb: "\\u00e9"\nc: [1, x]\nd: !!int 5\ne: !!str 6\nf: |\n  one\n  two\n`)).toEqual({
      a: "it's",
      b: 'é',
      c: ['1', 'x'],
      d: '5',
      e: '6',
      f: 'one\ntwo\n',
    });
  });

  test('reads JSON, indented with tabs too', () => {
    expect(read('{\n\t"a": {"n": 1e5, "t": true, "u": "\\ud83d\\ude00\\/", "z": null}\n}')).toEqual({
      a: { n: '1e5', t: 'true', u: '😀/', z: null },
    });
  });

  test('reads references and merged mappings, the closest value wins', () => {
    expect(read('b: &b {x: 1, y: 2}\nc: {x: 3, <<: *b}\nd:\n  <<: *b\n  y: 4\ne: *b')).toMatchObject({
      c: { x: '3', y: '2' },
      d: { x: '1', y: '4' },
      e: { x: '1', y: '2' },
    });
  });

  test('reads one common part of hundreds of clouds', () => {
    const clouds = Array.from({ length: 500 }, (_, i) => `c${i}:\n  <<: *common\n`);
    expect(Object.keys(read(`common: &common {a: 1}\n${clouds.join('')}`) as object).length).toBe(501);
  });

  test('takes the last of two entries, as PyYAML does', () => {
    expect(read('a: 1\na: 2')).toEqual({ a: '2' });
  });

  test('makes no difference between __proto__ and other keys', () => {
    const map = parseYaml('/x.yaml', '__proto__: {x: 1}');
    expect(map instanceof Map && [...map.keys()]).toEqual(['__proto__']);
  });

  test.each(['', '# nothing', '---\n...\n', '\ufeff'])('takes %o for nothing at all', (text) => {
    expect(read(text)).toBe(null);
  });

  test.each<readonly [string, string, number | undefined]>([
    ['a tab', 'a:\n\tb: s3cret', 2],
    ['an open quote', 'a: 1\nb: "s3cret\n', 3],
    ['two colons', 'a: s3cret: x', 1],
    ['a reserved character', 'a:\n  password: @s3cret', 2],
    ['a tag of somebody', 'a: 1\npassword: !s3cret x', 2],
    ['a tag of Python', 'a: !!python/object:os.s3cret {}', 1],
    ['a reference to nothing', 'a: 1\npassword: *s3cret', 2],
    ['a reference to something below', 'a: *s3cret\nb: &s3cret 1', 1],
    ['a second document', 'a: s3cret\n---\nb: 1', 2],
    ['a circle', 'a: &s3cret\n  b: *s3cret', undefined],
    ['a merged text', 'a:\n  <<: s3cret', undefined],
    ['lists that grow without end', bomb((name, all) => `${name}: &${name} [s3cret,${all.join(',')}]`), undefined],
    [
      'mappings that grow without end',
      bomb((name, all) => `${name}: &${name} {${all.map((one, i) => `k${i}: ${one}`).join(',')}}`),
      undefined,
    ],
    ['a depth without end', '['.repeat(50_000), 1],
  ])('refuses %s, with the line and without a word of the file', (_what, text, line) => {
    const error = thrownBy(() => parseYaml('/etc/x.yaml', text)) as ConfigError;
    expect(error).toMatchObject({ code: 'CONFIG_CLOUDS', exitCode: 3, details: { file: '/etc/x.yaml' } });
    if (line !== undefined) {
      expect(error.details).toMatchObject({ line });
      expect(error.message).toMatch(new RegExp(`^Cannot parse /etc/x.yaml:${line}: `));
    }
    expect(error.cause).toBe(undefined);
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('s3cret');
  });
});
