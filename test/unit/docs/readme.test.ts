import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import metadata from '../../../package.json' with { type: 'json' };
import { EXIT_CODES, EXIT_MEANINGS, type ExitName } from '../../../src/errors/exit-codes.ts';
import { ALL_OPTIONS } from '../../../src/settings/options.ts';
import { commandLinesIn, expectToParse } from './command-lines.ts';
import { type Fence, fencesOf } from './fences.ts';
import { ROOT } from './manual.ts';
import { PROGRAMS, spellingsOf } from './programs.ts';
import { shownSettings } from './shown-settings.ts';

/** Flags of other programs that are mentioned by themselves. */
const FOREIGN_FLAGS = ['--allow-scripts', '--keep'];

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** The lines that are typed: in a console those behind a prompt, elsewhere all. Those shown to fail are left out. */
function typedLines({ language, lines }: Fence): readonly string[] {
  if (language !== 'console') return lines;
  return lines.flatMap((line, i) => (isTyped(line) && !isError(lines[i + 1]) ? [line.slice(2)] : []));
}

function isTyped(line: string): boolean {
  return line.startsWith('$ ');
}

function isError(line: string | undefined): boolean {
  return line?.startsWith('ERROR: ') === true;
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

describe.each(DOCUMENTS)('%s', (name) => {
  const text = readFileSync(join(ROOT, name), 'utf8');
  const fences = fencesOf(text);
  const prose = text.replaceAll(/^```.*?^```$/gms, '');

  test('shows command lines that the programs understand', () => {
    const typed = fences.flatMap(typedLines);
    const quoted = Array.from(prose.matchAll(/`([^`]+)`/g), (match) => match[1] ?? '');
    // A name by itself is a name.
    const calls = [...typed, ...quoted].flatMap(commandLinesIn).filter(({ args }) => args.length > 0);
    for (const call of calls) expectToParse(call);
    if (name === 'README.md') expect(calls.length).toBeGreaterThan(10);
  });

  test('names no flag that no program has', () => {
    const known = new Set([...FOREIGN_FLAGS, ...PROGRAMS.flatMap((program) => [...spellingsOf(program).all])]);
    const named = Array.from(prose.matchAll(/`(--[a-z][\w-]*)/g), (match) => match[1] ?? '');
    expect(named.filter((flag) => !known.has(flag))).toEqual([]);
  });

  test('links to what is there', () => {
    const headings = Array.from(text.matchAll(/^#+ (.*)$/gm), (match) => anchorOf(match[1] ?? ''));
    const targets = Array.from(prose.matchAll(/\]\(([^)]+)\)/g), (match) => match[1] ?? '');
    for (const target of targets.filter((target) => !/^https?:/.test(target))) {
      if (target.startsWith('#')) expect(headings).toContain(target.slice(1));
      else expect(existsSync(join(ROOT, target)), target).toBe(true);
    }
  });

  test('names files that there are', () => {
    const paths = Array.from(prose.matchAll(/`((?:src|test|man|bin)\/[\w./-]*)`/g), (match) => match[1] ?? '');
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('names scripts that package.json has', () => {
    const scripts = Array.from(text.matchAll(/npm run (?:--silent )?([\w:-]+)/g), (match) => match[1] ?? '');
    expect(scripts.filter((script) => !(script in metadata.scripts))).toEqual([]);
  });
});

describe('README.md', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');

  test('shows a mistake with the words that the program has for it', () => {
    const mistakes = fencesOf(text).flatMap(({ lines }) =>
      lines.flatMap((line, i) => (isTyped(line) && isError(lines[i + 1]) ? [lines.slice(i, i + 3)] : [])),
    );
    expect(mistakes.length).toBeGreaterThan(0);
    for (const [line = '', error = '', hint = ''] of mistakes) {
      for (const call of commandLinesIn(line)) {
        expect(() => expectToParse(call)).toThrow(
          expect.objectContaining({ message: error.replace('ERROR: ', ''), hint: hint.replace('hint: ', '') }),
        );
      }
    }
  });

  test('has the table of exit codes', () => {
    const names = Object.keys(EXIT_CODES) as ExitName[];
    const rows = names.map((name) => `| ${EXIT_CODES[name]} | ${EXIT_MEANINGS[name]} |`);
    expect(text).toContain(`${rows.join('\n')}\n\n`);
  });

  test('shows configurations that can be used', () => {
    const shown = fencesOf(text).filter(({ language }) => language === 'ini');
    expect(shown.length).toBe(5);
    for (const { lines } of shown) shownSettings('README.md', lines.join('\n'));
  });

  test('lists every key of [cache_tools] with its flag', () => {
    const keys = ALL_OPTIONS.filter(({ group }) => group === 'cache_tools');
    for (const { name, flags } of keys) expect(text).toContain(`| \`${name}\` | \`${flags?.names.at(-1)}\` |`);
  });

  test('explains error codes that exist', () => {
    const source = readFileSync(join(ROOT, 'src', 'errors', 'cache-error.ts'), 'utf8');
    const codes = Array.from(
      text.matchAll(/`((?:USAGE|CONFIG|CACHE|INDEX|BUSY|NOT_FOUND|AUTH|REMOTE|INTEGRITY)_[A-Z_]+)`/g),
      (match) => match[1] ?? '',
    );
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });

  test('has the version of the package', () => {
    expect(text).toContain(`glance-cache-tools-${metadata.version}.tgz`);
  });
});
