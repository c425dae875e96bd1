import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors/cache-error.ts';
import { type ConfFile, parseConfFile } from '../../../src/settings/conf-file.ts';

const PATH = '/etc/glance/glance-cache.conf';

function parse(text: string): ConfFile {
  return parseConfFile(PATH, Buffer.from(text));
}

/** Section, key and value of each assignment. */
function found(text: string): readonly (readonly [string, string, string])[] {
  return parse(text).assignments.map(({ section, key, value }) => [section, key, value]);
}

function failure(content: string | Buffer): ConfigError {
  try {
    parseConfFile(PATH, Buffer.from(content));
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

describe('parseConfFile', () => {
  test.each([
    ['p = a#b;c', 'a#b;c'],
    ['p = a # b', 'a # b'],
    ['p = C:\\x\\;y', 'C:\\x\\;y'],
    ['p: a=b', 'a=b'],
    ['p = a:b', 'a:b'],
    ['p := x', '= x'],
    ['p = true', 'true'],
    ['p = null', 'null'],
    ['p =', ''],
    ['p = "a "', 'a '],
    ['p = \'"q"\'', '"q"'],
    ['p = "a" and "b"', 'a" and "b'],
    ['p = "', ''],
    [`p = "mis'`, `"mis'`],
    ['p = \ufeffx', '\ufeffx'],
    ['p = \u00a0x\u0085', 'x'],
    ['p = a\u2028b\fc', 'a\u2028b\fc'],
    ['p = x\0y', 'x\0y'],
  ])('keeps the value of %j as oslo.config reads it', (line, value) => {
    expect(found(`[DEFAULT]\n${line}\n`)).toEqual([['DEFAULT', 'p', value]]);
  });

  test('joins indented lines to the value above when a value has several lines', () => {
    expect(found('[a]\nk =\n  x\n\t"y" \nl = "z\n z"')).toEqual([
      ['a', 'k', '\nx\n"y"'],
      ['a', 'l', '"z\nz"'],
    ]);
  });

  test('ends lines at every kind of line end when they are mixed', () => {
    expect(parse('[a]\r\nb=1\rc=2\n\n\rd=3').assignments.map(({ key, line }) => [key, line])).toEqual([
      ['b', 2],
      ['c', 3],
      ['d', 6],
    ]);
  });

  test('keeps every value with its line when keys and sections repeat', () => {
    const { assignments } = parse('[a]\nk = 1\nk = 2\n[b]\nk = 3\n[a]\nk = 4\n');
    expect(assignments).toEqual([
      { section: 'a', key: 'k', value: '1', line: 2 },
      { section: 'a', key: 'k', value: '2', line: 3 },
      { section: 'b', key: 'k', value: '3', line: 5 },
      { section: 'a', key: 'k', value: '4', line: 7 },
    ]);
  });

  test.each(['a.b', ' DEFAULT ', 'grp]', '__proto__', '7', 'a[b', 'constructor'])(
    'takes the section name %j as it is when it stands between the outer brackets',
    (name) => {
      expect(found(`[${name}]\n__proto__ = 1\n7[] = 2\n`)).toEqual([
        [name, '__proto__', '1'],
        [name, '7[]', '2'],
      ]);
    },
  );

  test.each([
    ['[DEFAULT]\nimage_cache_dir /x', 2, "No ':' or '=' found in assignment"],
    ['[DEFAULT]\n= 3', 2, 'Key cannot be empty'],
    ['  a = 1', 1, 'Unexpected continuation line'],
    ['[DEFAULT]\n# note\n  a = 1', 3, 'Unexpected continuation line'],
    ['[a] # note', 1, 'Invalid section (must end with ])'],
    ['\n[]', 2, 'Empty section name'],
    ['a = 1\n b\n\n[DEFAULT]\n', 1, 'Section must be started before assignment'],
  ])('names file, line and problem when the document is %j', (text, line, problem) => {
    expect(failure(text)).toMatchObject({
      code: 'CONFIG_PARSE',
      exitCode: 3,
      message: `Cannot parse ${PATH}:${line}: ${problem}`,
      hint: expect.any(String) as string,
      details: { file: PATH, line, problem },
    });
  });

  test('never quotes a line when it may be half of a password', () => {
    const error = failure('[DEFAULT]\nadmin_password =\nhunter2\n');
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('hunter2');
  });

  test.each(['\ufeff[DEFAULT]\na = 1\n', '\ufeff# a = b\n'])(
    'explains the byte order mark when %j starts with one',
    (text) => {
      expect(failure(text).hint).toContain('byte order mark');
    },
  );

  test('names the line when bytes are not UTF-8, in a comment too', () => {
    const error = failure(Buffer.concat([Buffer.from('[a]\r\nb = é\r# '), Buffer.from([0xe9]), Buffer.from('\n')]));
    expect(error).toMatchObject({ code: 'CONFIG_PARSE', message: `Cannot parse ${PATH}:3: Invalid UTF-8` });
  });

  test.each([
    ['a = 1\n  # note', 'comment'],
    ['a = 1,\n  ; note', 'comment'],
    ['a = 1\n  b = 2', 'setting'],
    ['a = 1\n\t[grp]', 'section'],
  ])('warns with file and line when %j swallows a %s', (text, what) => {
    expect(parse(`[DEFAULT]\n${text}\n`).warnings).toEqual([
      `${PATH}:3: this indented ${what} is read as a part of the value of a above it; remove the blanks at its start if it is meant to stand alone`,
    ]);
  });

  test.each(['l = a=1,\n    b=2', 'd = a:1,\n  b:2', 'f = %(message)s\n  [%(name)s] x'])(
    'does not warn when %j is an honest value of two lines',
    (text) => {
      expect(parse(`[DEFAULT]\n${text}\n`).warnings).toEqual([]);
    },
  );
});
