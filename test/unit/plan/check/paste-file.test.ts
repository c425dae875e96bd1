import { describe, expect, test } from 'vitest';
import { parsePasteFile, pasteValue } from '../../../../src/plan/check/paste-file.ts';

/** The value of a name in the first section. */
function valueIn(text: string, name: string): string | undefined {
  const file = parsePasteFile(text);
  const [section] = file.sections;
  return section === undefined ? undefined : pasteValue(file, section, name)?.text;
}

describe('parsePasteFile()', () => {
  test('has sections with kind, name, line and values when there are some', () => {
    const file = parsePasteFile('# note\n[pipeline: a b]\npipeline = x y\n\n[app:main]\nuse: z\n[lone]\n');
    expect(file.faults).toEqual([]);
    expect(file.sections.map(({ kind, name, line }) => [kind, name, line])).toEqual([
      ['pipeline', 'a b', 2],
      ['app', 'main', 5],
      ['lone', 'main', 7],
    ]);
    expect(file.sections[0]?.values.get('pipeline')).toEqual({ text: 'x y', line: 3 });
  });

  test('takes the first of "=" and ":" for the separator, so that a path may be a name', () => {
    expect(valueIn('[a]\n/v2: x=y\n', '/v2')).toBe('x=y');
    expect(valueIn('[a]\n/v2 = x:y\n', '/v2')).toBe('x:y');
  });

  test('goes on with a value in indented lines, behind blank lines and comments too', () => {
    expect(valueIn('[a]\nb = c\n  d\n\n  # no\n; no\n  e\nf = g\n', 'b')?.split(/\s+/)).toEqual(['c', 'd', 'e']);
  });

  test('begins a new name in an indented line when the one above is indented as far', () => {
    expect(valueIn('[a]\n  b = c\n  d = e\n', 'd')).toBe('e');
  });

  test('puts in what a value refers to, from its section and from DEFAULT', () => {
    const text = '[a]\nb = %(c)s %(d)s 5%% %(nowhere)s\nc = 1\n[DEFAULT]\nd = 2\n';
    expect(valueIn(text, 'b')).toBe('1 2 5% %(nowhere)s');
    expect(valueIn(text, 'd')).toBe('2');
  });

  test('comes to an end when values refer to each other', () => {
    expect(valueIn('[a]\nb = %(c)s%(c)s\nc = %(b)s%(b)s\n', 'b')?.length).toBeLessThan(10_000);
  });

  test.each([
    ['b = c\n', 1, 'it stands above the first section'],
    ['[a]\nb\n', 2, 'it has neither "=" nor ":"'],
    ['[a]\n= b\n', 2, 'it has no name before its "=" or ":"'],
    ['[a]\nb = 1\nb = 2\n', 3, '"b" is there already, in line 2'],
    ['[a]\n[b]\n[a]\n', 3, 'section [a] is there already, in line 1'],
  ])('tells what Python refuses %j for', (text, line, reason) => {
    expect(parsePasteFile(text).faults).toEqual([{ line, reason }]);
  });
});
