import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './manual.ts';

const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** Names in backquotes. */
function namesIn(cell: string): readonly string[] {
  return Array.from(cell.matchAll(/`([\w-]+)`/g), (match) => match[1] ?? '');
}

/** What the table of folders says that each of them may import; undefined for everything. */
function tableOfFolders(): ReadonlyMap<string, readonly string[] | undefined> {
  const rows = Array.from(text.matchAll(/^\| `([\w-]+)` \| [^|]+ \| ([^|]+) \|$/gm));
  return new Map(
    rows.map(([, folder = '', cell = '']) => [folder, cell === 'everything' ? undefined : namesIn(cell)] as const),
  );
}

/** The table that the linter goes by. It is read, not loaded: loading it would load the linter. */
function borders(): ReadonlyMap<string, readonly string[]> {
  const source = readFileSync(join(ROOT, 'eslint.config.js'), 'utf8');
  const body = /^const BORDERS = \{\n(.*?)^\};$/ms.exec(source)?.[1] ?? '';
  const lines = Array.from(body.matchAll(/^ {2}'?([\w-]+)'?: \[(.*)\],$/gm));
  expect(lines.length, 'every line of BORDERS is understood').toBe(body.trimEnd().split('\n').length);
  return new Map(
    lines.map(([, folder = '', list = '']) => [
      folder,
      Array.from(list.matchAll(/'([\w-]+)'/g), (name) => name[1] ?? ''),
    ]),
  );
}

describe('CONTRIBUTING.md', () => {
  test('has the table of folders that the linter goes by', () => {
    expect([...tableOfFolders()].sort()).toEqual([...borders(), ['cli', undefined]].sort());
  });

  test('tells of every folder of src', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...tableOfFolders().keys()].sort()).toEqual(folders.map(({ name }) => name).sort());
  });
});
