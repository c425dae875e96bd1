import { describe, expect, test } from 'vitest';
import { CLEANER } from '../../../src/cli/cleaner.ts';
import { DRY_RUN, FORMAT, IMAGE, SKIP_IF_BUSY } from '../../../src/cli/common-flags.ts';
import { COLUMN, FORCE } from '../../../src/cli/manage/manage-flags.ts';
import { MANAGE } from '../../../src/cli/manage.ts';
import { parseArguments } from '../../../src/cli/parse-arguments.ts';
import type { ParsedArguments } from '../../../src/cli/parsed-arguments.ts';
import type { Program } from '../../../src/cli/program.ts';
import { PRUNER } from '../../../src/cli/pruner.ts';
import { OPTIONS } from '../../../src/settings/options.ts';
import { thrownBy } from '../../support/thrown.ts';

const ID = '71c675ab-d94f-49cd-a114-e12490b328d9';

function parse(
  program: Program,
  ...args: readonly string[]
): { readonly command: string | undefined; readonly args: ParsedArguments } {
  const request = parseArguments(program, args);
  if (request.kind !== 'run') throw new Error(`Expected a run, not a text: ${request.text}`);
  return { command: request.command?.name, args: request.args };
}

function textOf(program: Program, ...args: readonly string[]): string {
  const request = parseArguments(program, args);
  if (request.kind !== 'show') throw new Error('Expected a text');
  return request.text;
}

describe('parseArguments()', () => {
  test('finds command, operands and flags in any position', () => {
    for (const line of [
      ['-f', 'delete-cached-image', ID, 'x', '--dry-run'],
      ['delete-cached-image', '-f', ID, '--dry-run', 'x'],
      ['--dry', 'delete-cached-image', ID, 'x', '--forc'],
    ]) {
      const { command, args } = parse(MANAGE, ...line);
      expect([command, args.operands, args.has(FORCE), args.has(DRY_RUN), args.has(FORMAT)]).toEqual([
        'delete-cached-image',
        [ID, 'x'],
        true,
        true,
        false,
      ]);
    }
  });

  test('takes what stands behind -- for operands', () => {
    expect(parse(MANAGE, '-f', 'queue-image', '--', '--dry-run', '-x').args.operands).toEqual(['--dry-run', '-x']);
  });

  test('keeps configuration files and folders in the order given', () => {
    const { args } = parse(PRUNER, '--config-file', 'a', '--config-dir=b', '--config-f', 'c');
    expect(args.sources).toEqual([
      { kind: 'file', path: 'a' },
      { kind: 'dir', path: 'b' },
      { kind: 'file', path: 'c' },
    ]);
  });

  test('takes every value of a flag that may be given several times, and the last one of others', () => {
    const { args } = parse(CLEANER, '--image', ID.toUpperCase(), '--format', 'yaml', '--image', ID, '--format', 'JSON');
    expect([args.values(IMAGE), args.value(FORMAT)]).toEqual([[ID, ID], 'json']);
  });

  test('gives settings as text with the flag they came from, the inverse included', () => {
    const { args } = parse(PRUNER, '--debug', '--lock-timeout', '5', '--nodebug');
    expect(args.settings.map(({ option, text, flag }) => [option.name, text, flag])).toEqual([
      ['debug', 'true', '--debug'],
      ['lock_timeout', '5', '--lock-timeout'],
      ['debug', 'false', '--nodebug'],
    ]);
    expect(args.isSwitchedOn(OPTIONS.debug)).toBe(false);
    expect(parse(PRUNER, '--nodebug', '-d').args.isSwitchedOn(OPTIONS.debug)).toBe(true);
  });

  test('takes a cluster of short flags', () => {
    const { args } = parse(MANAGE, '-fv', 'list-cached');
    expect([args.has(FORCE), args.isSwitchedOn(OPTIONS.verbose)]).toEqual([true, true]);
  });

  test.each([
    ['--help', 'Usage: glance-cache-pruner'],
    ['-h', 'Usage: glance-cache-pruner'],
    ['--vers', /^\d+\.\d+\.\d+\S*\n$/],
  ])('shows a text for %s', (arg, expected) => {
    expect(textOf(PRUNER, arg)).toMatch(expected);
  });

  test.each([
    ['help', 'Usage: glance-cache-manage [options]'],
    ['help list-cached', 'Usage: glance-cache-manage list-cached'],
    ['list-cached --help', 'Usage: glance-cache-manage list-cached'],
  ])('shows a text for "%s"', (line, expected) => {
    expect(textOf(MANAGE, ...line.split(' '))).toContain(expected);
  });

  test.each([
    ['no command', [], 'USAGE', /no command was given$/],
    ['an unknown command', ['list-cachd'], 'USAGE_UNKNOWN_COMMAND', /unknown command 'list-cachd'$/],
    ['help on an unknown command', ['help', 'list-cachd'], 'USAGE_UNKNOWN_COMMAND', /unknown command 'list-cachd'$/],
    ['an unknown flag', ['list-cached', '--colour'], 'USAGE', /unknown option '--colour'$/],
    [
      'too many operands',
      ['list-cached', 'x'],
      'USAGE',
      /too many arguments for 'list-cached': expected 0 arguments but got 1$/,
    ],
    ['a missing operand', ['delete-cached-image'], 'USAGE', /missing required argument 'IMAGE_ID'$/],
    [
      'a flag of other commands',
      ['config', '--dry-run'],
      'USAGE',
      /^Cannot use --dry-run with config: it has no meaning there$/,
    ],
    [
      'a value of the wrong type',
      ['list-cached', '--format', 'xml'],
      'USAGE',
      /^Cannot use --format: "xml" is not a format of output$/,
    ],
    ['a value for a switch', ['-f=1', 'list-cached'], 'USAGE', /^Cannot run glance-cache-manage: /],
    ['a missing value', ['list-cached', '--column'], 'USAGE', /^Cannot use --column: it needs a value$/],
  ])('refuses %s', (_what, args, code, message) => {
    const error = thrownBy(() => parseArguments(MANAGE, args));
    expect(error).toMatchObject({ code, exitCode: 2, hint: expect.any(String) as unknown });
    expect((error as Error).message).toMatch(message);
  });

  test('refuses a wrong value even when a right one follows it', () => {
    expect(thrownBy(() => parse(CLEANER, '--image', 'x', '--image', ID))).toMatchObject({
      details: { flag: '--image', value: 'x' },
    });
  });

  test.each([
    ['list-cachd', 'list-cached'],
    ['delete-all', undefined],
  ])('suggests the command that was meant by %s', (given, meant) => {
    const error = thrownBy(() => parseArguments(MANAGE, [given])) as { readonly hint?: string };
    if (meant === undefined) expect(error.hint).toBeDefined();
    else expect(error.hint).toBe(`Did you mean: glance-cache-manage ${meant}`);
  });

  test('takes the flags a program has, and not those of others', () => {
    expect(parse(PRUNER, '--skip').args.has(SKIP_IF_BUSY)).toBe(true);
    expect(parse(MANAGE, 'list-cached', '-c', 'size', '-c', 'hits').args.values(COLUMN)).toEqual(['size', 'hits']);
    expect(thrownBy(() => parse(PRUNER, '--stall-time', '1'))).toMatchObject({ code: 'USAGE' });
  });
});
