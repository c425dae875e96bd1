import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES, EXIT_MEANINGS, type ExitName } from '../../../src/errors/exit-codes.ts';
import { commandLinesIn, expectToParse } from './command-lines.ts';
import { entriesOf, exampleLinesIn, flagsNamedIn, ROOT, readPage, sectionOf } from './manual.ts';
import { PROGRAMS, spellingsOf } from './programs.ts';

describe.each(PROGRAMS.map((program) => [program.name, program] as const))('%s(1)', (name, program) => {
  const page = readPage(`${name}.1`);
  const { shown, all } = spellingsOf(program);

  test('describes every flag of the program and no other', () => {
    const heads = entriesOf(page).map(({ head }) => `.It ${head}`);
    expect(flagsNamedIn(heads.join('\n'))).toEqual(shown);
  });

  test('names no flag that the program does not take', () => {
    expect([...flagsNamedIn(page)].filter((flag) => !all.has(flag))).toEqual([]);
  });

  test('names flags by their macro alone', () => {
    const prose = page.split('\n').filter((line) => !line.startsWith('.Dl '));
    expect(prose.filter((line) => /(?:^|[\s(])--[a-z]/.test(line))).toEqual([]);
  });

  test('has examples that the program understands', () => {
    const commands = exampleLinesIn(sectionOf(page, 'EXAMPLES')).map((line) => [line, commandLinesIn(line)] as const);
    expect(commands.length).toBeGreaterThan(2);
    for (const [line, found] of commands) {
      expect(found.length, line).toBe(1);
      for (const command of found) expectToParse(command);
    }
  });

  test('has the table of exit codes', () => {
    const entries = entriesOf(sectionOf(page, 'EXIT STATUS'));
    const found = entries.map(({ head, body }) => [head, body.replaceAll('\n', ' ')]);
    const names = Object.keys(EXIT_CODES) as ExitName[];
    expect(found).toEqual(names.map((exit) => [String(EXIT_CODES[exit]), EXIT_MEANINGS[exit]]));
  });

  test('has the same flags as --help of the built program', () => {
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'bin', `${name}.cjs`), '--help'], {
      encoding: 'utf8',
    });
    expect(status, 'run "npm run build" first').toBe(0);
    const columns = Array.from(stdout.matchAll(/^ {2}(-.+?)(?: {2,}|$)/gm), (match) => match[1] ?? '');
    const flags = columns.flatMap((column) => column.replace(/ <.*$/, '').split(', '));
    expect(new Set(flags)).toEqual(shown);
  });
});

/** How the pages write what the usage of a command shows. */
const OPERANDS: ReadonlyMap<string, string> = new Map([
  ['<IMAGE_ID...>', 'Ar image-id ...'],
  ['[IMAGE_ID...]', 'Op Ar image-id ...'],
  ['[IMAGE...]', 'Op Ar image ...'],
  ['<bash|zsh|fish>', 'Ar shell'],
]);

describe('glance-cache-manage(1)', () => {
  const program = PROGRAMS[0];
  const entries = entriesOf(sectionOf(readPage('glance-cache-manage.1'), 'COMMANDS'));

  test('describes every command and no other', () => {
    const described = entries.map(({ head }) => /^Cm (\S+)/.exec(head)?.[1]);
    expect(described).toEqual([...(program?.commands ?? []).map(({ name }) => name), 'help']);
  });

  test.each((program?.commands ?? []).map((command) => [command.name, command] as const))(
    'says of %s what it takes',
    (name, { flags, options = [], operands }) => {
      const entry = entries.find(({ head }) => head.split(' ')[1] === name);
      const taken = [...flags, ...options.flatMap((option) => option.flags ?? [])].map(({ names }) => names.at(-1));
      expect(flagsNamedIn(entry?.body ?? '')).toEqual(new Set(taken));
      expect(entry?.head).toBe(['Cm', name, ...(operands === undefined ? [] : [OPERANDS.get(operands)])].join(' '));
    },
  );
});

const hasMandoc = spawnSync('mandoc', ['-V']).error === undefined;

describe('mandoc', () => {
  const pages = readdirSync(join(ROOT, 'man')).filter((name) => /\.[1-8]$/.test(name));

  test('is to check a page of each program, that of the configuration and that of the logins', () => {
    const others = ['glance-cache.conf.5', 'glance-cache-auth.7'];
    expect(pages.sort()).toEqual([...PROGRAMS.map(({ name }) => `${name}.1`), ...others].sort());
  });

  test.skipIf(!hasMandoc).each(pages)('finds nothing to complain about in %s (needs mandoc)', (name) => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', join(ROOT, 'man', name)], { encoding: 'utf8' });
    // Which other pages are installed is no matter of ours.
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('referenced manual not found'))).toEqual(
      [],
    );
  });
});
