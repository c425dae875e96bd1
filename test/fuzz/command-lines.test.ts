// Arguments come from scripts, from variables that are empty, from pastes. Whatever they are: a program does what it was
// asked, or says what it cannot follow; it never fails in a way it did not foresee.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spellingsOf } from '../../src/cli/flag.ts';
import { commandFlags, commandOptions } from '../../src/cli/parse-arguments.ts';
import type { OptionFlags } from '../../src/settings/option.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { callInProcess, PROGRAMS } from '../support/call-in-process.ts';
import { expectHarmless } from '../support/harmless.ts';
import { ESCAPES, HOSTILE_NAMES } from '../support/hostile-text.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';
import type { ProgramName } from '../support/run-program.ts';

const cache = useCache();

/** They would write into the log of the machine. */
const MACHINE_WIDE = ['--use-syslog', '--use-journal'];

/** It would go on for ever. */
const ENDLESS = ['--daemon'];

/** The flags of a program, with those of its commands. */
function flagsOf(name: ProgramName): readonly OptionFlags[] {
  const program = PROGRAMS[name];
  const own = program.groups.flatMap(({ flags, options }) => [
    ...flags,
    ...options.flatMap((option) => option.flags ?? []),
  ]);
  const ofCommands = [...commandFlags(program), ...commandOptions(program).flatMap((option) => option.flags ?? [])];
  return [...own, ...ofCommands].filter(
    (flag) => !spellingsOf(flag).some((spelling) => [...MACHINE_WIDE, ...ENDLESS].includes(spelling)),
  );
}

/** Relative paths lead into the fixture; no others are given, nor the URL of any server. */
const isTame = (text: string): boolean => !text.includes('/') && !text.includes('\0') && !text.startsWith('..');

const value = fc
  .oneof(
    fc.constantFrom(
      idOf('1'),
      idOf('2').toUpperCase(),
      '',
      '0',
      '-1',
      '1',
      '1e9',
      '80%',
      '1GiB',
      'json',
      'table',
      'nan',
      '5d',
    ),
    fc.constantFrom(
      '9'.repeat(400),
      '-',
      '--',
      '---',
      '=',
      '--=',
      '-=x',
      'x'.repeat(50_000),
      '\u0663',
      'true',
      '1h',
      'size:desc',
    ),
    fc.constantFrom(...ESCAPES, ...HOSTILE_NAMES),
    fc.string({ unit: 'grapheme', maxLength: 10 }),
  )
  .filter(isTame);

function argumentsOf(name: ProgramName): fc.Arbitrary<readonly string[]> {
  const spelling = fc.constantFrom(...flagsOf(name)).chain((flag) => fc.constantFrom(...spellingsOf(flag)));
  const abbreviated = fc.tuple(spelling, fc.nat(20)).map(([text, length]) => text.slice(0, 2 + length));
  const flag = fc.oneof(
    spelling.map((text) => [text]),
    abbreviated.map((text) => [text]),
    fc.tuple(spelling, value).map(([text, given]) => [text, given]),
    fc.tuple(abbreviated, value).map(([text, given]) => [`${text}=${given}`]),
    value.map((text) => [`--${text}`]),
    value.map((text) => [`-${text}`]),
  );
  const commands = PROGRAMS[name].commands.map((command) => command.name);
  const operand = fc.oneof(value, fc.constantFrom('help', ...commands)).map((text) => [text]);
  const first =
    commands.length === 0 ? fc.constant<string[]>([]) : fc.constantFrom(...commands.map((text) => [text]), []);
  const rest = fc.array(fc.oneof({ weight: 3, arbitrary: flag }, operand), { maxLength: 5 });
  return fc.tuple(first, rest, fc.boolean()).map(([command, more, commandFirst]) => {
    const args = commandFirst ? [command, ...more] : [...more, command];
    return args.flat().filter(isTame);
  });
}

describe('every program does what it is asked or says what it cannot follow, whatever its arguments', () => {
  for (const name of ['manage', 'pruner', 'cleaner', 'prefetcher'] as const) {
    test(
      `glance-cache-${name}`,
      async () => {
        const it = cache();
        it.addImage(idOf('1'));
        it.addMarker(idOf('2'));
        const cwd = join(it.base, 'cwd');
        mkdirSync(cwd);
        const codes = new Set<unknown>();
        const round = fc.asyncProperty(argumentsOf(name), fc.boolean(), async (args, configured) => {
          const call = [...(configured ? ['--config-file', it.conf] : []), ...args];
          // Whoever asks gets an answer.
          const run = await callInProcess(name, call, { home: it.home, cwd, stdin: 'n\n'.repeat(20) });
          expectHarmless(run, call);
          codes.add(run.code);
        });
        await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(100, 10_000) });
        expect(codes).toContain(2);
      },
      patienceMs(60_000),
    );
  }
});
